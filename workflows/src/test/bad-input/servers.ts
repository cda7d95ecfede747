/** Loopback servers that are no Temporal server, or an unfriendly one. */
import { type IncomingHttpHeaders, type ServerHttp2Stream, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, type Server, createServer } from 'node:net';
import { after } from 'node:test';

const GRPC = { ':status': 200, 'content-type': 'application/grpc' } as const;
/** gRPC's framing of an empty message: not compressed, no bytes. */
const EMPTY_MESSAGE = Buffer.alloc(5);

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Listens, and says nothing. Returns the address. */
export function silentServer(): Promise<string> {
  return listening(createServer((socket) => socket.on('error', () => undefined)));
}

export interface Call {
  /** Such as `GetSystemInfo`. */
  method: string;
  authorization: string | undefined;
}

export interface GrpcServer {
  address: string;
  /** The calls so far. */
  calls: Call[];
}

/** Answers gRPC calls: `refuse` gives the status of a call, or undefined for an empty success. */
export async function grpcServer(refuse: (method: string) => number | undefined): Promise<GrpcServer> {
  const calls: Call[] = [];
  const server = createHttp2Server();
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => undefined);
    const method = String(headers[':path']).split('/').at(-1) ?? '';
    calls.push({ method, authorization: headers.authorization });
    const status = refuse(method);
    if (status !== undefined) {
      // What gRPC calls trailers-only.
      stream.respond({ ...GRPC, 'grpc-status': String(status), 'grpc-message': 'no entry' }, { endStream: true });
      return;
    }
    stream.respond(GRPC, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(EMPTY_MESSAGE);
  });
  return { address: await listening(server), calls };
}
