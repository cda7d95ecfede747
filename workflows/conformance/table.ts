/** Writes and checks `docs/conformance.md`. Its text holds only what is the same in every run that goes well. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PACKAGE_DIR } from '../src/tools/bundles';
import { type ConformanceCase, FEATURES, type Feature } from './case';
import { CONTEXTS, MATRICES, type Subject } from './configuration';
import { KNOWN_DIFFERENCES } from './differences';
import { type Verdict, isFailure, reasonOf } from './report';

export const TABLE_FILE = path.join(PACKAGE_DIR, '../docs/conformance.md');
const COMMAND = 'make conformance';

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** What a worker made of the case, over all sizes of the cache: `ok`, or the first trouble. */
function resultOf(item: ConformanceCase, subject: Subject, verdicts: readonly Verdict[]): string {
  const own = verdicts.filter((verdict) => verdict.item === item && verdict.subject === subject);
  const trouble = own.find(isFailure);
  if (trouble !== undefined) {
    const where = trouble.broken ?? `differs at ${trouble.difference?.path}`;
    return `cache ${trouble.maxCachedWorkflows}: ${where}`;
  }
  if (own.some((verdict) => reasonOf(verdict) !== undefined)) return 'differs, see below';
  return own.length === 0 ? 'not run' : 'ok';
}

function nodeResult(item: ConformanceCase, verdicts: readonly Verdict[]): string {
  const own = verdicts.filter((verdict) => verdict.item === item && verdict.subject === 'node');
  const cached = item.needsCache === undefined ? '' : ' (cache needed)';
  return own.find(({ broken }) => broken)?.broken ?? `${own[0]?.summary ?? 'not run'}${cached}`;
}

function line(item: ConformanceCase, verdicts: readonly Verdict[]): string {
  const results = [nodeResult(item, verdicts), ...CONTEXTS.map((context) => resultOf(item, context, verdicts))];
  const cells = [`\`${item.name}\``, item.title, `\`${item.workflow}\``, ...results];
  return `| ${cells.map(cell).join(' | ')} |`;
}

function section(feature: Feature, cases: readonly ConformanceCase[], verdicts: readonly Verdict[]): string[] {
  const own = cases.filter((item) => item.feature === feature);
  if (own.length === 0) return [];
  const columns = ['Case', 'What it shows', 'Workflow', 'Node', 'Burdock, shared', 'Burdock, per workflow'];
  const head = [`| ${columns.join(' | ')} |`, `|${'---|'.repeat(columns.length)}`];
  return [`## ${feature}`, '', ...head, ...own.map((item) => line(item, verdicts)), ''];
}

function differences(): string[] {
  if (KNOWN_DIFFERENCES.length === 0) return [];
  const lines = KNOWN_DIFFERENCES.map(({ case: name, reason }) => `- \`${name}\`: ${reason}`);
  return ['## Differences that are meant to be', '', ...lines, ''];
}

function notRunWithoutCache(cases: readonly ConformanceCase[]): string[] {
  const needing = cases.filter(({ needsCache }) => needsCache !== undefined);
  const lines = needing.map(({ name, needsCache }) => `- \`${name}\`: ${needsCache}`);
  return lines.length === 0 ? [] : ['## Cases that need a cache', '', ...lines, ''];
}

/** The whole document. */
export function tableOf(cases: readonly ConformanceCase[], verdicts: readonly Verdict[], sdkVersion: string): string {
  const workflows = new Set(cases.map(({ bundle = 'plain', workflow }) => `${bundle} ${workflow}`));
  const caches = MATRICES.full.map(({ maxCachedWorkflows }) => maxCachedWorkflows).join(', ');
  return [
    '# Conformance with the Node worker',
    '',
    `Written by \`${COMMAND}\`; \`make test\` checks it with the smaller matrix \`ci\`.`,
    '',
    'Each case runs the same bundle with the same inputs under the Node worker and under Burdock, with both executors',
    `and with caches of ${caches} runs. What the client sees (results, and failures with their causes) and the histories`,
    'of all runs, event by event, are compared after ids, times and versions of SDKs are taken out. `ok` is: no',
    `difference to the Node worker. The bundles and the Node worker are npm \`@temporalio/worker\` ${sdkVersion}.`,
    '',
    `${cases.length} cases, ${workflows.size} workflows.`,
    '',
    ...FEATURES.flatMap((feature) => section(feature, cases, verdicts)),
    ...notRunWithoutCache(cases),
    ...differences(),
  ].join('\n');
}

export async function writeTable(text: string): Promise<void> {
  await writeFile(TABLE_FILE, text);
}

/** The first line where the checked-in document differs from the run's, or undefined. */
export async function tableDrift(text: string): Promise<string | undefined> {
  const checkedIn = await readFile(TABLE_FILE, 'utf8').catch(() => '');
  const [theirs, ours] = [checkedIn.split('\n'), text.split('\n')];
  const index = ours.findIndex((own, at) => own !== theirs[at]);
  if (index < 0 && theirs.length === ours.length) return undefined;
  const at = index < 0 ? ours.length : index;
  return `docs/conformance.md line ${at + 1}: it says '${theirs[at] ?? ''}', the run says '${ours[at] ?? ''}'.`;
}
