// Blocks of Markdown files that scripts write: everything between `<!-- NAME:begin -->` and `<!-- NAME:end -->`.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { REPO_ROOT, fail } from './programs.mjs';

/** A table; the cells of one row are strings. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** The text of `file` and the text of its block. */
export function readBlock(file, name) {
  const text = readFileSync(path.join(REPO_ROOT, file), 'utf8');
  const [begin, end] = [`<!-- ${name}:begin -->\n`, `<!-- ${name}:end -->`];
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  if (!text.includes(begin) || to < from) fail(`${file} lacks the lines ${begin.trim()} and ${end}; put them back`);
  return { text, from, to, block: text.slice(from, to).trim() };
}

export function writeBlock(file, name, block) {
  const { text, from, to } = readBlock(file, name);
  writeFileSync(path.join(REPO_ROOT, file), `${text.slice(0, from)}\n${block}\n\n${text.slice(to)}`);
}
