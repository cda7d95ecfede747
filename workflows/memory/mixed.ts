/** A mixed load: healthy runs, first alone and then among budget offenders, leap allocators and infinite loops. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { BurdockIsolateStatus, BurdockStatus } from '../src/support/status';
import { bundleOf } from './bundles';
import { MemoryGroup } from './cgroup';
import { type Offence, type OffenceOutcome, allOffences, commit } from './offences';
import type { Peaks, Sample } from './sampler';
import {
  type PhaseLatency,
  type Point,
  type Slope,
  blockFloors,
  blockMeans,
  latencyOf,
  leastSquares,
} from './statistics';
import { type Machine, type Surroundings, machine } from './surroundings';
import { Traffic } from './traffic';
import { MIB, sizeName } from './units';
import { ConfinedWorker, lastLinesOf, withDefaults } from './worker';

const OFFENCE_TIMEOUT_MS = 60_000;
/** Share of the mixed phase that is left out of the slope. */
const WARM_UP = 0.25;
const BLOCK_MS = 60_000;
/** What measuring may take of the activations' time. */
const MEASURING_SHARE = 0.02;
const HOUR_MS = 3_600_000;
/**
 * Every so often, before the next offender, there is no traffic for a moment: the worker collects and gives back, and what it
 * holds then is compared. In between garbage comes and goes by tens of megabytes, and hides any slope.
 */
const REST_EVERY_MS = 180_000;
const REST_MS = 15_000;
/** The end of a rest, when all is collected. */
const RESTED_MS = 3_000;
/** A confidence that is wider, in MiB per hour, says nothing. */
const WIDEST_CONFIDENCE = 30;
/** A loop holds its isolate for so long, and with it the healthy runs there. */
const DEFAULT_FLAGS = ['--workflow-timeout=1s'];

export interface MixedOptions {
  durationMs: number;
  quietMs: number;
  limitBytes: number;
  residents: number;
  /** Between the starts of two offenders; the next one waits for the last. */
  offenceEveryMs: number;
  flags: readonly string[];
}

export interface MixedOffence extends OffenceOutcome {
  atMs: number;
}

export interface MixedResult {
  kind: 'mixed';
  machine: Machine;
  options: MixedOptions;
  quiet: PhaseLatency;
  mixed: PhaseLatency;
  offences: MixedOffence[];
  visitors: number;
  lost: string[];
  /** Of anonymous memory, in MiB per hour: over all samples after the warm-up, over means of minutes, over their lowest points, over rests. */
  slope: Slope | null;
  slopeOfMinutes: Slope | null;
  slopeOfFloors: Slope | null;
  /** Of the runs from before there were rests, nothing. */
  slopeOfRests?: Slope | null;
  /** Time of all isolates, over the whole run. Null when the worker was gone. */
  measuring: { activationMs: number; measuringMs: number } | null;
  /** When the mixed phase began, in the samples' time. */
  mixedFromMs: number;
  exit: { code: number | null; signal: string | null };
  endedBySelf: boolean;
  lastLines: string[];
  peaks: Peaks;
}

/** What goes into CSV files beside the result. */
export interface MixedRaw {
  samples: Sample[];
  latencies: { atMs: number; tookMs: number }[];
}

/** The slopes of anonymous memory after the warm-up of the mixed phase, in MiB per hour. */
export function slopesOf(
  samples: readonly Sample[],
  fromMs: number,
  durationMs: number
): Pick<MixedResult, 'slope' | 'slopeOfMinutes' | 'slopeOfFloors' | 'slopeOfRests'> {
  const warmMs = fromMs + WARM_UP * durationMs;
  const points = samples
    .filter(({ atMs }) => atMs >= warmMs && atMs <= fromMs + durationMs)
    .map(({ atMs, anonBytes }): Point => [atMs / HOUR_MS, anonBytes / MIB]);
  const slopeOf = (of: readonly Point[]): Slope | null => leastSquares(of) ?? null;
  const width = BLOCK_MS / HOUR_MS;
  const ofPhase = points.map(([hours, mib]): Point => [hours - fromMs / HOUR_MS, mib]);
  const rested = ofPhase.filter(([hours]) => restsAt(hours * HOUR_MS, RESTED_MS));
  const rests = blockFloors(rested, REST_EVERY_MS / HOUR_MS);
  return {
    slope: slopeOf(points),
    slopeOfMinutes: slopeOf(blockMeans(points, width)),
    slopeOfFloors: slopeOf(blockFloors(points, width)),
    slopeOfRests: slopeOf(rests),
  };
}

/** Whether a moment of the mixed phase is in the last `lastMs` of one of its rests. */
function restsAt(ofPhaseMs: number, lastMs: number): boolean {
  return ofPhaseMs % REST_EVERY_MS >= REST_EVERY_MS - lastMs;
}

/** One offender after the other, until `isOver`. */
async function offend(
  commitOne: (offence: Offence) => Promise<OffenceOutcome>,
  everyMs: number,
  traffic: Traffic,
  isOver: () => boolean
): Promise<MixedOffence[]> {
  const outcomes: MixedOffence[] = [];
  let nextMs = traffic.atMs;
  while (!isOver()) {
    if (traffic.atMs < nextMs) {
      await delay(Math.min(100, nextMs - traffic.atMs));
      continue;
    }
    const offence = allOffences[outcomes.length % allOffences.length];
    if (offence === undefined) break;
    const atMs = traffic.atMs;
    nextMs = atMs + everyMs;
    outcomes.push({ atMs, ...(await commitOne(offence)) });
  }
  return outcomes;
}

export async function runMixed(
  options: MixedOptions,
  around: Surroundings
): Promise<{ result: MixedResult; raw: MixedRaw }> {
  const { address, client } = around;
  const { file: bundle } = await bundleOf('mixed');
  const ground = await machine();
  const group = MemoryGroup.create(options.limitBytes);
  const taskQueue = `mixed-${randomUUID()}`;
  const flags = withDefaults(options.flags, DEFAULT_FLAGS);
  let worker: ConfinedWorker | undefined;
  try {
    const up = (worker = await ConfinedWorker.start({ kind: 'burdock', bundle, taskQueue, address, group, flags }));
    const traffic = await Traffic.start({ client, taskQueue, gone: up.child.exited }, options.residents);
    const { sampler } = up;
    const phase = (ms: number): (() => boolean) => {
      const endMs = traffic.atMs + ms;
      return () => traffic.atMs >= endMs || !up.isRunning;
    };
    await traffic.flow(phase(options.quietMs));
    const quiet = latencyOf(traffic.latencies.map(({ tookMs }) => tookMs));
    const [trafficFromMs, mixedFromMs] = [traffic.atMs, sampler.atMs];
    const isOver = phase(options.durationMs);
    const commitOne = (offence: Offence): Promise<OffenceOutcome> =>
      commit(client, taskQueue, offence, () => up.isRunning, OFFENCE_TIMEOUT_MS);
    const offending = offend(commitOne, options.offenceEveryMs, traffic, isOver);
    const rests = (): boolean => restsAt(traffic.atMs - trafficFromMs, REST_MS);
    const [offences] = await Promise.all([offending, traffic.flow(isOver, rests)]);
    if (up.isRunning) await traffic.finish();
    const late = traffic.latencies.filter(({ atMs }) => atMs >= trafficFromMs);
    const endedBySelf = !up.isRunning;
    const measuring = await measuringOf(up);
    const { code, signal } = await up.end();
    const peaks = sampler.stop();
    const result: MixedResult = {
      kind: 'mixed',
      machine: ground,
      options: { ...options, flags },
      quiet,
      mixed: latencyOf(late.map(({ tookMs }) => tookMs)),
      offences,
      visitors: traffic.visitors,
      lost: traffic.lost,
      ...slopesOf(sampler.samples, mixedFromMs, options.durationMs),
      measuring,
      mixedFromMs,
      exit: { code, signal },
      endedBySelf,
      lastLines: endedBySelf ? lastLinesOf(up.child) : [],
      peaks,
    };
    return { result, raw: { samples: sampler.samples, latencies: traffic.latencies } };
  } finally {
    await worker?.end();
    worker?.sampler.stop();
    await group.close();
  }
}

/** How long isolates ran activations, and how long they measured what runs cost. */
async function measuringOf(worker: ConfinedWorker): Promise<MixedResult['measuring']> {
  if (!worker.isRunning) return null;
  const { isolates } = (await worker.status()) as BurdockStatus;
  const sumMs = (of: (isolate: BurdockIsolateStatus) => number): number =>
    Math.round(isolates.reduce((sum, isolate) => sum + of(isolate), 0) / 1000);
  return {
    activationMs: sumMs((isolate) => isolate.activationTimeUs),
    measuringMs: sumMs((isolate) => isolate.measuringTimeUs),
  };
}

/** Growth below 1 MiB per hour is within the confidence, and that is narrow enough to say something. */
function isFlat(slope: Slope | null | undefined): boolean {
  return !!slope && slope.slope - slope.halfWidth < 1 && slope.halfWidth <= WIDEST_CONFIDENCE;
}

/** What the issue asks for. Latency and slope are judged in the full form alone: a short one says nothing about them. */
export function mixedTroubles(result: MixedResult, full: boolean): string[] {
  const { options, lost, offences, quiet, mixed, slopeOfFloors, slopeOfRests, exit, endedBySelf, peaks, measuring } =
    result;
  const bad = offences.filter(({ verdict }) => verdict !== 'contained');
  const kinds = new Set(
    bad.map(({ kind, how, verdict, message }) => `${kind} ${how}: ${verdict}, ${JSON.stringify(message)}`)
  );
  const points: [boolean, string][] = [
    [
      !endedBySelf && exit.code === 0,
      `the worker ended${endedBySelf ? ' by itself' : ''} with ${exit.code ?? exit.signal}`,
    ],
    [peaks.oomKills === 0, `oom_kill is ${peaks.oomKills} at ${sizeName(options.limitBytes)}`],
    [lost.length === 0, `${lost.length} healthy runs lost: ${lost.slice(0, 3).join('; ')}`],
    [
      offences.length > 0 && bad.length === 0,
      `${bad.length} of ${offences.length} offences not contained:\n    ${[...kinds].join('\n    ')}`,
    ],
    [!full || mixed.p99Ms <= 2 * quiet.p99Ms, `p99 is ${mixed.p99Ms} ms, more than twice the quiet ${quiet.p99Ms} ms`],
    [
      !full || (measuring !== null && measuring.measuringMs <= MEASURING_SHARE * measuring.activationMs),
      `measuring took ${measuring?.measuringMs} ms beside ${measuring?.activationMs} ms of activations, more than ${100 * MEASURING_SHARE} %`,
    ],
    [
      !full || isFlat(slopeOfRests),
      `anonymous memory grows: ${slopeOfRests ? `${slopeOfRests.slope.toFixed(2)} ± ${slopeOfRests.halfWidth.toFixed(2)} MiB per hour over rests` : `no rests in this run; over lowest points ${slopeOfFloors?.slope.toFixed(2)} MiB per hour`}`,
    ],
  ];
  return points.flatMap(([holds, trouble]) => (holds ? [] : [trouble]));
}
