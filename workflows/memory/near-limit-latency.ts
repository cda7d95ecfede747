/** Which updates of healthy runs tell whether these have noticed anything. */
import type { Beat } from './near-limit-pulse';
import type { Whereabouts } from './near-limit-scene';
import { type PhaseLatency, latencyOf } from './statistics';

/** The time from one event to the next. */
export interface Window {
  fromMs: number;
  /** Where the healthy runs were when it began; undefined when the worker did not tell. */
  whereabouts: Whereabouts | undefined;
  /** The isolate whose memory was filled. */
  isolate: number | null;
}

/** `before` and `after` the events; during them `apart` from what happened, or `beside` it, on the same isolate. */
export const SIDES = ['before', 'apart', 'beside', 'after'] as const;
export type Side = (typeof SIDES)[number];

export interface SidedBeat {
  atMs: number;
  tookMs: number;
  side: Side;
}

/** An update during the events is `beside` only where it is known that its run was on the isolate whose memory was filled. */
function sideDuring({ workflowId }: Beat, { whereabouts, isolate }: Window): Side {
  const own = whereabouts?.isolateOf.get(workflowId);
  return own !== undefined && own === isolate ? 'beside' : 'apart';
}

/** The side of each update, by the moment at which it was due. */
export function sidesOf(beats: readonly Beat[], windows: readonly Window[], untilMs: number): SidedBeat[] {
  return beats.map((beat) => {
    const { atMs, tookMs } = beat;
    const window = windows.filter(({ fromMs }) => fromMs <= atMs).at(-1);
    if (window === undefined) return { atMs, tookMs, side: 'before' };
    return { atMs, tookMs, side: atMs >= untilMs ? 'after' : sideDuring(beat, window) };
  });
}

/** Nothing where there were no such updates. */
export type SettingLatency = Partial<Record<Side | 'quiet', PhaseLatency>>;

/** Of one setting, or of several together. `quiet` are the updates before and after the events. */
export function latencies(beats: readonly SidedBeat[]): SettingLatency {
  const of = (...sides: Side[]): PhaseLatency =>
    latencyOf(beats.filter(({ side }) => sides.includes(side)).map(({ tookMs }) => tookMs));
  const all = [...SIDES.map((side) => [side, of(side)] as const), ['quiet', of('before', 'after')] as const];
  return Object.fromEntries(all.filter(([, { updates }]) => updates > 0));
}

/** The p99 of updates apart from the events, in multiples of the quiet p99. */
export function ratioOf({ quiet, apart }: SettingLatency): number | undefined {
  return quiet === undefined || apart === undefined ? undefined : apart.p99Ms / quiet.p99Ms;
}
