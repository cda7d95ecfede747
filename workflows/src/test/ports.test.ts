/** Ports that programs are given: no two get the same, and no connection takes one meanwhile. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { it } from 'node:test';
import { ManagedChild, endChildrenOnSignals } from '../support/child';
import { freePort } from '../support/ports';

const PATIENCE_MS = 60_000;
const PROCESSES = 3;
/** Enough of them that two processes which picked at random would meet. */
const PORTS = 400;
const MODULE = require.resolve('../support/ports');
/** Prints its ports and keeps them until it is ended. */
const TAKES_PORTS = `
  const { freePort } = require(${JSON.stringify(MODULE)});
  (async () => {
    const ports = [];
    while (ports.length < ${PORTS}) ports.push(await freePort());
    console.log(ports.join(' '));
    setInterval(() => undefined, 1 << 30);
  })();
`;

endChildrenOnSignals();

it('no two processes get the same port', async () => {
  const children = Array.from(
    { length: PROCESSES },
    (_, n) => new ManagedChild(`process ${n}`, process.execPath, ['-e', TAKES_PORTS])
  );
  const lines = await Promise.all(children.map((child) => child.firstLine(PATIENCE_MS)));
  await Promise.all(children.map((child) => child.stop('SIGKILL')));
  const ports = lines.flatMap((line) => line.split(' '));
  assert.equal(ports.length, PROCESSES * PORTS);
  assert.equal(new Set(ports).size, ports.length);
});

it('a port can be listened on, and lies below those that the kernel gives to connections', async () => {
  const port = await freePort();
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  await new Promise((resolve) => server.close(resolve));
  const [start = 0] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s/).map(Number);
  // Where the kernel may use nearly all ports there is none below.
  assert.ok(port < start || start < 11_000, `${port}, and connections begin at ${start}`);
});
