/**
 * Starts real servers and real workers for the tests. The worker is `burdock`, or with `BURDOCK_TEST_WORKER=node` the
 * official Node worker behind the same flags, which shows whether a case itself is right.
 */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { after, before } from 'node:test';
import type { Client, Workflow, WorkflowHandleWithFirstExecutionRunId, WorkflowStartOptions } from '@temporalio/client';
import { ManagedChild, endChildrenOnSignals } from '../support/child';
import { until } from '../support/poll';
import { freePort } from '../support/ports';
import { type WorkerStatus, fetchStatus, isReady, whyNotReady } from '../support/status';
import { burdockProgram, connect, temporalProgram } from '../support/temporal';
import { DIST_DIR, TEST_BUNDLE } from '../tools/bundles';
import { type HistoryEvent, historyOf } from './history';

export type Flavour = 'burdock' | 'node';

/** The worker under test. */
export const flavour: Flavour = process.env['BURDOCK_TEST_WORKER'] === 'node' ? 'node' : 'burdock';

// Programs that are tested get their settings from the test alone: not from this shell, not from the user's folders.
for (const name of Object.keys(process.env)) if (name.startsWith('TEMPORAL_')) delete process.env[name];
process.env['XDG_CONFIG_HOME'] = path.join(DIST_DIR, 'no-settings');
/** The dev server remembers its cluster's id below its home, whatever `XDG_CONFIG_HOME` is. */
const SERVER_HOME = path.join(DIST_DIR, 'server-home');

/** Search attributes of `workflows/testing/attributes.ts`. */
const SEARCH_ATTRIBUTES = ['BurdockStage=Keyword', 'BurdockScore=Int'];
const SERVER_START_MS = 60_000;
const WORKER_START_MS = 60_000;
/** Longest time that a test lets anything take; a hang is a failure. */
export const PATIENCE_MS = 60_000;

/** What a dev server has besides the search attributes of the tests. */
interface ServerOptions {
  /** One that `freePort` gave; absent for a new one. */
  port?: number;
  /** As `NAME=TYPE`. */
  searchAttributes?: readonly string[];
  /** Further flags of `temporal server start-dev`. */
  flags?: readonly string[];
}

/** The server takes further ports that it says nothing about, and that something else may take before it listens on them. */
const SERVER_STARTS_MAX = 3;

/** Starts a dev server of its own on a free port. */
export async function spawnServer(options: ServerOptions = {}): Promise<{ address: string; child: ManagedChild }> {
  for (let start = 1; ; start += 1) {
    try {
      return await spawnServerOnce(options);
    } catch (err) {
      if (start === SERVER_STARTS_MAX) throw err;
    }
  }
}

async function spawnServerOnce(options: ServerOptions): Promise<{ address: string; child: ManagedChild }> {
  const port = options.port ?? (await freePort());
  const names = [...SEARCH_ATTRIBUTES, ...(options.searchAttributes ?? [])];
  const attributes = names.flatMap((attribute) => ['--search-attribute', attribute]);
  const fixed = ['--headless', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error'];
  const flags = [...fixed, ...attributes, ...(options.flags ?? [])];
  const child = new ManagedChild('the Temporal dev server', temporalProgram(), ['server', 'start-dev', ...flags], {
    env: { HOME: SERVER_HOME },
  });
  const address = `127.0.0.1:${port}`;
  const ended = child.exited.then(() => Promise.reject(new Error(`${child.name} ended at once.\n${child.tail()}`)));
  const ready = connect(address, 'default', SERVER_START_MS).then((client) => client.connection.close());
  ended.catch(() => undefined);
  try {
    await Promise.race([ready, ended]);
  } catch (cause) {
    // The next try may get the same port.
    await child.stop('SIGKILL').catch(() => undefined);
    throw new Error(`${String(cause)} Name the Temporal CLI by BURDOCK_TEMPORAL_CLI.`, { cause });
  }
  return { address, child };
}

export interface WorkerOptions {
  taskQueue: string;
  /** Absent for the tests' bundle, null for no bundle. */
  bundle?: string | null;
  flavour?: Flavour;
  maxCachedWorkflows?: number;
  isolates?: number;
  workflowSlots?: number;
  activitySlots?: number;
  /** With its unit, such as `1s`. */
  workflowTimeout?: string;
  /** With its unit, such as `96MiB`; the Node worker has no such limit. */
  maxHeapPerIsolate?: string;
  shutdownGraceTime?: string;
  /** The SQLite file of the activities; absent for a store in memory. */
  activityStore?: string;
  /** Whether the worker hosts the Nexus service of the tests; only the Node worker can. */
  nexus?: boolean;
  /** A module with further activities and Nexus services, for the Node worker. */
  services?: string;
  /** Another program with the command line of `burdock worker`. */
  program?: string;
  /** Started it is once `/ready` answers 503 with this code, for a worker that takes no tasks from the first moment on. */
  notReadyFor?: string;
  /** More variables of the worker's environment. */
  env?: Record<string, string>;
  /** More flags, of `burdock worker` or of the Node worker's own. */
  extraFlags?: readonly string[];
}

/** The options as flags of `burdock worker`. */
function flagsOf(options: WorkerOptions, address: string, statusAddress: string): string[] {
  const bundle = options.bundle === undefined ? TEST_BUNDLE : options.bundle;
  const given: [string, string | number | undefined | null][] = [
    ['--bundle', bundle],
    ['--task-queue', options.taskQueue],
    ['--address', address],
    ['--namespace', 'default'],
    ['--status-addr', statusAddress],
    ['--max-cached-workflows', options.maxCachedWorkflows],
    ['--isolates', options.isolates],
    ['--workflow-slots', options.workflowSlots],
    ['--activity-slots', options.activitySlots],
    ['--workflow-timeout', options.workflowTimeout],
    ['--max-heap-per-isolate', options.maxHeapPerIsolate],
    ['--shutdown-grace-time', options.shutdownGraceTime],
    ['--activity-store', options.activityStore],
    ['--services', options.services],
  ];
  const flags = given.flatMap(([flag, value]) => (value === undefined || value === null ? [] : [flag, String(value)]));
  return [...flags, ...(options.nexus ? ['--nexus'] : []), ...(options.extraFlags ?? [])];
}

/** A running worker process. */
export class TestWorker {
  private constructor(
    readonly child: ManagedChild,
    readonly statusAddress: string
  ) {}

  /** Starts a worker and waits until it is ready. */
  static async start(address: string, options: WorkerOptions): Promise<TestWorker> {
    const statusAddress = `127.0.0.1:${await freePort()}`;
    const flags = flagsOf(options, address, statusAddress);
    const kind = options.flavour ?? flavour;
    const nodeWorker = path.join(__dirname, 'node-worker/main.js');
    const child =
      kind === 'node'
        ? new ManagedChild('the Node worker', process.execPath, [nodeWorker, ...flags], { env: options.env ?? {} })
        : new ManagedChild('burdock', options.program ?? burdockProgram(), ['worker', ...flags], {
            env: options.env ?? {},
          });
    const worker = new TestWorker(child, statusAddress);
    const ready = until(`${child.name} to be ready`, WORKER_START_MS, async () => {
      if (!child.isRunning) return 'over';
      const isStarted = (await whyNotReady(statusAddress)) === options.notReadyFor;
      return isStarted ? 'ready' : undefined;
    });
    if ((await ready.catch(() => 'late')) === 'ready') return worker;
    child.signal('SIGKILL');
    throw new Error(`${child.name} did not become ready.\n${child.tail()}`);
  }

  get output(): string {
    return this.child.output;
  }

  status(): Promise<WorkerStatus> {
    return fetchStatus(this.statusAddress);
  }

  /** Waits until the worker's status satisfies `wanted`. */
  statusWhere(what: string, wanted: (status: WorkerStatus) => boolean): Promise<WorkerStatus> {
    return until(what, PATIENCE_MS, async () => {
      const status = await this.status();
      return wanted(status) ? status : undefined;
    });
  }

  /** The text of `/metrics`. */
  async metrics(): Promise<string> {
    return (await fetch(`http://${this.statusAddress}/metrics`)).text();
  }

  /** Waits until the worker says that it takes no more work, or until its status server is gone. */
  async notReady(): Promise<void> {
    await until(`${this.child.name} to stop taking work`, PATIENCE_MS, async () =>
      (await isReady(this.statusAddress).catch(() => false)) ? undefined : true
    );
  }

  /** Ends the worker by SIGTERM; anything but exit code 0 is an error. */
  async stop(): Promise<void> {
    const { code, signal } = await this.child.stop('SIGTERM');
    if (code !== 0) throw new Error(`${this.child.name} ended with ${code ?? signal}.\n${this.child.tail()}`);
  }

  async kill(): Promise<void> {
    await this.child.stop('SIGKILL');
  }
}

/** One test file's server, client, and task queue; workers started through it end with the file. */
export class Suite {
  readonly taskQueue = `burdock-test-${randomUUID()}`;
  address = '';
  client!: Client;
  private server: ManagedChild | undefined;
  private opened: Promise<void> | undefined;
  private readonly workers: TestWorker[] = [];

  /**
   * Uses the server of `BURDOCK_TEST_ADDRESS`, or starts one; once, however often it is called. The hooks of a file run
   * side by side, so each that needs the server waits here.
   */
  open(): Promise<void> {
    this.opened ??= this.openOnce();
    return this.opened;
  }

  private async openOnce(): Promise<void> {
    const address = process.env['BURDOCK_TEST_ADDRESS'];
    if (address) {
      this.address = address;
    } else {
      const { address: started, child } = await spawnServer();
      this.address = started;
      this.server = child;
    }
    this.client = await connect(this.address);
  }

  async close(): Promise<void> {
    const ends = await Promise.allSettled(this.workers.map((worker) => worker.child.isRunning && worker.stop()));
    await this.client?.connection.close();
    await this.server?.stop('SIGTERM').catch(() => undefined);
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async startWorker(options: Partial<WorkerOptions> = {}): Promise<TestWorker> {
    await this.open();
    const worker = await TestWorker.start(this.address, { taskQueue: this.taskQueue, ...options });
    this.workers.push(worker);
    return worker;
  }

  /** Starts a workflow under an id made of its type. */
  async start<W extends Workflow>(
    workflow: W,
    args: Parameters<W>,
    options: Partial<WorkflowStartOptions> = {}
  ): Promise<WorkflowHandleWithFirstExecutionRunId<W>> {
    const defaults = {
      taskQueue: this.taskQueue,
      workflowId: `${workflow.name}-${randomUUID()}`,
      workflowExecutionTimeout: '10 minutes',
    };
    const start = { ...defaults, ...options, args } as unknown as WorkflowStartOptions<W>;
    await this.open();
    return this.client.workflow.start(workflow, start);
  }

  /** Runs a workflow to its end; returns the result and the history. */
  async execute<W extends Workflow>(
    workflow: W,
    ...args: Parameters<W>
  ): Promise<{
    result: Awaited<ReturnType<W>>;
    events: HistoryEvent[];
    handle: WorkflowHandleWithFirstExecutionRunId<W>;
  }> {
    const handle = await this.start(workflow, args);
    const result = (await handle.result()) as Awaited<ReturnType<W>>;
    return { result, events: await historyOf(handle), handle };
  }
}

/** A suite that opens before the file's first test and closes after its last one. */
export function useSuite(): Suite {
  endChildrenOnSignals();
  const suite = new Suite();
  before(() => suite.open());
  after(() => suite.close());
  return suite;
}
