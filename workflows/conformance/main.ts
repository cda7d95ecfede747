/**
 * The differential runner: every case under the Node worker and under Burdock, compared.
 *
 *     node lib/conformance/main.js [--matrix ci|full] [--worker node|burdock] [--context shared|per-workflow]
 *       [--cache N] [--only NAME,...] [--feature F] [--concurrency N] [--print] [--write-table] [--check-table]
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { endChildrenOnSignals } from '../src/support/child';
import { burdockProgram, requireBurdock } from '../src/support/temporal';
import type { ConformanceCase } from './case';
import { allCases } from './cases';
import type { Round, Subject } from './configuration';
import { type Flags, isPartial, readFlags, roundsOf } from './flags';
import { type Verdict, describeRun, isFailure, staleDifferences } from './report';
import { RoundRunner } from './rounds';
import { TABLE_FILE, tableDrift, tableOf, writeTable } from './table';
import { Ground } from './workers';

function chooseCases({ only, feature }: Flags): ConformanceCase[] {
  const names = allCases.map(({ name }) => name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0) throw new Error(`Two cases have the name '${twice[0]}'; names of cases are unique.`);
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`There is no case '${unknown[0]}'.`);
  const chosen = allCases.filter((item) => only.length === 0 || only.includes(item.name));
  return chosen.filter((item) => feature === undefined || item.feature === feature);
}

/** What the program under test can do, by its own help. */
interface Abilities {
  contexts: boolean;
  versions: boolean;
  stackTraces: boolean;
}

const ABILITIES_OF_NODE: Abilities = { contexts: true, versions: true, stackTraces: true };

async function abilities(): Promise<Abilities> {
  const { stdout } = await promisify(execFile)(burdockProgram(), ['worker', '--help']);
  const has = (flag: string): boolean => stdout.includes(`${flag} `);
  return { contexts: has('--context'), versions: has('--use-worker-versioning'), stackTraces: has('--stack-traces') };
}

/** The flags of the worker under test. The Node worker always notes where promises come from. */
function workerFlags(subject: Subject, { contexts, stackTraces }: Abilities): string[] {
  if (subject === 'node') return [];
  return [
    ...(contexts ? ['--context', subject] : []),
    ...(stackTraces && subject === 'per-workflow' ? ['--stack-traces', 'always'] : []),
  ];
}

/** Leaves out the executor that the program lacks, and says so. */
function possibleRounds(rounds: readonly Round[], { contexts }: Abilities): Round[] {
  const isPossible = (subject: Subject): boolean => contexts || subject !== 'per-workflow';
  if (rounds.every(({ subjects }) => subjects.every(isPossible))) return [...rounds];
  console.log(`${burdockProgram()} has no flag --context; the executor per-workflow is left out.`);
  return rounds.map((round) => ({ ...round, subjects: round.subjects.filter(isPossible) }));
}

/** Leaves out the cases that need what the program lacks, and says so. */
function possibleCases(cases: readonly ConformanceCase[], { versions }: Abilities): ConformanceCase[] {
  const possible = cases.filter(({ bundle }) => versions || bundle !== 'versioned');
  const lacking = cases.length - possible.length;
  if (lacking > 0) console.log(`${burdockProgram()} has no --use-worker-versioning; ${lacking} cases are left out.`);
  return possible;
}

async function runRounds(
  rounds: readonly Round[],
  cases: readonly ConformanceCase[],
  { concurrency, print }: Flags,
  can: Abilities
): Promise<Verdict[]> {
  const ground = await Ground.open();
  const observe = (item: ConformanceCase, subject: Subject, run: unknown): void => {
    if (print) console.log(JSON.stringify({ case: item.name, subject, run }, undefined, 2));
  };
  try {
    const verdicts: Verdict[] = [];
    const flagsOf = (subject: Subject): string[] => workerFlags(subject, can);
    const options = { ground, concurrency, flagsOf, report: (line: string) => console.log(line), observe };
    for (const round of rounds) {
      verdicts.push(...(await new RoundRunner(round, options).run(cases)));
    }
    return verdicts;
  } finally {
    await ground.close();
  }
}

async function sdkVersion(): Promise<string> {
  const file = await readFile(require.resolve('@temporalio/worker/package.json'), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}

/** Writes or checks the table; the answer is whether it is in order. */
async function table(verdicts: readonly Verdict[], flags: Flags, complete: boolean): Promise<boolean> {
  if (!flags.writeTable && !flags.checkTable) return true;
  if (!complete) throw new Error('The table needs all cases with all executors; leave out --only and the like.');
  const text = tableOf(allCases, verdicts, await sdkVersion());
  if (flags.writeTable) {
    await writeTable(text);
    console.log(`wrote ${TABLE_FILE}`);
    return true;
  }
  const drift = await tableDrift(text);
  if (drift !== undefined)
    console.log(`The table has drifted: ${drift}\nRun \`make conformance\` and commit the result.`);
  return drift === undefined;
}

async function main(): Promise<number> {
  const flags = readFlags(process.argv.slice(2));
  const usesBurdock = flags.worker !== 'node';
  if (usesBurdock) requireBurdock();
  const can = usesBurdock ? await abilities() : ABILITIES_OF_NODE;
  const cases = possibleCases(chooseCases(flags), can);
  const rounds = possibleRounds(roundsOf(flags), can);
  endChildrenOnSignals();
  const verdicts = await runRounds(rounds, cases, flags, can);
  for (const line of describeRun(verdicts)) console.log(line);
  const stale = staleDifferences(verdicts);
  for (const name of stale) console.log(`${name} no longer differs; take it out of conformance/differences.ts.`);
  const inOrder = await table(verdicts, flags, !isPartial(flags) && can.contexts && cases.length === allCases.length);
  return verdicts.some(isFailure) || stale.length > 0 || !inOrder ? 1 : 0;
}

main().then(
  (code) => process.exit(code),
  (err: unknown) => {
    console.error(err instanceof Error ? err.message : err);
    process.exit(1);
  }
);
