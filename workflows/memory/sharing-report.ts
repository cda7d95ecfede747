/** The report's section about shared modules. */
import { type Row, conditions, judgement, table } from './report-parts';
import { type SharingFigures, type SharingResult, sharingTroubles } from './sharing';
import { mib } from './units';

const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KB`;
const each = (ms: number, runs: number): string => `${(ms / runs).toFixed(2)} ms`;

function row(name: string, figures: SharingFigures): Row {
  const { runs, slope, startCpuMs, endCpuMs, baseBytes, rssEndedBytes, firstRunMs } = figures;
  return [
    name,
    runs,
    `${kib(slope.slope)} ± ${kib(slope.halfWidth)}`,
    each(startCpuMs, runs),
    each(endCpuMs, runs),
    `${firstRunMs} ms`,
    `${mib(baseBytes)} MiB`,
    `${mib(rssEndedBytes)} MiB`,
  ];
}

export function sharingLines(result: SharingResult): string[] {
  const rows = result.rounds.flatMap(({ bundle, sides: { off, on } }) => [
    row(`${bundle.toUpperCase()}, off`, off),
    row(`${bundle.toUpperCase()}, on`, on),
  ]);
  return [
    '## Shared modules',
    '',
    'The same runs through `burdock activate` with one isolate, without a server: each starts, runs a timer and an activity and waits in',
    'the cache; then all end and are evicted. RSS per run is the slope over the points that were read while runs were added.',
    '',
    ...table(
      [
        'bundle, `share-modules`',
        'runs',
        'RSS per cached run',
        'CPU per run, until it waits',
        'CPU per run, to its end and eviction',
        'process start to first answer',
        'RSS after one run',
        'RSS after all ended and 15 s',
      ],
      rows
    ),
    conditions(result.machine),
    '',
    ...judgement('That all runs gave the same answers', sharingTroubles(result)),
  ];
}
