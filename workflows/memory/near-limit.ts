/** Runs that fill the memory of an isolate in each of the ways of `leaps.ts`, one after the other, among healthy runs that must not notice. */
import { bundleOf } from './bundles';
import { type SettingLatency, type SidedBeat, latencies, ratioOf } from './near-limit-latency';
import type { Programme } from './near-limit-settings';
import { type NearLimitEvent, type SettingResult, isContained, runStage } from './near-limit-stage';
import { type Machine, type Surroundings, machine } from './surroundings';
import { sizeName } from './units';

/** What the p99 of healthy runs apart from the events may be, in multiples of the quiet p99. */
const SLOWER_MAX = 2;

export interface NearLimitOptions {
  programmes: readonly Programme[];
  /** Healthy runs alone, before and after the events of each setting that has several isolates. */
  quietMs: number;
  /** Flags of `burdock worker` that take the place of a setting's own. */
  flags: readonly string[];
}

export interface NearLimitResult {
  kind: 'near-limit';
  machine: Machine;
  quietMs: number;
  settings: SettingResult[];
  /** Of all settings with several isolates together. */
  latency: SettingLatency;
}

export interface NearLimitRaw {
  /** In the order of the settings. */
  beats: SidedBeat[][];
}

export async function runNearLimit(
  { programmes, quietMs, flags }: NearLimitOptions,
  around: Surroundings,
  observe: (event: NearLimitEvent, at: string) => void = () => undefined
): Promise<{ result: NearLimitResult; raw: NearLimitRaw }> {
  const { file: bundle } = await bundleOf('mixed');
  const ground = await machine();
  const settings: SettingResult[] = [];
  const beats: SidedBeat[][] = [];
  for (const programme of programmes) {
    const { setting, hows } = programme;
    const told = (event: NearLimitEvent, at: number): void => observe(event, `${setting.name} ${at}/${hows.length}`);
    const stage = await runStage({ programme, bundle, quietMs, flags, observe: told }, around);
    settings.push(stage.result);
    beats.push(stage.beats);
  }
  const judged = beats.filter((_, at) => isJudged(settings[at]));
  const latency = latencies(judged.flat());
  return { result: { kind: 'near-limit', machine: ground, quietMs, settings, latency }, raw: { beats } };
}

/** Where there is one isolate alone, all healthy runs are on it, and wait for what happens there. */
export function isJudged(result: SettingResult | undefined): boolean {
  return result !== undefined && result.setting.isolates > 1;
}

function troublesOf({ setting, planned, events, lost, deaths, exit, oomKills }: SettingResult): string[] {
  const bad = events.filter((event) => !isContained(event));
  const kinds = new Set(
    bad.map(
      ({ how, verdict, neighbours, message }) =>
        `${how}: ${verdict}, message ${JSON.stringify(message)}, neighbours: ${neighbours ?? 'well'}`
    )
  );
  const ends = deaths.map(({ how, exit: { signal, code } }) => `${how} (${signal ?? code})`);
  const points: [boolean, string][] = [
    [events.length === planned, `only ${events.length} of ${planned} events, then the worker was lost too often`],
    [bad.length === 0, `${bad.length} of ${events.length} events not contained:\n    ${[...kinds].join('\n    ')}`],
    [lost.length === 0, `${lost.length} times healthy runs were lost: ${lost.slice(0, 3).join('; ')}`],
    [deaths.length === 0, `the worker was lost ${deaths.length} times, by ${ends.join(', ')}`],
    [exit.code === 0, `the worker ended with ${exit.code ?? exit.signal}`],
    [oomKills === 0, `oom_kill is ${oomKills} in ${sizeName(setting.limitBytes)}`],
  ];
  return points.flatMap(([holds, trouble]) => (holds ? [] : [`${setting.name}: ${trouble}`]));
}

function slowness(name: string, latency: SettingLatency): string[] {
  const ratio = ratioOf(latency);
  if (ratio !== undefined && ratio <= SLOWER_MAX) return [];
  const { apart, quiet } = latency;
  return [`${name}: the p99 apart from the events is ${apart?.p99Ms} ms, and ${quiet?.p99Ms} ms when it is quiet`];
}

/** What does not hold. Latency is judged in the full form alone: a short one says nothing about it. */
export function nearLimitTroubles({ settings, latency }: NearLimitResult, full: boolean): string[] {
  const contained = settings.flatMap(troublesOf);
  if (!full) return contained;
  const slow = settings.filter(isJudged).flatMap((of) => slowness(of.setting.name, of.latency));
  return [...contained, ...slow, ...slowness('all settings', latency)];
}
