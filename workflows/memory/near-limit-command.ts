/** `memory -- near-limit`: the events, their raw data, and what they came to. */
import type { Flags } from './flags';
import { type NearLimitRaw, type NearLimitResult, isJudged, nearLimitTroubles, runNearLimit } from './near-limit';
import { ratioOf } from './near-limit-latency';
import { SETTINGS, programmesOf } from './near-limit-settings';
import { isContained } from './near-limit-stage';
import { writeCsv, writeResult } from './results';
import type { Surroundings } from './surroundings';
import { mib } from './units';
import { leaps } from './workflows/leaps';

const FULL = { events: 1_000, quietMs: 45_000 };
const SHORT = { events: SETTINGS.length * leaps.length, quietMs: 5_000 };

/** One event after the other; the answer is the summary and the troubles. */
export async function nearLimitCommand(
  flags: Flags,
  withSurroundings: <T>(body: (around: Surroundings) => Promise<T>) => Promise<T>
): Promise<{ name: string; summary: string; troubles: string[] }> {
  const form = flags.short ? SHORT : FULL;
  const events = flags.events ?? form.events;
  const settings = SETTINGS.filter(({ name }) => flags.settings.includes(name));
  const programmes = programmesOf(events, settings, flags.shapes);
  const options = { programmes, quietMs: form.quietMs, flags: flags.workerFlags };
  const name = `near-limit-${events}`;
  // Written before the connection is closed: calls that a lost worker left unanswered may end this process then.
  const result = await withSurroundings(async (around) => {
    const found = await runNearLimit(options, around, (event, at) => {
      const mark = isContained(event) ? 'ok' : JSON.stringify(event);
      console.log(`${at} ${event.how} on isolate ${event.isolate ?? '?'} ${event.tookMs} ms: ${mark}`);
    });
    if (!flags.short) {
      await writeRaw(name, found.result, found.raw);
      console.log(`wrote ${await writeResult(name, found.result)}`);
    }
    return found.result;
  });
  return { name, summary: summaryOf(result), troubles: nearLimitTroubles(result, !flags.short) };
}

async function writeRaw(name: string, { settings }: NearLimitResult, { beats }: NearLimitRaw): Promise<void> {
  for (const [at, of] of settings.entries()) {
    if (!isJudged(of)) continue;
    const rows = (beats[at] ?? []).map(({ atMs, tookMs, side }) => [Math.round(atMs), tookMs.toFixed(1), side]);
    await writeCsv(`${name}-${of.setting.name}-latencies`, ['at_ms', 'took_ms', 'side'], rows);
  }
}

function summaryOf({ settings, latency }: NearLimitResult): string {
  const each = settings.map((of) => {
    const { setting, events, oomKills, maxUsageBytes } = of;
    const contained = `${events.filter(isContained).length} of ${events.length}`;
    const ratio = (isJudged(of) ? ratioOf(of.latency) : undefined)?.toFixed(2) ?? 'not judged';
    return `${setting.name} ${contained} contained, oom_kill ${oomKills}, at most ${mib(maxUsageBytes)} MiB, p99 ratio ${ratio}`;
  });
  return `${each.join('; ')}; p99 ratio of all ${ratioOf(latency)?.toFixed(2) ?? 'not judged'}`;
}
