#!/usr/bin/env node
// Writes the tables of docs/ that follow from the program: the settings from its help, the exit codes from their
// definition. With --check it writes nothing and fails when a table is out of date.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readBlock, table, writeBlock } from './markdown.mjs';
import { REPO_ROOT, burdockProgram, fail, run } from './programs.mjs';

const EXIT_CODES = 'worker/src/exit_code.rs';
/** Flags that are no settings. */
const NOT_SETTINGS = new Set(['config', 'output', 'help', 'version']);

/** An environment in which nothing is set that a setting could come from. */
const BARE = { PATH: process.env.PATH, HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent' };

/** The flags of a subcommand in the order of its help: `{heading, name, value, text}`. */
function flagsOf(subcommand) {
  const help = run(burdockProgram(), [subcommand, '--help'], { env: BARE }).stdout;
  const flags = [];
  let heading = '';
  for (const line of help.split('\n')) {
    const flag = /^ {2,6}(?:-\w, )?--([a-z-]+)(?:\[?[= ]<([^>]+)>\]?)?(?: {2,}(.*))?$/.exec(line);
    if (/^\S.*:$/.test(line)) heading = line.slice(0, -1);
    else if (flag) flags.push({ heading, name: flag[1], value: flag[2] ?? '', text: flag[3] ?? '' });
    else if (/^ {10,}\S/.test(line) && flags.length > 0) flags.at(-1).text += ` ${line.trim()}`;
  }
  return flags.filter(({ name }) => !NOT_SETTINGS.has(name)).map((flag) => ({ ...flag, text: flag.text.trim() }));
}

/** Takes `[default: ..]`, `[required ..]` and `[env: ..]` out of a help text. */
function parts(text) {
  const found = { default: '', required: '', env: '' };
  const meaning = text.replaceAll(/\s*\[(default|required|env):?\s*([^\]]*)\]/g, (_, kind, said) => {
    found[kind] = kind === 'required' ? `required ${said}`.replace(/required ;/, 'required;').trim() : said;
    return '';
  });
  return { meaning, fallback: found.default || found.required || 'none', env: found.env };
}

const burdockVariable = (name) => `BURDOCK_${name.toUpperCase().replaceAll('-', '_')}`;

/** The variable of each setting. The program itself says where Temporal's own takes the place of ours. */
function variablesOf(names) {
  const env = { ...BARE, ...Object.fromEntries(names.map((name) => [burdockVariable(name), '-'])) };
  const complaints = run(burdockProgram(), ['config'], { env, expected: 64 }).stderr;
  return new Map(
    names.map((name) => {
      const ours = burdockVariable(name);
      const refused = new RegExp(`\`${ours}\` is not a setting of burdock(?:; set Temporal's own (\\w+))?`).exec(
        complaints
      );
      if (refused && !refused[1]) fail(`burdock refuses ${ours} and names no other variable for --${name}`);
      return [name, refused?.[1] ?? ours];
    })
  );
}

function settings() {
  const flags = flagsOf('worker');
  const variables = variablesOf(flags.map(({ name }) => name));
  const known = new Set(flags.map(({ name }) => name));
  const config = ['config', '--bundle', 'b.js', '--task-queue', 'q', '--output', 'json'];
  const shown = Object.keys(JSON.parse(run(burdockProgram(), config, { env: BARE }).stdout).settings);
  const differing = shown.filter((name) => !known.has(name)).concat([...known].filter((name) => !shown.includes(name)));
  if (differing.length > 0) fail(`'burdock config' and 'burdock worker --help' differ in ${differing.join(', ')}`);
  const row = ({ name, value, text }) => {
    const { meaning, fallback } = parts(text);
    return [`\`${name}\``, value, fallback, `\`${variables.get(name)}\``, meaning];
  };
  const headings = [...new Set(flags.map(({ heading }) => heading))];
  return headings
    .map((heading) => {
      const rows = flags.filter((flag) => flag.heading === heading).map(row);
      return `### ${heading}\n\n${table(['key', 'value', 'default', 'variable', 'meaning'], rows)}`;
    })
    .join('\n\n');
}

function devFlags() {
  const ofWorker = new Set(flagsOf('worker').map(({ name }) => name));
  const rows = flagsOf('dev')
    .filter(({ name }) => !ofWorker.has(name))
    .map(({ name, value, text }) => {
      const { meaning, fallback, env } = parts(text);
      return [`\`--${name}\``, value, fallback, env ? `\`${env}\`` : '', meaning];
    });
  return table(['flag', 'value', 'default', 'variable', 'meaning'], rows);
}

/** The variants of `ExitCode` with their documentation. */
function exitCodes() {
  const source = readFileSync(path.join(REPO_ROOT, EXIT_CODES), 'utf8');
  const variants = [...source.matchAll(/((?: {4}\/\/\/.*\n)+) {4}\w+ = (\d+),/g)];
  const rows = variants.map(([, comment, number]) => [number, comment.replaceAll(/\s*\/\/\/ ?/g, ' ').trim()]);
  if (rows.length === 0) fail(`${EXIT_CODES} has no variant with a number; adapt this script`);
  return table(['code', 'when'], rows);
}

const BLOCKS = [
  ['docs/configuration.md', 'settings', settings],
  ['docs/configuration.md', 'dev-flags', devFlags],
  ['docs/exit-codes.md', 'exit-codes', exitCodes],
];

const check = process.argv[2] === '--check';
if (process.argv.length > (check ? 3 : 2)) fail('the only option is --check');
const stale = [];
for (const [file, name, make] of BLOCKS) {
  const block = make();
  if (block === readBlock(file, name).block) continue;
  stale.push(`${file} (${name})`);
  if (!check) writeBlock(file, name, block);
}
if (check && stale.length > 0)
  fail(`out of date: ${stale.join(', ')}; run 'node scripts/docs.mjs' and commit the result`);
for (const place of stale) console.log(`wrote ${place}`);
