/** A codec written in TypeScript as Temporal's encryption sample describes it, and a server for the remote protocol. */
import { webcrypto } from 'node:crypto';
import { type IncomingMessage, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';

const ENCRYPTED = 'binary/encrypted';
const IV_BYTES = 12;

const { Payload: PayloadMessage } = temporal.api.common.v1;
const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();

/** AES-GCM by WebCrypto: the IV, then the ciphertext of the encoded payload with its tag. */
export class WebCryptoCodec implements PayloadCodec {
  private constructor(
    private readonly keyId: string,
    private readonly key: webcrypto.CryptoKey
  ) {}

  static async create(keyId: string, keyBytes: Uint8Array): Promise<WebCryptoCodec> {
    const key = await webcrypto.subtle.importKey('raw', keyBytes, { name: 'AES-GCM' }, false, ['encrypt', 'decrypt']);
    return new WebCryptoCodec(keyId, key);
  }

  encode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.all(payloads.map((payload) => this.encrypt(payload)));
  }

  decode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.all(payloads.map((payload) => this.decrypt(payload)));
  }

  private async encrypt(payload: Payload): Promise<Payload> {
    const iv = webcrypto.getRandomValues(new Uint8Array(IV_BYTES));
    const plain = PayloadMessage.encode(payload).finish();
    const cipher = await webcrypto.subtle.encrypt({ name: 'AES-GCM', iv }, this.key, plain);
    return {
      metadata: { encoding: Buffer.from(ENCRYPTED), 'encryption-key-id': Buffer.from(this.keyId) },
      data: Buffer.concat([iv, Buffer.from(cipher)]),
    };
  }

  private async decrypt(payload: Payload): Promise<Payload> {
    if (text(payload.metadata?.['encoding']) !== ENCRYPTED) return payload;
    const keyId = text(payload.metadata?.['encryption-key-id']);
    if (keyId !== this.keyId) throw new Error(`no key ${keyId}`);
    const data = payload.data ?? new Uint8Array();
    const iv = data.subarray(0, IV_BYTES);
    const plain = await webcrypto.subtle.decrypt({ name: 'AES-GCM', iv }, this.key, data.subarray(IV_BYTES));
    return PayloadMessage.decode(new Uint8Array(plain)) as Payload;
  }
}

/** How a server treats requests to one method. */
export type Manner = 'answers' | 'fails' | 'hangs' | 'adds one';

interface JsonPayload {
  metadata?: Record<string, string>;
  data?: string;
}

/** A server of the remote codec protocol on a free port of this machine. */
export class CodecServer {
  readonly manner: Record<'encode' | 'decode', Manner> = { encode: 'answers', decode: 'answers' };
  /** The values of `X-Namespace` and `Authorization` that came. */
  readonly seen = new Set<string>();
  requests = 0;

  private constructor(
    private readonly server: Server,
    private readonly codec: PayloadCodec
  ) {}

  static async start(codec: PayloadCodec): Promise<CodecServer> {
    const server = createServer();
    const codecServer = new CodecServer(server, codec);
    server.on('request', (request, response) => {
      codecServer.answer(request).then(
        ({ status, body }) => response.writeHead(status, { 'content-type': 'application/json' }).end(body),
        (error: unknown) => response.writeHead(400).end(String(error))
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return codecServer;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage): Promise<{ status: number; body: string }> {
    this.requests += 1;
    this.seen.add(`${request.headers['x-namespace']} ${request.headers.authorization}`);
    const method = request.url?.split('/').pop();
    if (request.method !== 'POST' || (method !== 'encode' && method !== 'decode')) return { status: 404, body: '' };
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const manner = this.manner[method];
    if (manner === 'fails') return { status: 500, body: 'the codec fails on purpose' };
    if (manner === 'hangs') return new Promise(() => undefined);
    const { payloads } = JSON.parse(Buffer.concat(chunks).toString()) as { payloads: JsonPayload[] };
    const changed = await this.codec[method](payloads.map(fromJson));
    const extra = manner === 'adds one' ? changed.slice(0, 1) : [];
    return { status: 200, body: JSON.stringify({ payloads: [...changed, ...extra].map(toJson) }) };
  }
}

function fromJson({ metadata, data }: JsonPayload): Payload {
  const entries = Object.entries(metadata ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64')] as const);
  return { metadata: Object.fromEntries(entries), data: Buffer.from(data ?? '', 'base64') };
}

function toJson({ metadata, data }: Payload): JsonPayload {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const entries = Object.entries(metadata ?? {}).map(([key, value]) => [key, base64(value)] as const);
  return { metadata: Object.fromEntries(entries), data: base64(data ?? new Uint8Array()) };
}
