/** Makes `docs/memory-proof.md` of the raw data in `memory/results`, and of nothing else. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PACKAGE_DIR } from '../src/tools/bundles';
import { endingsLines } from './endings-report';
import { sharingLines } from './sharing-report';
import { type IncidentResult, incidentTroubles } from './incident';
import { type MixedResult, mixedTroubles } from './mixed';
import type { NearLimitResult } from './near-limit';
import { nearLimitJudgement, nearLimitLines } from './near-limit-report';
import type { OffenceOutcome } from './offences';
import { type Row, conditions, flagsOf, judgement, orUnknown, seconds, table } from './report-parts';
import { type Result, readResults } from './results';
import { quantile } from './statistics';
import { mib, sizeName } from './units';

export const REPORT_FILE = path.join(PACKAGE_DIR, '../docs/memory-proof.md');

/** What became of a worker's processes, in words. */
function story({ lives, oomKills }: IncidentResult): string {
  const ends = lives.filter(({ ended }) => ended === 'by itself');
  if (ends.length === 0) return 'one process from start to end';
  const each = ends.map(({ startedAtMs, endedAtMs, code, signal, completedBy }) => {
    return `${signal ?? `exit code ${code}`} after ${seconds(endedAtMs - startedAtMs)}, ${completedBy} complete`;
  });
  const kills = oomKills > 0 ? `killed by the kernel ${oomKills} times` : 'ended by itself';
  return `${kills}: ${each.join('; ')}${lives.length > ends.length ? '; then one that lasted' : '; not started again'}`;
}

/** Of what is known. */
function sumOf(counts: readonly (number | null)[]): number | null {
  const known = counts.filter((count) => count !== null);
  return known.length === 0 ? null : known.reduce((sum, count) => sum + count, 0);
}

function incidentRow(result: IncidentResult): Row {
  const { options, bundle, completed, oomKills, peakRssBytes, lives } = result;
  const share = ((100 * peakRssBytes) / options.limitBytes).toFixed(0);
  const cached = Math.max(...lives.map(({ peaks }) => peaks.maxCachedWorkflows));
  const replays = sumOf(lives.map(({ stickyCacheMisses }) => stickyCacheMisses));
  return [
    bundle.name.toUpperCase(),
    options.worker === 'node' ? 'Node, its defaults' : 'Burdock',
    `${completed} of ${options.workflows}`,
    oomKills,
    `${mib(peakRssBytes)} MiB (${share} %)`,
    cached,
    orUnknown(replays),
    orUnknown(sumOf(lives.map(({ forcedEvictions }) => forcedEvictions))),
    seconds(result.waitingMs),
    seconds(result.completedMs),
    story(result),
  ];
}

function incidentSection(results: readonly IncidentResult[]): string[] {
  const head = ['## The incident', ''];
  const [first] = results;
  if (first === undefined) return [...head, 'Not run yet.', ''];
  const { options, machine } = first;
  const counts = ['completed', 'oom_kill', 'peak RSS (of the limit)', 'most cached', 'replays', 'evictions'];
  const columns = ['bundle', 'worker', ...counts, 'all waiting', 'all complete', 'what happened'];
  const key = ({ bundle, options: { worker } }: IncidentResult): string => `${bundle.name} ${worker}`;
  const ordered = [...results].sort((a, b) => key(a).localeCompare(key(b)));
  const own = ordered.filter(({ options: { worker } }) => worker === 'burdock');
  const choices = ordered.flatMap(({ options: { worker }, lives }) =>
    worker === 'node' ? [lives[0]?.firstLine ?? ''] : []
  );
  return [
    ...head,
    `${options.workflows} workflows are started at once for a worker that is alone in a control group of ${sizeName(options.limitBytes)}; server and`,
    'driver are outside of it. Each workflow runs a timer and an activity and then waits; once all wait, each gets a signal',
    'that changes its state and one that lets it return. A worker that ends by itself is started again, as an orchestrator',
    `does, until it has had ${options.lives} lives. Peak RSS is the kernel's high-water mark; replays are sticky cache misses and`,
    "evictions forced ones, by the last reading of sdk-core's metrics.",
    '',
    ...table(columns, ordered.map(incidentRow)),
    ...(choices.length > 0
      ? [`The Node worker's own choice under its defaults: \`${[...new Set(choices)].join(', ')}\`.`, '']
      : []),
    `${flagsOf(own[0]?.options.flags ?? [])} ${conditions(machine)}`,
    '',
    ...own.flatMap((result) => judgement(`Burdock, ${result.bundle.name.toUpperCase()}`, incidentTroubles(result))),
  ];
}

/** The first error of several outcomes. */
function messageOf(outcomes: readonly OffenceOutcome[]): string {
  return outcomes.find(({ message }) => message !== null)?.message ?? '';
}

function measuringLine({ activationMs, measuringMs }: NonNullable<MixedResult['measuring']>): string {
  const percent = ((100 * measuringMs) / activationMs).toFixed(2);
  return `Measuring what runs cost took ${seconds(measuringMs)} beside ${seconds(activationMs)} of activations: ${percent} %.`;
}

function restsLines(growth: string): string[] {
  return [
    'Every three minutes the traffic rests for 15 s, so that the worker collects its garbage, and what it holds then is judged:',
    `${growth}. Memory counts as flat if growth below 1 MiB per hour lies within this confidence.`,
  ];
}

function mixedSection(result: MixedResult): string[] {
  const {
    options,
    quiet,
    mixed,
    offences,
    visitors,
    slope,
    slopeOfMinutes,
    slopeOfFloors,
    slopeOfRests,
    peaks,
    machine,
    measuring,
  } = result;
  const kinds = [...new Set(offences.map(({ kind, how }) => `${kind} ${how}`))];
  const rows = kinds.map((kind): Row => {
    const own = offences.filter((offence) => `${offence.kind} ${offence.how}` === kind);
    const contained = own.filter(({ verdict }) => verdict === 'contained').length;
    const medianMs = quantile(
      own.map(({ tookMs }) => tookMs),
      0.5
    );
    return [kind, own.length, contained, seconds(medianMs), messageOf(own)];
  });
  const growth = (name: string, found: typeof slope | undefined): string =>
    !found
      ? `${name}: too few samples`
      : `${name}: ${found.slope.toFixed(2)} ± ${found.halfWidth.toFixed(2)} MiB per hour (95 %, ${found.points} points)`;
  return [
    `## Mixed load, ${Math.round(options.durationMs / 60_000)} minutes`,
    '',
    `${options.residents} long-lived healthy runs get ten updates a second, a short-lived one starts each second, and every ${options.offenceEveryMs / 1000} s an offender`,
    `starts, in ${sizeName(options.limitBytes)}. The whole state of each healthy run is compared with a twin in the driver at each answer. An offender`,
    'is terminated by the client once the history of its own run shows the documented failure of a workflow task. The first',
    `${options.quietMs / 60_000} minutes are the healthy runs alone.`,
    '',
    ...table(
      ['', 'updates', 'p50', 'p99', 'longest'],
      [
        ['quiet', quiet.updates, `${quiet.p50Ms} ms`, `${quiet.p99Ms} ms`, `${quiet.maxMs} ms`],
        ['mixed', mixed.updates, `${mixed.p50Ms} ms`, `${mixed.p99Ms} ms`, `${mixed.maxMs} ms`],
      ]
    ),
    `The ratio of the p99 is ${(mixed.p99Ms / quiet.p99Ms).toFixed(2)}. ${visitors} short-lived runs completed. oom_kill ${peaks.oomKills}; the group was charged ${mib(peaks.groupMaxUsageBytes)} MiB at most.`,
    ...(measuring === null ? [] : [measuringLine(measuring)]),
    `Anonymous memory after the warm-up, by ordinary least squares: ${growth('all samples', slope)}; ${growth('means of minutes', slopeOfMinutes)};`,
    `${growth('lowest points of minutes', slopeOfFloors)}. Samples close to each other are alike, so that the first confidence is too good.`,
    ...(slopeOfRests === undefined ? [] : restsLines(growth('ends of rests', slopeOfRests))),
    '',
    ...table(['offence', 'runs', 'contained', 'median time', 'an error of its kind'], rows),
    `${flagsOf(options.flags)} ${conditions(machine)}`,
    '',
    ...judgement('The mixed load', mixedTroubles(result, true)),
  ];
}

function nearLimitSection(result: NearLimitResult): string[] {
  return [
    ...nearLimitLines(result),
    conditions(result.machine),
    '',
    ...judgement('The near-limit events', nearLimitJudgement(result)),
  ];
}

/** The whole document. */
export function reportOf(results: readonly Result[]): string {
  const incidents = results.filter((result) => result.kind === 'incident');
  const mixed = results.filter((result) => result.kind === 'mixed');
  const nearLimit = results.filter((result) => result.kind === 'near-limit');
  const endings = results.filter((result) => result.kind === 'endings');
  const sharing = results.filter((result) => result.kind === 'sharing');
  return [
    '# The memory proof',
    '',
    'Burdock under a limit that really kills: a memory control group of the kernel. Written from the raw data in',
    '`workflows/memory/results` by',
    '',
    '```sh',
    'npm --prefix workflows run memory -- incident     # both bundles, both workers',
    'npm --prefix workflows run memory -- mixed        # 35 minutes',
    'npm --prefix workflows run memory -- near-limit   # 45 minutes',
    'npm --prefix workflows run memory -- endings      # 6 minutes',
    'npm --prefix workflows run memory -- sharing      # 5 minutes',
    'npm --prefix workflows run memory -- report       # writes this file; --check compares it',
    '```',
    '',
    'All runs but `endings` and `sharing` need the memory controller of cgroup version 1 and the right to make a group in it. The integration tests run',
    'a short form of each of these where they can.',
    '',
    ...incidentSection(incidents),
    ...(mixed.length > 0 ? mixed.flatMap(mixedSection) : ['## Mixed load', '', 'Not run yet.', '']),
    ...(nearLimit.length > 0 ? nearLimit.flatMap(nearLimitSection) : ['## Near-limit events', '', 'Not run yet.', '']),
    ...(endings.length > 0 ? endings.flatMap(endingsLines) : ['## Ending runs', '', 'Not run yet.', '']),
    ...(sharing.length > 0 ? sharing.flatMap(sharingLines) : ['## Shared modules', '', 'Not run yet.', '']),
  ].join('\n');
}

/** Writes the document, or only compares it; the answer is whether it follows from the data. */
export async function report(check: boolean): Promise<boolean> {
  const text = reportOf(await readResults());
  if (!check) {
    await writeFile(REPORT_FILE, text);
    console.log('wrote docs/memory-proof.md');
    return true;
  }
  const there = await readFile(REPORT_FILE, 'utf8').catch(() => '');
  if (there === text) return true;
  console.log(
    'docs/memory-proof.md does not follow from workflows/memory/results; run `npm --prefix workflows run memory -- report` and commit it.'
  );
  return false;
}
