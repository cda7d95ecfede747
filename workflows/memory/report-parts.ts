/** What all sections of the report are made of. */
import type { Machine } from './surroundings';
import { mib } from './units';

export type Row = readonly (string | number)[];

export function table(columns: readonly string[], rows: readonly Row[]): string[] {
  const plain = (cell: string | number): string => String(cell).replaceAll('|', '\\|').replaceAll('\n', ' ');
  const line = (cells: Row): string => `| ${cells.map(plain).join(' | ')} |`;
  return [line(columns), `|${'---|'.repeat(columns.length)}`, ...rows.map(line), ''];
}

export const seconds = (ms: number | null): string => (ms === null ? 'never' : `${(ms / 1000).toFixed(1)} s`);
export const orUnknown = (count: number | null): string | number => count ?? 'not known';

/** Whether all points of the issue hold, as the last lines of a section. */
export function judgement(what: string, troubles: readonly string[]): string[] {
  if (troubles.length === 0) return [`${what}: every point holds.`, ''];
  return [
    `${what}: **does not hold.**`,
    '',
    ...troubles.flatMap((trouble) => trouble.split('\n')).map((line) => `- ${line.trim()}`),
    '',
  ];
}

export function conditions({ date, cpus, cpuModel, memoryBytes, kernel, load, node, sdk, burdock }: Machine): string {
  return (
    `${date}; ${cpus} x ${cpuModel}, ${mib(memoryBytes)} MiB, Linux ${kernel}, load before the run ${load}; Node ${node}, npm \`@temporalio/*\` ${sdk}; ` +
    `Burdock's binary has the SHA-256 ${burdock}...`
  );
}

export function flagsOf(flags: readonly string[]): string {
  return flags.length === 0
    ? 'No further flags of `burdock worker`.'
    : `Further flags of \`burdock worker\`: \`${flags.join(' ')}\`.`;
}
