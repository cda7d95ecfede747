/** A worker alone in a memory control group, with its memory being sampled. */
import path from 'node:path';
import { type Exit, ManagedChild } from '../src/support/child';
import { until } from '../src/support/poll';
import { freePort } from '../src/support/ports';
import { type WorkerStatus, fetchStatus, isReady } from '../src/support/status';
import { burdockProgram } from '../src/support/temporal';
import type { MemoryGroup } from './cgroup';
import { Sampler } from './sampler';

export const WORKERS = ['burdock', 'node'] as const;
export type WorkerKind = (typeof WORKERS)[number];

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 60_000;

/** Options of the Node worker that are no defaults. */
export interface NodeOptions {
  maxCachedWorkflows?: number;
  workflowThreadPoolSize?: number;
  maxConcurrentWorkflowTaskExecutions?: number;
}

export interface WorkerCommand {
  kind: WorkerKind;
  bundle: string;
  taskQueue: string;
  address: string;
  /** Of `burdock worker`. */
  flags?: readonly string[];
  nodeOptions?: NodeOptions;
}

export interface WorkerSetup extends WorkerCommand {
  group: MemoryGroup;
}

/** Flags as `--name=value`; one that is given takes the place of a default of the same name. */
export function withDefaults(given: readonly string[], defaults: readonly string[]): string[] {
  const nameOf = (flag: string): string => flag.split('=')[0] ?? flag;
  const names = new Set(given.map(nameOf));
  return [...defaults.filter((flag) => !names.has(nameOf(flag))), ...given];
}

/** The program and its arguments. */
export function commandOf(
  { kind, bundle, taskQueue, address, flags = [], nodeOptions = {} }: WorkerCommand,
  statusAddress: string
): [string, string[]] {
  if (kind === 'node') {
    const script = path.join(__dirname, 'node-worker.js');
    return [process.execPath, [script, bundle, taskQueue, address, statusAddress, JSON.stringify(nodeOptions)]];
  }
  const fixed = { bundle, 'task-queue': taskQueue, address, 'status-addr': statusAddress };
  const given = Object.entries(fixed).flatMap(([name, value]) => [`--${name}`, value]);
  return [burdockProgram(), ['worker', ...given, ...flags]];
}

export class ConfinedWorker {
  readonly sampler: Sampler;

  private constructor(
    readonly child: ManagedChild,
    readonly statusAddress: string,
    group: MemoryGroup
  ) {
    this.sampler = new Sampler(child.pid, group, statusAddress);
  }

  /** Starts the worker and waits until it is ready, or until it has ended, which is no error here. */
  static async start(setup: WorkerSetup): Promise<ConfinedWorker> {
    const statusAddress = `127.0.0.1:${await freePort()}`;
    const { program, args } = setup.group.command(...commandOf(setup, statusAddress));
    const child = new ManagedChild(setup.kind, program, args);
    const worker = new ConfinedWorker(child, statusAddress, setup.group);
    const ready = async (): Promise<true | undefined> =>
      !child.isRunning || (await isReady(statusAddress)) ? true : undefined;
    try {
      await until(`${setup.kind} to be ready`, START_TIMEOUT_MS, ready);
    } catch (cause) {
      await worker.end();
      throw new Error(`${String(cause)}\n${child.tail()}`, { cause });
    }
    return worker;
  }

  get isRunning(): boolean {
    return this.child.isRunning;
  }

  status(): Promise<WorkerStatus> {
    return fetchStatus(this.statusAddress);
  }

  /** The text of `/metrics`, empty when the worker does not answer. */
  async metrics(): Promise<string> {
    const asked = fetch(`http://${this.statusAddress}/metrics`, { signal: AbortSignal.timeout(5_000) });
    return asked.then((response) => response.text()).catch(() => '');
  }

  /** Ends the worker, by force if it takes too long; the answer is how it ended, by itself or so. */
  async end(): Promise<Exit> {
    return this.child.stop('SIGTERM', STOP_TIMEOUT_MS).catch(() => this.child.exited);
  }
}

/** Takes folders of this machine out of a text that is kept. */
export function withoutPaths(text: string): string {
  return text.replaceAll(/(?:\/[\w.@+-]+)+\/([\w.@+-]+)/g, '$1');
}

const LAST_LINES = 8;
const LINE_CHARS = 300;

/** What a worker said last before it ended. */
export function lastLinesOf(child: ManagedChild): string[] {
  const lines = child
    .tail()
    .split('\n')
    .filter((line) => line !== '');
  return lines.slice(-LAST_LINES).map((line) => withoutPaths(line).slice(0, LINE_CHARS));
}

/** The sum of all samples of a metric in the Prometheus text, whatever its prefix or suffix; null if there is none. */
export function sumOfMetric(text: string, name: string): number | null {
  const lines = text.split('\n').filter((line) => new RegExp(`^\\w*${name}(?:_total)?[{ ]`).test(line));
  return lines.length === 0 ? null : lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
