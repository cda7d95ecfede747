/** Sizes and times as they are written on the command line and in the report. */

export const MIB = 1 << 20;
const SIZE_UNITS = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const;
const TIME_UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

function parse(text: string, units: Readonly<Record<string, number>>, what: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(text) ?? [];
  const factor = unit === undefined ? undefined : units[unit];
  if (factor === undefined)
    throw new Error(`'${text}' is no ${what}: write a number and ${Object.keys(units).join(', ')}.`);
  return Number(number) * factor;
}

export const parseSize = (text: string): number => parse(text, SIZE_UNITS, 'size');
export const parseTime = (text: string): number => parse(text, TIME_UNITS, 'time');

export const mib = (bytes: number): string => (bytes / MIB).toFixed(1);
/** A size as it was given: `1GiB`, `512MiB`. */
export function sizeName(bytes: number): string {
  return bytes % SIZE_UNITS.GiB === 0 ? `${bytes / SIZE_UNITS.GiB}GiB` : `${bytes / MIB}MiB`;
}
