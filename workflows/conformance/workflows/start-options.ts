/** What a start can say about the run. */
import { ApplicationFailure, condition, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import { note } from './messages';
import { signalled } from './support';

export async function takesArguments(...args: unknown[]): Promise<unknown> {
  return { count: args.length, args: args.map((arg) => (arg === undefined ? 'undefined' : arg)) };
}

export async function outlivesItsTimeout(): Promise<void> {
  await sleep('1 hour');
}

export async function runsForTheFirstTime(): Promise<string> {
  await sleep(10);
  return 'done';
}

export async function startsLate(): Promise<{ late: boolean }> {
  const { startTime } = workflowInfo();
  return { late: Date.now() - startTime.getTime() >= 1_000 };
}

/** Fails until the given attempt. */
export async function retriedWorkflow(successAt: number, type: string): Promise<number> {
  const { attempt } = workflowInfo();
  if (attempt < successAt) throw ApplicationFailure.create({ message: `attempt ${attempt} fails`, type });
  return attempt;
}

export async function nonRetryableWorkflow(): Promise<void> {
  throw ApplicationFailure.nonRetryable('once and never again', 'Final');
}

/** Asks for its own next attempt. */
export async function delaysItsRetry(): Promise<number> {
  const { attempt } = workflowInfo();
  if (attempt > 1) return attempt;
  throw ApplicationFailure.create({ message: 'in a moment', nextRetryDelay: '100 ms' });
}

export async function runsByCron(): Promise<number> {
  const before = (workflowInfo().lastResult as number | undefined) ?? 0;
  if (before === 2) await condition(() => false, '1 hour');
  return before + 1;
}

export async function sharesItsId(name: string): Promise<unknown> {
  const seen: unknown[] = [];
  setHandler(note, (value) => void seen.push(value));
  await signalled();
  return { name, seen };
}

export async function closesAs(how: 'completed' | 'failed'): Promise<string> {
  if (how === 'failed') throw ApplicationFailure.nonRetryable('as asked');
  return how;
}

export async function hasPriority(): Promise<unknown> {
  await sleep(1);
  return workflowInfo().priority ?? null;
}
