/** The report's section about what it costs to end runs. */
import type { EndingsResult, EndingsSide } from './endings';
import { type Row, conditions, flagsOf, judgement, table } from './report-parts';
import { endingsTroubles } from './endings';
import { mib } from './units';
import type { WorkerKind } from './worker';

const cpu = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;

type Figure = (side: EndingsSide) => number;
const start: Figure = ({ startCpuMs }) => startCpuMs;
const end: Figure = ({ endCpuMs }) => endCpuMs;
/** With what was put off until the worker had nothing else to do. */
const endAndRest: Figure = ({ endCpuMs, restCpuMs }) => endCpuMs + restCpuMs;

function sideRow(name: string, side: EndingsSide): Row {
  const { isolates, rssWaitingBytes, rssRestedBytes, endTookMs } = side;
  return [
    name,
    cpu(start(side)),
    cpu(end(side)),
    cpu(side.restCpuMs),
    cpu(endTookMs),
    `${mib(rssWaitingBytes)} MiB`,
    `${mib(rssRestedBytes)} MiB`,
    isolates === null ? '' : `${cpu(isolates.activationMs)}, ${cpu(isolates.measuringMs)}`,
  ];
}

/** Burdock's figure as a part of Node's, for each round and over all of them. */
function ratioRow(name: string, { rounds }: EndingsResult, figure: Figure): Row {
  const sum = (kind: WorkerKind): number => rounds.reduce((all, round) => all + figure(round[kind]), 0);
  const ratios = rounds.map(({ burdock, node }) => figure(burdock) / figure(node));
  const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  const all = (sum('burdock') / sum('node')).toFixed(2);
  return [name, ...ratios.map((ratio) => ratio.toFixed(2)), all, spread];
}

export function endingsLines(result: EndingsResult): string[] {
  const { options, rounds, machine } = result;
  const { workflows, restMs, flags, nodeOptions } = options;
  const sides = rounds.flatMap(({ burdock, node }, at) => [
    sideRow(`${at + 1}, Burdock`, burdock),
    sideRow(`${at + 1}, Node`, node),
  ]);
  const each = rounds.map((_, at) => `round ${at + 1}`);
  return [
    '## Ending runs',
    '',
    `${workflows} runs of W4 start, run a timer and an activity and wait in the cache, with no pressure on memory; then each gets the`,
    'signal that lets it return. CPU is user and system time of the whole worker process, activities included: from the first',
    `start until all wait, from the first signal until all have left the cache, and in the ${restMs / 1_000} s of rest after that. RSS is read`,
    'while all wait and after the rest. Both workers take turns, each in a new process and with a new server.',
    '',
    ...table(
      [
        'round',
        'CPU until all wait',
        'CPU until all ended',
        'CPU in the rest',
        'time until all ended',
        'RSS, all wait',
        'RSS, rested',
        'Burdock, while runs end: in activations, in measuring',
      ],
      sides
    ),
    ...table(
      ['Burdock / Node', ...each, 'all', 'from, to'],
      [
        ratioRow('CPU until all wait', result, start),
        ratioRow('CPU until all ended', result, end),
        ratioRow('CPU until all ended and in the rest', result, endAndRest),
      ]
    ),
    `${flagsOf(flags)} Options of the Node worker: \`${JSON.stringify(nodeOptions)}\`. ${conditions(machine)}`,
    '',
    ...judgement('That all runs were cached and right', endingsTroubles(result)),
  ];
}
