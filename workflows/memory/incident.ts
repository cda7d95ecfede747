/** The incident: a burst of workflows, all at once, for a worker that is alone in a memory control group. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { concurrently } from '../src/support/concurrently';
import { type Bundle, type WORKFLOW_TYPES, bundleOf } from './bundles';
import { MemoryGroup } from './cgroup';
import type { Peaks, Sample } from './sampler';
import { type Machine, type Surroundings, machine } from './surroundings';
import { sizeName } from './units';
import { LANES, type Started, isWaiting, startRuns } from './waiting-runs';
import { ConfinedWorker, lastLinesOf, type WorkerKind, sumOfMetric, withoutPaths } from './worker';
import type { Outcome } from './workflows/contract';

const LOOK_EVERY_MS = 250;
const SWEEP_PAUSE_MS = 1_000;
/** The pause before a worker that died is started again, as an orchestrator would. */
const RESTART_PAUSE_MS = 1_000;
const POKE = 7;

export interface IncidentOptions {
  worker: WorkerKind;
  bundle: keyof typeof WORKFLOW_TYPES;
  workflows: number;
  limitBytes: number;
  /** How often the worker is started at most; once it is dead for good, what is not complete is lost. */
  lives: number;
  timeoutMs: number;
  flags: readonly string[];
}

/** One process of the worker, from its start to its end. */
export interface Life {
  /** Since the burst. Negative for one that was there before it. */
  startedAtMs: number;
  endedAtMs: number;
  /** How it ended: asked to by the driver at the end, or by itself. */
  ended: 'asked' | 'by itself';
  code: number | null;
  signal: string | null;
  /** What the worker says of its own limits when it starts. */
  firstLine: string;
  lastLines: string[];
  completedBy: number;
  peaks: Peaks;
  stickyCacheMisses: number | null;
  stickyCacheHits: number | null;
  forcedEvictions: number | null;
}

export interface IncidentResult {
  kind: 'incident';
  machine: Machine;
  options: IncidentOptions;
  bundle: Omit<Bundle, 'file'>;
  /** Workflows that reached their waiting state, while the worker lived. */
  waiting: number;
  completed: number;
  /** Completed with another result than the one that follows from the input. */
  wrong: number;
  burstMs: number;
  waitingMs: number | null;
  completedMs: number | null;
  peakRssBytes: number;
  oomKills: number;
  lives: Life[];
  samples: Sample[];
}

/** What the burst's driver knows while it runs. */
class Progress {
  readonly began = Date.now();
  waiting = 0;
  completed = 0;
  wrong = 0;
  waitingMs: number | null = null;
  completedMs: number | null = null;
  over = false;

  get elapsedMs(): number {
    return Date.now() - this.began;
  }
}

/**
 * Looks at all runs again and again until `isThere` holds for each, or until the progress is over and all were looked at
 * once more. Each run for which it holds is counted once.
 */
async function sweep(
  runs: readonly Started[],
  progress: Progress,
  isThere: (run: Started) => Promise<boolean>
): Promise<void> {
  let left = runs;
  for (;;) {
    const last = progress.over;
    const found = await concurrently(left, LANES, isThere);
    left = left.filter((_, n) => !found[n]);
    if (left.length === 0 || last) return;
    await delay(SWEEP_PAUSE_MS);
  }
}

async function countWaiting(run: Started, progress: Progress): Promise<boolean> {
  if (!(await isWaiting(run))) return false;
  progress.waiting += 1;
  return true;
}

async function isComplete({ handle, seed }: Started, progress: Progress): Promise<boolean> {
  const { status } = await handle.describe();
  if (status.name === 'RUNNING') return false;
  if (status.name !== 'COMPLETED') throw new Error(`${handle.workflowId} ended as ${status.name}.`);
  const outcome = (await handle.result()) as Outcome;
  progress.completed += 1;
  if (outcome.seed !== seed || outcome.pokes !== 1 || outcome.sum !== POKE) progress.wrong += 1;
  return true;
}

/** Starts all at once, lets them reach their waiting state, then pokes and finishes each. */
async function drive(client: Client, options: IncidentOptions, taskQueue: string, progress: Progress): Promise<number> {
  const runs = await startRuns(client, options.bundle, taskQueue, options.workflows);
  const burstMs = progress.elapsedMs;
  await sweep(runs, progress, (run) => countWaiting(run, progress));
  if (progress.over) return burstMs;
  progress.waitingMs = progress.elapsedMs;
  await concurrently(runs, LANES, async ({ handle }) => {
    await handle.signal('poke', POKE);
    await handle.signal('finish');
  });
  await sweep(runs, progress, (run) => isComplete(run, progress));
  if (progress.completed === runs.length) progress.completedMs = progress.elapsedMs;
  return burstMs;
}

/** What sdk-core counted; a counter appears with its first event. */
function cacheCounts(metrics: string): Pick<Life, 'stickyCacheMisses' | 'stickyCacheHits' | 'forcedEvictions'> {
  const counter = (name: string): number | null => (metrics === '' ? null : (sumOfMetric(metrics, name) ?? 0));
  return {
    stickyCacheMisses: counter('sticky_cache_miss'),
    stickyCacheHits: counter('sticky_cache_hit'),
    forcedEvictions: counter('sticky_cache_total_forced_eviction'),
  };
}

/** Keeps a worker alive in the group, as an orchestrator does, until the progress is over. */
async function keepAlive(
  first: ConfinedWorker,
  start: () => Promise<ConfinedWorker>,
  lives: number,
  progress: Progress
): Promise<{ ended: Life[]; samples: Sample[] }> {
  const ended: Life[] = [];
  const samples: Sample[] = [];
  let worker = first;
  let startedAtMs = 0;
  for (;;) {
    let metrics = '';
    let asked = false;
    while (worker.isRunning) {
      // The last answer before the end is what is known of a worker that was killed.
      metrics = (await worker.metrics()) || metrics;
      if (progress.over && worker.isRunning) {
        asked = true;
        await worker.end();
      } else await Promise.race([delay(LOOK_EVERY_MS), worker.child.exited]);
    }
    const { code, signal } = await worker.child.exited;
    const peaks = worker.sampler.stop();
    const offset = startedAtMs;
    samples.push(...worker.sampler.samples.map((sample) => ({ ...sample, atMs: sample.atMs + offset })));
    ended.push({
      startedAtMs,
      endedAtMs: progress.elapsedMs,
      ended: asked ? 'asked' : 'by itself',
      code,
      signal,
      firstLine: withoutPaths(worker.child.stdoutLines[0] ?? ''),
      lastLines: asked ? [] : lastLinesOf(worker.child),
      completedBy: progress.completed,
      peaks,
      ...cacheCounts(metrics),
    });
    if (asked || progress.over || ended.length >= lives) return { ended, samples };
    await delay(RESTART_PAUSE_MS);
    startedAtMs = progress.elapsedMs;
    worker = await start();
  }
}

/** Runs the incident once. What a worker does wrong is in the result; only the proof's own troubles are errors. */
export async function runIncident(options: IncidentOptions, around: Surroundings): Promise<IncidentResult> {
  const { file, ...bundle } = await bundleOf(options.bundle);
  const ground = await machine();
  const group = MemoryGroup.create(options.limitBytes);
  const taskQueue = `incident-${randomUUID()}`;
  const { worker: kind, flags } = options;
  const start = (): Promise<ConfinedWorker> =>
    ConfinedWorker.start({ kind, bundle: file, taskQueue, address: around.address, group, flags });
  let timer: NodeJS.Timeout | undefined;
  try {
    const first = await start();
    const progress = new Progress();
    const end = (): void => void (progress.over = true);
    timer = setTimeout(end, options.timeoutMs);
    const driving = drive(around.client, options, taskQueue, progress).finally(end);
    const living = keepAlive(first, start, options.lives, progress).finally(end);
    // Both are over before the group can go, whatever became of the other.
    await Promise.allSettled([driving, living]);
    const [burstMs, { ended, samples }] = [await driving, await living];
    const { waiting, completed, wrong, waitingMs, completedMs } = progress;
    const peakRssBytes = Math.max(...ended.map(({ peaks }) => peaks.peakRssBytes));
    const { oomKills } = group.read();
    const counts = { waiting, completed, wrong, burstMs, waitingMs, completedMs, peakRssBytes, oomKills };
    return { kind: 'incident', machine: ground, options, bundle, ...counts, lives: ended, samples };
  } finally {
    clearTimeout(timer);
    await group.close();
  }
}

/** What the issue asks of Burdock; each failing point as a sentence. */
export function incidentTroubles(result: IncidentResult): string[] {
  const { options, completed, wrong, oomKills, peakRssBytes, lives } = result;
  const spareBytes = 0.9 * options.limitBytes;
  const lasted = lives.length === 1 && lives[0]?.ended === 'asked' && lives[0].code === 0;
  const points: [boolean, string][] = [
    [oomKills === 0, `oom_kill is ${oomKills}`],
    [lasted, `the worker ended by itself: ${lives.map(({ code, signal }) => signal ?? code).join(', ')}`],
    [completed === options.workflows, `${completed} of ${options.workflows} workflows completed`],
    [wrong === 0, `${wrong} workflows completed with a wrong result`],
    [
      peakRssBytes > 0 && peakRssBytes <= spareBytes,
      `peak RSS is ${peakRssBytes} bytes, over 90 % of ${sizeName(options.limitBytes)}`,
    ],
  ];
  return points.flatMap(([holds, trouble]) => (holds ? [] : [trouble]));
}
