// A dev server and workers for measurements: started on free loopback ports, ended by their own process ids.
import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const PROBE_PAUSE_MS = 200;
const STARTED_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 20_000;

/** A TCP port on the loopback interface that was free a moment ago. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Asks `probe` until it answers something other than undefined. */
export async function until(what, timeoutMs, probe) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`gave up after ${timeoutMs} ms waiting for ${what}`);
    await delay(PROBE_PAUSE_MS);
  }
}

const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
])
  process.once(signal, () => process.exit(code));

/** A started program; `bornMs` is the moment just before its start on the clock of `performance.now()`. */
export class Child {
  constructor(program, args) {
    this.name = program;
    this.bornMs = performance.now();
    this.process = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    running.add(this.process);
    this.lastLines = [];
    this.exited = new Promise((resolve, reject) => {
      this.process.once('error', reject);
      this.process.once('close', (code, signal) => {
        running.delete(this.process);
        resolve(code ?? signal);
      });
    });
    this.exited.catch(() => undefined);
    this.stderr = createInterface({ input: this.process.stderr });
    this.stderr.on('line', (line) => {
      this.lastLines = [...this.lastLines.slice(-19), line];
    });
  }

  /** Milliseconds from the start to the first line of standard error that `isIt` accepts. */
  async firstLine(isIt) {
    const seen = new Promise((resolve) => {
      const listener = (line) => {
        if (!isIt(line)) return;
        this.stderr.off('line', listener);
        resolve(performance.now() - this.bornMs);
      };
      this.stderr.on('line', listener);
    });
    const ended = this.exited.then((how) => Promise.reject(new Error(this.obituary(how))));
    const late = delay(STARTED_WITHIN_MS, undefined, { ref: false }).then(() => {
      throw new Error(`${this.name} did not start in time\n${this.lastLines.join('\n')}`);
    });
    return Promise.race([seen, ended, late]);
  }

  /** Ends the process by SIGTERM; anything but exit code 0 is an error. */
  async stop() {
    this.process.kill('SIGTERM');
    const late = delay(STOPPED_WITHIN_MS, 'no exit in time', { ref: false });
    const how = await Promise.race([this.exited, late]);
    if (how !== 0) throw new Error(this.obituary(how));
  }

  obituary(how) {
    return `${this.name} ended with ${how}\n${this.lastLines.join('\n')}`;
  }
}

/** A dev server that answers; resolves to its address and process. */
export async function startServer(temporal) {
  const address = `127.0.0.1:${await freePort()}`;
  const port = address.split(':')[1];
  const flags = ['--headless', '--ip', '127.0.0.1', '--port', port, '--log-level', 'error'];
  const child = new Child(temporal, ['server', 'start-dev', ...flags]);
  await until('the Temporal dev server', STARTED_WITHIN_MS, () => {
    const asked = spawnSync(temporal, [
      'operator',
      'namespace',
      'describe',
      '--namespace',
      'default',
      '--address',
      address,
    ]);
    return asked.status === 0 ? true : undefined;
  });
  return { address, child };
}

/** A worker that polls: its process, its status address, and how long it took from its start to its first poll. */
export async function startWorker(burdock, bundle, address) {
  const statusAddress = `127.0.0.1:${await freePort()}`;
  const flags = {
    bundle,
    address,
    'status-addr': statusAddress,
    'task-queue': 'burdock-measure',
    'log-format': 'json',
  };
  const child = new Child(burdock, [
    'worker',
    ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
  ]);
  const firstPollMs = await child.firstLine((line) => line.includes('"message":"polling"'));
  const ready = await until('/ready', STARTED_WITHIN_MS, async () => {
    const answer = await fetch(`http://${statusAddress}/ready`);
    return answer.ok ? true : undefined;
  });
  return { child, statusAddress, firstPollMs, ready };
}

export async function fetchStatus(statusAddress) {
  const answer = await fetch(`http://${statusAddress}/status`);
  if (!answer.ok) throw new Error(`${statusAddress}/status answered ${answer.status}`);
  return answer.json();
}
