/** Servers that do not answer, and one that answers late. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from '../support/poll';
import { freePort } from '../support/ports';
import { isReady } from '../support/status';
import { TEST_BUNDLE } from '../tools/bundles';
import { EXIT, burdock, complaintOf, group, says, workerFlags } from './bad-input/command';
import { silentServer } from './bad-input/servers';
import { PATIENCE_MS, spawnServer, useSuite } from './harness';

/** sdk-core itself would wait for 30 s; `connect-timeout` counts. */
const SILENCE_MS = 15_000;

const suite = useSuite();

interface NotReady {
  status: number;
  body: { ready: boolean; reason: string; message: string };
}

/** What `/ready` says once the first attempt to connect has failed. */
function notReady(statusAddress: string): Promise<NotReady> {
  return until('/ready to name the server', PATIENCE_MS, async () => {
    const response = await fetch(`http://${statusAddress}/ready`);
    const body = (await response.json()) as NotReady['body'];
    return body.message?.includes('does not answer') ? { status: response.status, body } : undefined;
  });
}

/** The pauses that the log announces, in order. */
function pausesMs(log: string): number[] {
  const lines = log.split('\n').filter((line) => line.startsWith('{'));
  const events = lines.map((line) => JSON.parse(line) as { level: string; message: string; pause_ms?: number });
  return events.flatMap(({ level, message, pause_ms }) => {
    if (pause_ms === undefined) return [];
    assert.equal(level, 'WARN');
    says(message, 'does not answer', 'trying again');
    return [pause_ms];
  });
}

describe('a server', group, () => {
  it('that is not there is tried again with growing pauses, until connect-timeout', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const statusAddress = `127.0.0.1:${await freePort()}`;
    const flags = { bundle: TEST_BUNDLE, address, 'status-addr': statusAddress, 'connect-timeout': '3s' };
    const child = burdock(workerFlags(flags));
    const { status, body } = await notReady(statusAddress);
    assert.deepEqual({ status, ready: body.ready }, { status: 503, ready: false });
    says(body.message, address, 'Connection refused');

    const complaint = await complaintOf(child, EXIT.connect);
    says(complaint, address, 'did not answer within 3s', 'Connection refused', 'check `address`');
    // The last pause is what is left of the time.
    const growing = pausesMs(child.stderr).slice(0, -1);
    assert.ok(growing.length >= 2, child.tail());
    for (const [index, pause] of growing.slice(1).entries()) assert.ok(pause > (growing[index] ?? 0), String(growing));
  });

  it('that appears later is found', async () => {
    const port = await freePort();
    const address = `127.0.0.1:${port}`;
    const statusAddress = `127.0.0.1:${await freePort()}`;
    const flags = { bundle: TEST_BUNDLE, address, 'status-addr': statusAddress, 'connect-timeout': '60s' };
    const child = burdock(workerFlags(flags));
    assert.equal((await notReady(statusAddress)).status, 503);

    const { child: server } = await spawnServer({ port });
    const ready = until('the worker to be ready', PATIENCE_MS, async () => {
      if (!child.isRunning) return 'over';
      return (await isReady(statusAddress)) ? 'ready' : undefined;
    });
    assert.equal(await ready, 'ready', child.tail());
    assert.deepEqual(await child.stop('SIGTERM'), { code: EXIT.ok, signal: null });
    await server.stop('SIGTERM');
  });

  it('that listens and never answers costs connect-timeout, and no more', async () => {
    const address = await silentServer();
    const child = burdock(workerFlags({ bundle: TEST_BUNDLE, address, 'connect-timeout': '1s' }));
    const complaint = await complaintOf(child, EXIT.connect, SILENCE_MS);
    says(complaint, address, 'did not answer within 1s', 'check `address`');
  });

  it('that does not speak TLS although it should', async () => {
    const flags = { bundle: TEST_BUNDLE, address: suite.address, tls: 'true', 'connect-timeout': '1s' };
    const complaint = await complaintOf(burdock(workerFlags(flags)), EXIT.connect);
    says(complaint, suite.address, 'TLS', '`tls`');
  });

  it('that is not there keeps no signal waiting', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const child = burdock(workerFlags({ bundle: TEST_BUNDLE, address, 'connect-timeout': '60s' }));
    await child.sees(/does not answer/, PATIENCE_MS);
    assert.deepEqual(await child.stop('SIGTERM'), { code: EXIT.ok, signal: null });
  });
});
