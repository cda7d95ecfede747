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
const BEGIN = '<!-- attacks:begin -->\n';
const END = '<!-- attacks:end -->';

function halves(): { text: string; from: number; to: number } {
  const text = readFileSync(FILE, 'utf8');
  const from = text.indexOf(BEGIN) + BEGIN.length;
  const to = text.indexOf(END);
  if (!text.includes(BEGIN) || to < from) throw new Error(`${FILE} lacks the lines ${BEGIN.trim()} and ${END}`);
  return { text, from, to };
}

/** The rows of the document: name of the attack, then what the columns say. */
export function documented(): Map<string, Verdicts> {
  const { text, from, to } = halves();
  const rows = new Map<string, Verdicts>();
  for (const line of text.slice(from, to).split('\n')) {
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
    const row = (cells: string[]): string => `| ${cells.join(' | ')} |`;
    const head = [row(['attack', 'what the run does', ...COLUMNS]), '|---|---|---|---|---|'];
    const rows = Object.entries(family).map(([name, { does }]) => {
      const verdicts = verdictsOf(name);
      return row([name, does.replaceAll('|', '\\|'), ...COLUMNS.map((column) => verdicts[column] ?? 'not known')]);
    });
    return [`### ${title}`, '', ...head, ...rows].join('\n');
  });
  return `\n${parts.join('\n\n')}\n\n`;
}

/** Whether the document has exactly the attacks that there are, as they describe themselves. */
export function isComplete(): boolean {
  const { text, from, to } = halves();
  const rows = documented();
  return text.slice(from, to) === tables((name) => rows.get(name) ?? {});
}

/** Writes the verdicts of one column; what other columns said stays. */
export function writeColumn(column: Column, verdicts: ReadonlyMap<string, Verdict>): void {
  const rows = documented();
  const { text, from, to } = halves();
  const merged = (name: string): Verdicts => {
    const verdict = verdicts.get(name);
    return { ...rows.get(name), ...(verdict === undefined ? {} : { [column]: verdict }) };
  };
  writeFileSync(FILE, text.slice(0, from) + tables(merged) + text.slice(to));
}
