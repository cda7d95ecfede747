/** The table of `docs/isolation.md`: one row for each attack, one column for each kind of worker. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PACKAGE_DIR } from '../../tools/bundles';
import { attackFamilies } from '../../workflows/testing/attacks';

/** Kinds of workers, by the heads of their columns. */
export const COLUMNS = ['shared', 'per-workflow', 'Node worker'] as const;
export type Column = (typeof COLUMNS)[number];

/** What came of an attack. */
export type Verdict =
  /** The attempt threw. */
  | 'refused'
  /** The run that made it saw it from then on, and nobody else did. */
  | 'its own'
  /** The run that made it lost it when others were executed; nobody else saw it. */
  | 'lost'
  /** Nobody saw it, not even the run that made it. */
  | 'no effect'
  /** Other runs saw it. */
  | 'visible'
  /** Other runs could not go on, or the worker came to its end. */
  | 'breaks others';

type Verdicts = Partial<Record<Column, string>>;

const FILE = path.resolve(PACKAGE_DIR, '../docs/isolation.md');

/** The block of a name in the document: the lines between its two marks. */
function blockOf(name: string): { text: string; from: number; to: number; block: string } {
  const text = readFileSync(FILE, 'utf8');
  const begin = `<!-- ${name}:begin -->\n`;
  const end = `<!-- ${name}:end -->`;
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  if (!text.includes(begin) || to < from)
    throw new Error(`docs/isolation.md lacks the lines ${begin.trim()} and ${end}`);
  return { text, from, to, block: text.slice(from, to) };
}

export const readBlock = (name: string): string => blockOf(name).block;

export function writeBlock(name: string, block: string): void {
  const { text, from, to } = blockOf(name);
  writeFileSync(FILE, text.slice(0, from) + block + text.slice(to));
}

/** A block that is one table. */
export function tableBlock(head: readonly string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return `\n${[line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')}\n\n`;
}

/** The rows of the document: name of the attack, then what the columns say. */
export function documented(): Map<string, Verdicts> {
  const rows = new Map<string, Verdicts>();
  for (const line of readBlock('attacks').split('\n')) {
    const cells = line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, ''));
    const [name, , ...verdicts] = cells;
    if (name === undefined || verdicts.length !== COLUMNS.length || name === 'attack') continue;
    rows.set(name, Object.fromEntries(COLUMNS.map((column, index) => [column, verdicts[index]])));
  }
  return rows;
}

/** What the document has to say of the attacks, given their verdicts. */
function tables(verdictsOf: (name: string) => Verdicts): string {
  const parts = Object.entries(attackFamilies).map(([title, family]) => {
    const rows = Object.entries(family).map(([name, { does }]) => {
      const verdicts = verdictsOf(name);
      return [name, does, ...COLUMNS.map((column) => verdicts[column] ?? 'not known')];
    });
    return `\n### ${title}\n${tableBlock(['attack', 'what the run does', ...COLUMNS], rows).trimEnd()}\n`;
  });
  return `${parts.join('')}\n`;
}

/** Whether the document has exactly the attacks that there are, as they describe themselves. */
export function isComplete(): boolean {
  const rows = documented();
  return readBlock('attacks') === tables((name) => rows.get(name) ?? {});
}

/** Writes the verdicts of one column; what other columns said stays. */
export function writeColumn(column: Column, verdicts: ReadonlyMap<string, Verdict>): void {
  const rows = documented();
  const merged = (name: string): Verdicts => {
    const verdict = verdicts.get(name);
    return { ...rows.get(name), ...(verdict === undefined ? {} : { [column]: verdict }) };
  };
  writeBlock('attacks', tables(merged));
}
