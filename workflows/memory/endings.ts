/** What it costs to end runs: many of them wait in the cache, without memory pressure, and all are told to return. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { ManagedChild } from '../src/support/child';
import { concurrently } from '../src/support/concurrently';
import { until } from '../src/support/poll';
import { freePort } from '../src/support/ports';
import { type BurdockStatus, fetchStatus, isReady } from '../src/support/status';
import { type Bundle, bundleOf } from './bundles';
import { sizesOf } from './sampler';
import { type Machine, type Surroundings, machine } from './surroundings';
import { LANES, type Started, isWaiting, startRuns } from './waiting-runs';
import { type NodeOptions, type WorkerKind, commandOf, lastLinesOf } from './worker';
import type { Outcome } from './workflows/contract';

const BUNDLE = 'w4';
const PATIENCE_MS = 300_000;
const LOOK_PAUSE_MS = 500;
/** Of the clock that `/proc/PID/stat` counts with, on every Linux. */
const MS_PER_TICK = 10;

export interface EndingsOptions {
  workflows: number;
  rounds: number;
  /** The pause at the end, in which a worker may tidy up. */
  restMs: number;
  flags: readonly string[];
  nodeOptions: NodeOptions;
}

/** What one process of a worker took. */
export interface EndingsSide {
  /** User and system time of the process: until all runs wait, until all have ended and left the cache, and in the rest after it. */
  startCpuMs: number;
  endCpuMs: number;
  restCpuMs: number;
  startTookMs: number;
  endTookMs: number;
  rssWaitingBytes: number;
  rssRestedBytes: number;
  /** While all waited. */
  cached: number;
  wrong: number;
  /** What Burdock says that its isolates spent while runs ended: in activations, and in measuring what runs cost. */
  isolates: { activationMs: number; measuringMs: number } | null;
}

export interface EndingsResult {
  kind: 'endings';
  machine: Machine;
  options: EndingsOptions;
  bundle: Omit<Bundle, 'file'>;
  rounds: Record<WorkerKind, EndingsSide>[];
}

/** User and system time from the text of `/proc/PID/stat`; the name in parentheses may hold anything. */
export function cpuMsOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return MS_PER_TICK * (Number(fields[11]) + Number(fields[12]));
}

/** What is read of a process at one moment. */
interface Moment {
  atMs: number;
  cpuMs: number;
  rssBytes: number;
}

async function momentOf(pid: number): Promise<Moment> {
  const [stat, status] = await Promise.all(['stat', 'status'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')));
  return { atMs: Date.now(), cpuMs: cpuMsOf(stat ?? ''), rssBytes: sizesOf(status ?? '').get('VmRSS') ?? 0 };
}

/** Nothing for the Node worker, which does not tell. */
async function isolateTimesOf(kind: WorkerKind, statusAddress: string): Promise<EndingsSide['isolates']> {
  if (kind === 'node') return null;
  const { isolates } = (await fetchStatus(statusAddress)) as BurdockStatus;
  const sumMs = (of: 'activationTimeUs' | 'measuringTimeUs'): number =>
    Math.round(isolates.reduce((sum, isolate) => sum + isolate[of], 0) / 1_000);
  return { activationMs: sumMs('activationTimeUs'), measuringMs: sumMs('measuringTimeUs') };
}

async function untilAllWait(runs: readonly Started[]): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (let left = runs; left.length > 0; await delay(LOOK_PAUSE_MS)) {
    if (Date.now() > deadline) throw new Error(`${left.length} runs do not wait after ${PATIENCE_MS} ms.`);
    const found = await concurrently(left, LANES, isWaiting);
    left = left.filter((_, n) => !found[n]);
  }
}

/** Lets all return; the answer is how many results do not follow from what their runs were started with. */
async function endAll(runs: readonly Started[]): Promise<number> {
  await concurrently(runs, LANES, ({ handle }) => handle.signal('finish'));
  const right = await concurrently(runs, LANES, async ({ handle, seed }) => {
    const outcome = (await handle.result()) as Outcome;
    return outcome.seed === seed && outcome.pokes === 0 && outcome.sum === 0;
  });
  return right.filter((is) => !is).length;
}

async function measureSide(
  kind: WorkerKind,
  options: EndingsOptions,
  bundle: string,
  around: Surroundings
): Promise<EndingsSide> {
  const { workflows, restMs, flags, nodeOptions } = options;
  const taskQueue = `endings-${randomUUID()}`;
  const statusAddress = `127.0.0.1:${await freePort()}`;
  const command = { kind, bundle, taskQueue, address: around.address, flags, nodeOptions };
  const child = new ManagedChild(kind, ...commandOf(command, statusAddress));
  const cachedRuns = async (): Promise<number> => (await fetchStatus(statusAddress)).numCachedWorkflows;
  try {
    await until(`${kind} to be ready`, PATIENCE_MS, async () => ((await isReady(statusAddress)) ? true : undefined));
    const before = await momentOf(child.pid);
    const runs = await startRuns(around.client, BUNDLE, taskQueue, workflows);
    await untilAllWait(runs);
    const waiting = await momentOf(child.pid);
    const cached = await cachedRuns();
    const timesBefore = await isolateTimesOf(kind, statusAddress);
    const endsFrom = await momentOf(child.pid);
    const wrong = await endAll(runs);
    await until('an empty cache', PATIENCE_MS, async () => ((await cachedRuns()) === 0 ? true : undefined));
    const ended = await momentOf(child.pid);
    const times = await isolateTimesOf(kind, statusAddress);
    await delay(restMs);
    const rested = await momentOf(child.pid);
    return {
      startCpuMs: waiting.cpuMs - before.cpuMs,
      endCpuMs: ended.cpuMs - endsFrom.cpuMs,
      restCpuMs: rested.cpuMs - ended.cpuMs,
      startTookMs: waiting.atMs - before.atMs,
      endTookMs: ended.atMs - endsFrom.atMs,
      rssWaitingBytes: waiting.rssBytes,
      rssRestedBytes: rested.rssBytes,
      cached,
      wrong,
      isolates:
        times && timesBefore
          ? {
              activationMs: times.activationMs - timesBefore.activationMs,
              measuringMs: times.measuringMs - timesBefore.measuringMs,
            }
          : null,
    };
  } catch (cause) {
    const said = lastLinesOf(child).join('\n');
    throw new Error(`The ${kind} worker was not measured to the end: ${String(cause)}\n${said}`, { cause });
  } finally {
    await child.stop('SIGTERM', PATIENCE_MS);
  }
}

/** Both workers in turn, each in a process and with a server of its own; which one is first changes from round to round. */
export async function runEndings(
  options: EndingsOptions,
  withSurroundings: <T>(body: (around: Surroundings) => Promise<T>) => Promise<T>,
  tell: (round: number, kind: WorkerKind, side: EndingsSide) => void
): Promise<EndingsResult> {
  const ground = await machine();
  const { file, ...bundle } = await bundleOf(BUNDLE);
  const rounds: EndingsResult['rounds'] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const measured = async (kind: WorkerKind): Promise<EndingsSide> => {
      const side = await withSurroundings((around) => measureSide(kind, options, file, around));
      tell(round + 1, kind, side);
      return side;
    };
    if (round % 2 === 0) rounds.push({ burdock: await measured('burdock'), node: await measured('node') });
    else rounds.push({ node: await measured('node'), burdock: await measured('burdock') });
  }
  return { kind: 'endings', machine: ground, options, bundle, rounds };
}

/** What makes the figures worthless; times are looked at, not judged. */
export function endingsTroubles({ options, rounds }: EndingsResult): string[] {
  return rounds.flatMap((round, at) =>
    Object.entries(round).flatMap(([kind, { cached, wrong }]) => {
      const name = `round ${at + 1}, ${kind}`;
      return [
        ...(cached === options.workflows ? [] : [`${name}: ${cached} of ${options.workflows} runs were cached`]),
        ...(wrong === 0 ? [] : [`${name}: ${wrong} runs completed with a wrong result`]),
      ];
    })
  );
}
