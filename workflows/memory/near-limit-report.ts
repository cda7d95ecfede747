/** The section of the report about runs that fill the memory of an isolate. */
import { type NearLimitResult, isJudged, nearLimitTroubles } from './near-limit';
import { type SettingLatency, ratioOf } from './near-limit-latency';
import { type NearLimitEvent, type SettingResult, isContained } from './near-limit-stage';
import { type Row, seconds, table } from './report-parts';
import { quantile } from './statistics';
import { mib, sizeName } from './units';

/** `8 of 8, 1.1 s (2.2 s)`: contained, the median time, the longest. */
function cellOf(events: readonly NearLimitEvent[]): string {
  if (events.length === 0) return 'none';
  const times = events.map(({ tookMs }) => tookMs);
  const contained = `${events.filter(isContained).length} of ${events.length}`;
  return `${contained}, ${seconds(quantile(times, 0.5))} (${seconds(quantile(times, 1))})`;
}

function shapesTable(settings: readonly SettingResult[]): string[] {
  const shapes = [...new Set(settings.flatMap(({ events }) => events.map(({ how }) => how)))];
  const rows = shapes.map((shape): Row => {
    return [shape, ...settings.map(({ events }) => cellOf(events.filter(({ how }) => how === shape)))];
  });
  const all: Row = ['all', ...settings.map(({ events }) => cellOf(events))];
  return table(['shape', ...settings.map(({ setting }) => setting.name)], [...rows, all]);
}

function settingRow({ setting, events, maxUsageBytes, oomKills, tookMs }: SettingResult): Row {
  const { name, limitBytes, isolates, flags } = setting;
  const contained = `${events.filter(isContained).length} of ${events.length}`;
  const memory = `${mib(maxUsageBytes)} MiB of ${sizeName(limitBytes)}`;
  return [name, isolates, contained, oomKills, memory, seconds(tookMs), `\`${flags.join(' ')}\``];
}

function latencyRow(name: string, latency: SettingLatency): Row {
  const sides = (['before', 'after', 'quiet', 'apart'] as const).map((side) => latency[side]);
  const cells = sides.map((of) => (of === undefined ? 'none' : `${of.p99Ms} ms of ${of.updates}`));
  const { apart, beside } = latency;
  const ratio = ratioOf(latency)?.toFixed(2) ?? 'not judged';
  const others = beside === undefined ? 'none' : `${beside.p50Ms} ms, ${seconds(beside.maxMs)}`;
  return [name, ...cells, ratio, apart === undefined ? 'none' : seconds(apart.maxMs), others];
}

/** Every failure that a history showed, with how often. */
function messagesTable(settings: readonly SettingResult[]): string[] {
  const counts = new Map<string, number>();
  for (const { setting, events } of settings) {
    for (const { message } of events) {
      const key = JSON.stringify([setting.name, message ?? 'none']);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  const rows = [...counts].map(([key, count]): Row => [...(JSON.parse(key) as [string, string]), count]);
  return table(['setting', 'failure of the workflow task', 'events'], rows);
}

export function nearLimitLines({ settings, latency, quietMs }: NearLimitResult): string[] {
  const events = settings.reduce((sum, of) => sum + of.events.length, 0);
  const columns = [
    'setting',
    'quiet before',
    'quiet after',
    'quiet',
    'apart',
    'ratio',
    'longest apart',
    'beside: p50, longest',
  ];
  return [
    `## ${events} near-limit events`,
    '',
    'One run after the other fills the memory of its isolate, for each size of the heap in a control group and a process of its',
    'own, under the heap that `--max-heap-per-isolate` gives. An event counts as contained only if the history of that very run',
    'shows its workflow task failed with the message of the worker, all healthy runs answer afterwards with their unchanged',
    'state, the process lives, and the kernel has killed nothing. A shape that does not reach the limit fails, one that ends by',
    'the deadline of `workflow-timeout` as well. A shape fills the last 160 MiB of a heap (`fromEntriesBesideBuffers` 280 MiB); what a',
    'larger heap has beyond that, the same run fills with flat texts before.',
    '',
    ...table(
      ['setting', 'isolates', 'contained', 'oom_kill', 'charged at most', 'time', 'flags'],
      settings.map(settingRow)
    ),
    'What the group is charged contains the page cache of memory that overflows into a file. Each cell below: contained, the',
    'median time, the longest.',
    '',
    ...shapesTable(settings),
    'There is no shape for `structuredClone`: workflow code has none, under the Node worker neither. `deepCopy` does what libraries',
    'do in its place.',
    '',
    ...messagesTable(settings),
    'Healthy runs get ten updates a second from the first moment to the last, for',
    `${quietMs / 1000} s before the events, throughout, and for ${quietMs / 1000} s after them; the time counts from when an update was due. Where there are two`,
    'isolates, the run that fills the memory is on one of them, which the worker tells by how long each has worked, and half of the',
    'healthy runs on the other: *apart*. These have to answer within twice the quiet p99. *Beside* are those on the',
    'same isolate, which wait until it is free again. An update of which it is not known where its run was counts as apart. With one',
    'isolate all runs wait, and nothing is judged.',
    '',
    ...table(columns, [
      ...settings.filter(isJudged).map(({ setting, latency: own }) => latencyRow(setting.name, own)),
      latencyRow('all with two isolates', latency),
    ]),
    ...deathLines(settings),
  ];
}

function deathLines(settings: readonly SettingResult[]): string[] {
  const lines = settings.flatMap(({ setting, deaths }) =>
    deaths.map(({ how, exit }) => `- ${setting.name}, ${how}: the worker ended with ${exit.signal ?? exit.code}.`)
  );
  return lines.length === 0 ? [] : [...lines, ''];
}

export const nearLimitJudgement = (result: NearLimitResult): string[] => nearLimitTroubles(result, true);
