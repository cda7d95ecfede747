#!/usr/bin/env node
// Checks that what ARCHITECTURE.md cites exists: files, functions, and the tests that hold the invariants.
//
// - `a/path` or `file.ext` is a file or folder, from the repository's root or from the folder that the heading names.
// - `name()`, `Type::name()` is a function somewhere in the sources.
// - `file` :: `name` is a test. Every bold item below `## Invariants` cites at least one.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { REPO_ROOT, fail } from './programs.mjs';

const DOCUMENT = 'ARCHITECTURE.md';
const SOURCES = ['worker/src', 'bundle/src', 'activities/src', 'codecs/src', 'workflows/src', 'worker/build.rs'];
const EXTENSION = /\.(rs|js|mjs|ts|sh|md|toml)$/;

const root = (name) => path.join(REPO_ROOT, name);
const problems = [];
const lines = readFileSync(root(DOCUMENT), 'utf8').split('\n');

function sourceText(name) {
  const file = root(name);
  if (statSync(file).isFile()) return EXTENSION.test(name) ? readFileSync(file, 'utf8') : '';
  return readdirSync(file)
    .map((entry) => sourceText(path.join(name, entry)))
    .join('\n');
}

/** Whether `file` defines the test `name`. */
function definesTest(file, name) {
  const text = readFileSync(root(file), 'utf8');
  const literal = name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  if (file.endsWith('.rs')) {
    // Inside of `proptest!` a test has arguments; elsewhere it has none.
    return new RegExp(`#\\[(?:tokio::)?test\\b[^\\]]*\\]\\s*(?:#\\[[^\\]]*\\]\\s*)*(?:async )?fn ${literal}\\(`).test(
      text
    );
  }
  return new RegExp(`\\b(?:it|test)\\(\\s*['"\`]${literal}['"\`]`).test(text);
}

function checkTests(text, where) {
  const cited = [...text.matchAll(/`([^`]+)` :: `([^`]+)`/g)];
  for (const [, file, name] of cited) {
    if (!existsSync(root(file))) problems.push(`${where}: there is no file ${file}`);
    else if (!definesTest(file, name)) problems.push(`${where}: ${file} has no test '${name}'`);
  }
  return cited.length;
}

/** The items of the lists below `## Invariants`, each with its first line's number. */
function invariants() {
  const items = [];
  const from = lines.indexOf('## Invariants');
  if (from < 0) fail(`${DOCUMENT} has no heading '## Invariants'`);
  for (let i = from + 1; i < lines.length && !lines[i].startsWith('## '); i += 1) {
    if (lines[i].startsWith('- ')) items.push({ line: i + 1, text: lines[i] });
    else if (lines[i].startsWith('  ')) items.at(-1).text += `\n${lines[i]}`;
  }
  return items;
}

function checkPaths() {
  let folder = '';
  let isCode = false;
  let sources;
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('```')) isCode = !isCode;
    if (isCode) continue;
    const heading = /^#+ (?:.*`([^`]+)`)?/.exec(line);
    if (heading) folder = heading[1] ?? '';
    for (const [, token] of line.replaceAll(/`[^`]+` :: `[^`]+`/g, '').matchAll(/`([^`]+)`/g)) {
      const name = /(\w+)\(\)$/.exec(token)?.[1];
      if (name !== undefined) {
        sources ??= SOURCES.map(sourceText).join('\n');
        const definition = new RegExp(`\\b(?:fn|function) ${name}\\b|\\bconst ${name} =`);
        if (!definition.test(sources)) problems.push(`line ${index + 1}: there is no function ${name}`);
      } else if (/^[\w./-]+$/.test(token) && (token.includes('/') || EXTENSION.test(token)) && token !== '.ts') {
        const candidates = [token, path.join(folder, token)];
        const exists = candidates.some((candidate) => existsSync(root(candidate)));
        if (!exists) problems.push(`line ${index + 1}: there is no file ${token}`);
      }
    }
  }
}

checkPaths();
let tests = 0;
const items = invariants();
for (const { line, text } of items) {
  const cited = checkTests(text, `line ${line}`);
  if (cited === 0) problems.push(`line ${line}: the invariant cites no test`);
  tests += cited;
}
if (problems.length > 0) {
  const list = problems.join('\n  ');
  fail(`${DOCUMENT} cites what does not exist:\n  ${list}\ncorrect the document, or the name that changed`);
}
console.log(`${DOCUMENT}: ${items.length} invariants, ${tests} tests, all there`);
