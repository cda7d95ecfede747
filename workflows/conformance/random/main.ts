/**
 * Random programs: each runs under the Node worker and under Burdock; results and histories are compared.
 *
 *     node lib/conformance/random/main.js [--count N] [--seed N|random] [--cache N] [--context shared|per-workflow]
 *       [--concurrency N] [--print]
 */
import { endChildrenOnSignals } from '../../src/support/child';
import { concurrently } from '../../src/support/concurrently';
import { requireBurdock } from '../../src/support/temporal';
import { Ground } from '../workers';
import { type Flags, readFlags } from './flags';
import { Pairs, type Verdict } from './pair';
import { type Task, commandOf, tasksOf } from './plan';

/** With more programs in trouble than this it is no bad luck, and none is run again. */
const MAX_REPEATED = 8;
/** Races of the program's own, such as a cancellation against a result, end one way or the other; a defect always one way. */
const REPEATS = 3;

function tell({ task, trouble }: Verdict): void {
  console.log(`${commandOf(task)}  # ${trouble}`);
}

function print({ task, program, node, burdock, trouble }: Verdict): void {
  console.log(JSON.stringify({ task, trouble: trouble ?? null, program, node, burdock }, undefined, 2));
}

async function runAgain(pairs: Pairs, verdict: Verdict): Promise<Verdict> {
  let last = verdict;
  for (let time = 0; time < REPEATS && last.trouble !== undefined; time += 1) last = await pairs.run(verdict.task);
  return last;
}

/** The programs of one size of the cache; what differs is run again, alone. */
async function runTasks(
  pairs: Pairs,
  tasks: readonly Task[],
  { concurrency, print: isPrinting }: Flags
): Promise<Verdict[]> {
  const first = await concurrently(tasks, concurrency, (task) => pairs.run(task));
  const troubled = first.filter(({ trouble }) => trouble !== undefined);
  const verdicts: Verdict[] = [];
  for (const verdict of first) {
    const isRepeated = troubled.includes(verdict) && troubled.length <= MAX_REPEATED;
    const last = isRepeated ? await runAgain(pairs, verdict) : verdict;
    if (isPrinting) print(last);
    if (last.trouble !== undefined) tell(last);
    else if (isRepeated) console.log(`equal only when repeated: ${commandOf(last.task)}  # ${verdict.trouble}`);
    verdicts.push(last);
  }
  return verdicts;
}

async function runAll(flags: Flags): Promise<Verdict[]> {
  const tasks = tasksOf(flags);
  const sizes = [...new Set(tasks.map(({ maxCachedWorkflows }) => maxCachedWorkflows))];
  const ground = await Ground.open();
  const verdicts: Verdict[] = [];
  try {
    for (const size of sizes) {
      const started = Date.now();
      const own = tasks.filter(({ maxCachedWorkflows }) => maxCachedWorkflows === size);
      const pairs = new Pairs(ground, size);
      verdicts.push(...(await runTasks(pairs, own, flags).finally(() => pairs.close())));
      console.log(`cache ${size}: ${own.length} programs in ${Math.round((Date.now() - started) / 1000)} s`);
    }
    return verdicts;
  } finally {
    await ground.close();
  }
}

/** How many workflows, events and endings of each kind there were: a run that does nothing would show here. */
function describe(verdicts: readonly Verdict[]): string {
  const histories = verdicts.flatMap(({ node }) => node.histories);
  const events = histories.reduce((sum, history) => sum + history.events.length, 0);
  const endings = new Map<string, number>();
  for (const { node } of verdicts) endings.set(node.summary, (endings.get(node.summary) ?? 0) + 1);
  const told = [...endings].sort(([, a], [, b]) => b - a).map(([summary, count]) => `${count} ${summary}`);
  return `${histories.length} workflow runs with ${events} events; ${told.join(', ')}`;
}

async function main(): Promise<number> {
  const flags = readFlags(process.argv.slice(2), Date.now());
  requireBurdock();
  endChildrenOnSignals();
  console.log(`${flags.count} random programs from seed ${flags.seed}`);
  const verdicts = await runAll(flags);
  console.log(describe(verdicts));
  const troubled = verdicts.filter(({ trouble }) => trouble !== undefined);
  console.log(`${verdicts.length} programs: ${troubled.length} with trouble`);
  return troubled.length > 0 ? 1 : 0;
}

main().then(
  (code) => process.exit(code),
  (err: unknown) => {
    console.error(err instanceof Error ? err.message : err);
    process.exit(1);
  }
);
