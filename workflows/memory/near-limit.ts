/** Runs that fill the memory of an isolate in each of the ways of `leaps.ts`, one after the other, among healthy runs that must not notice. */
import { randomUUID } from 'node:crypto';
import { bundleOf } from './bundles';
import { MemoryGroup } from './cgroup';
import { HEALTHY_TYPES, HealthyRun } from './healthy';
import { type OffenceOutcome, commit, leapOffences } from './offences';
import type { Peaks } from './sampler';
import { type Machine, type Surroundings, machine } from './surroundings';
import { sizeName } from './units';
import { ConfinedWorker, lastLinesOf, withDefaults } from './worker';

/** Enough that each isolate has several: new runs go where the fewest are. */
const NEIGHBOURS = 8;
const EVENT_TIMEOUT_MS = 90_000;
/** The memory has to be full before the watchdog is at its deadline. */
const DEFAULT_FLAGS = ['--workflow-timeout=60s'];

export interface NearLimitOptions {
  events: number;
  limitBytes: number;
  flags: readonly string[];
}

export interface NearLimitEvent extends OffenceOutcome {
  /** Why a neighbour did not answer with its unchanged state; null if all did. */
  neighbours: string | null;
  workerUp: boolean;
  oomKills: number;
  rssBytes: number | null;
}

export interface NearLimitResult {
  kind: 'near-limit';
  machine: Machine;
  options: NearLimitOptions;
  events: NearLimitEvent[];
  /** Troubles of the neighbours at the very end, when their results are compared. */
  lost: string[];
  tookMs: number;
  exit: { code: number | null; signal: string | null };
  /** The last lines of a worker that ended by itself. */
  lastLines: string[];
  peaks: Peaks;
}

/** Pokes all neighbours; the answer is the first trouble. */
async function ask(neighbours: readonly HealthyRun[], amount: number): Promise<string | null> {
  const answers = await Promise.allSettled(neighbours.map((run) => run.poke(amount)));
  const failed = answers.find((answer) => answer.status === 'rejected');
  return failed ? String(failed.reason) : null;
}

export async function runNearLimit(
  options: NearLimitOptions,
  around: Surroundings,
  observe: (event: NearLimitEvent, at: number) => void = () => undefined
): Promise<NearLimitResult> {
  const { address, client } = around;
  const flags = withDefaults(options.flags, DEFAULT_FLAGS);
  const { file: bundle } = await bundleOf('mixed');
  const ground = await machine();
  const group = MemoryGroup.create(options.limitBytes);
  const taskQueue = `near-limit-${randomUUID()}`;
  let worker: ConfinedWorker | undefined;
  try {
    const began = Date.now();
    const up = (worker = await ConfinedWorker.start({ kind: 'burdock', bundle, taskQueue, address, group, flags }));
    const place = { client, taskQueue, gone: up.child.exited };
    const neighbours = await Promise.all(
      Array.from({ length: NEIGHBOURS }, (_, n) => HealthyRun.start(place, HEALTHY_TYPES[n % 2] ?? 'tiny', n))
    );
    const before = await ask(neighbours, 1);
    if (before !== null) throw new Error(`The neighbours do not answer before anything has happened: ${before}`);
    const events: NearLimitEvent[] = [];
    while (events.length < options.events && up.isRunning) {
      const offence = leapOffences[events.length % leapOffences.length];
      if (offence === undefined) break;
      const outcome = await commit(client, taskQueue, offence, () => up.isRunning, EVENT_TIMEOUT_MS);
      const silent = up.isRunning ? await ask(neighbours, events.length) : 'the worker is gone';
      const status = await up.status().catch(() => undefined);
      const { oomKills } = group.read();
      const event = { ...outcome, neighbours: silent, workerUp: up.isRunning, oomKills, rssBytes: status?.rssBytes ?? null };
      events.push(event);
      observe(event, events.length);
    }
    const ends = up.isRunning ? await Promise.allSettled(neighbours.map((run) => run.finish())) : [];
    const lost = ends.flatMap((end) => (end.status === 'rejected' ? [String(end.reason)] : []));
    const bySelf = !up.isRunning;
    const { code, signal } = await up.end();
    const peaks = up.sampler.stop();
    const lastLines = bySelf ? lastLinesOf(up.child) : [];
    const tookMs = Date.now() - began;
    return { kind: 'near-limit', machine: ground, options, events, lost, tookMs, exit: { code, signal }, lastLines, peaks };
  } finally {
    await worker?.end();
    worker?.sampler.stop();
    await group.close();
  }
}

/** Whether the event was contained, conclusively. */
export function isContained({ verdict, neighbours, workerUp, oomKills }: NearLimitEvent): boolean {
  return verdict === 'contained' && neighbours === null && workerUp && oomKills === 0;
}

export function nearLimitTroubles({ options, events, lost, exit, peaks }: NearLimitResult): string[] {
  const bad = events.filter((event) => !isContained(event));
  const kinds = new Set(bad.map(({ how, verdict, neighbours, message }) => `${how}: ${verdict}, message ${JSON.stringify(message)}, neighbours ${neighbours ?? 'well'}`));
  const points: [boolean, string][] = [
    [events.length === options.events, `only ${events.length} of ${options.events} events, then the worker was gone`],
    [bad.length === 0, `${bad.length} of ${events.length} events not contained:\n    ${[...kinds].join('\n    ')}`],
    [lost.length === 0, `neighbours lost: ${lost.join('; ')}`],
    [exit.code === 0, `the worker ended with ${exit.code ?? exit.signal}`],
    [peaks.oomKills === 0, `oom_kill is ${peaks.oomKills} at ${sizeName(options.limitBytes)}`],
  ];
  return points.flatMap(([holds, trouble]) => (holds ? [] : [trouble]));
}
