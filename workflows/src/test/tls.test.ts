/** A worker behind TLS: a proxy on loopback ends it in front of the real dev server and asks for a client certificate. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import tls from 'node:tls';
import { ManagedChild } from '../support/child';
import { until } from '../support/poll';
import { freePort } from '../support/ports';
import { isReady } from '../support/status';
import { burdockProgram } from '../support/temporal';
import { TEST_BUNDLE } from '../tools/bundles';
import { add, counter, finish } from '../workflows/testing';
import { PATIENCE_MS, flavour, useSuite } from './harness';

/** The name in the server's certificate; what the worker connects to is an address. */
const SERVER_NAME = 'temporal.test';
const suite = useSuite();

function openssl(folder: string, ...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
}

/** A CA, a server and a client that it vouches for, in `folder`. */
function makeCertificates(folder: string): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const ca = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign'];
  openssl(
    folder,
    'req',
    '-x509',
    ...key,
    '-days',
    '2',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=ca',
    ...ca
  );
  const extensions = `subjectAltName=DNS:${SERVER_NAME}\nbasicConstraints=CA:FALSE\n`;
  writeFileSync(path.join(folder, 'extensions'), extensions);
  for (const name of ['server', 'client']) {
    openssl(folder, 'req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'extensions'];
    openssl(folder, 'x509', '-req', '-in', `${name}.csr`, ...signer, '-days', '2', '-out', `${name}.pem`);
  }
}

/** Forwards what comes in by TLS to the server at `address`; returns its own address. */
async function startProxy(folder: string, address: string): Promise<{ server: tls.Server; address: string }> {
  const [host, port] = address.split(':');
  const read = (name: string): Buffer => readFileSync(path.join(folder, name));
  const options = { cert: read('server.pem'), key: read('server.key'), ca: read('ca.pem'), ALPNProtocols: ['h2'] };
  const server = tls.createServer({ ...options, requestCert: true, rejectUnauthorized: true }, (socket) => {
    const upstream = net.connect(Number(port), host);
    socket.pipe(upstream).pipe(socket);
    socket.on('error', () => upstream.destroy());
    upstream.on('error', () => socket.destroy());
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('a server behind TLS', { skip: flavour === 'node' && 'the flags are those of burdock' }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'burdock-tls-'));
  let proxy: { server: tls.Server; address: string };
  before(async () => {
    makeCertificates(folder);
    await suite.open();
    proxy = await startProxy(folder, suite.address);
  });
  after(() => {
    proxy.server.close();
    rmSync(folder, { recursive: true });
  });

  const file = (name: string): string => path.join(folder, name);
  const startWorker = (statusAddress: string, extra: string[]): ManagedChild => {
    const flags = ['--bundle', TEST_BUNDLE, '--task-queue', suite.taskQueue, '--address', `https://${proxy.address}`];
    const trust = ['--tls-ca-path', file('ca.pem'), '--tls-server-name', SERVER_NAME];
    const rest = ['--status-addr', statusAddress, '--connect-timeout', '3s'];
    return new ManagedChild('burdock', burdockProgram(), ['worker', ...flags, ...trust, ...rest, ...extra]);
  };

  it('is worked for with a CA, a server name and a client certificate', async () => {
    const statusAddress = `127.0.0.1:${await freePort()}`;
    const worker = startWorker(statusAddress, [
      '--tls-cert-path',
      file('client.pem'),
      '--tls-key-path',
      file('client.key'),
    ]);
    await until('the worker to be ready', PATIENCE_MS, async () => {
      assert.ok(worker.isRunning, worker.tail());
      return (await isReady(statusAddress).catch(() => false)) || undefined;
    });
    const handle = await suite.start(counter, [1]);
    await handle.signal(add, 2);
    await handle.signal(finish);
    assert.equal((await handle.result()).sum, 3);
    worker.signal('SIGTERM');
    assert.deepEqual(await worker.wait(PATIENCE_MS), { code: 0, signal: null });
  });

  it('turns a worker without a client certificate away', async () => {
    const worker = startWorker('off', []);
    assert.deepEqual(await worker.wait(PATIENCE_MS), { code: 69, signal: null }, worker.tail());
    assert.match(worker.stderr, /did not answer within 3s/);
  });
});
