/** Workflows that are started as children, and those that wait to be told what to do. */
import {
  ApplicationFailure,
  CancellationScope,
  continueAsNew,
  defineSignal,
  executeChild,
  isCancellation,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { PAUSE, signalled } from './support';

export const note = defineSignal<[string]>('note');

export async function childReturns(value: unknown): Promise<unknown> {
  return value;
}

export async function childFails(message: string, nonRetryable = true): Promise<never> {
  const cause = ApplicationFailure.create({ message: 'deep inside', type: 'Root', details: [{ deep: true }] });
  throw ApplicationFailure.create({ message, type: 'ChildTrouble', nonRetryable, details: ['told', 7], cause });
}

/** Collects notes until it is told to proceed. */
export async function childCollects(): Promise<string[]> {
  const notes: string[] = [];
  setHandler(note, (text) => void notes.push(text));
  await signalled();
  return notes;
}

export type EndOfChild = 'cancelled' | 'completed' | 'failed';

/** Goes on for a while after it is cancelled, and then ends in the given way. */
export async function childLingers(end: EndOfChild): Promise<string> {
  try {
    await signalled();
    return 'never cancelled';
  } catch (err) {
    if (!isCancellation(err)) throw err;
    await CancellationScope.nonCancellable(() => sleep(PAUSE));
    if (end === 'failed') throw ApplicationFailure.nonRetryable('failed in spite of it', 'Spite');
    if (end === 'completed') return 'completed in spite of it';
    throw err;
  }
}

export async function childFailsUntil(attempt: number): Promise<number> {
  if (workflowInfo().attempt < attempt)
    throw ApplicationFailure.retryable(`attempt ${workflowInfo().attempt}`, 'Flaky');
  return workflowInfo().attempt;
}

export async function childContinues(rounds: number): Promise<string> {
  if (rounds > 0) await continueAsNew<typeof childContinues>(rounds - 1);
  return `continued from ${workflowInfo().continuedFromExecutionRunId ? 'another run' : 'nothing'}`;
}

export async function childHasChild(fails: boolean): Promise<unknown> {
  if (fails) return executeChild(childFails, { args: ['the grandchild fails'] });
  return executeChild(childReturns, { args: ['from the grandchild'] });
}

/** Entries in the order of their keys; the one in which they come from the server is any. */
function sorted(record: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What a child knows of how it was started. */
export async function childTells(): Promise<unknown> {
  const { workflowType, memo, searchAttributes, priority, parent, root, attempt, cronSchedule } = workflowInfo();
  const { typedSearchAttributes, retryPolicy, namespace } = workflowInfo();
  const typed = typedSearchAttributes.getAll().map(({ key, value }) => [key.name, key.type, value]);
  return {
    workflowType,
    memo: memo && sorted(memo),
    searchAttributes: sorted(searchAttributes),
    typed: typed.sort(),
    priority,
    parentId: parent?.workflowId,
    rootId: root?.workflowId,
    sameNamespace: parent?.namespace === namespace,
    attempt,
    cronSchedule,
    retryPolicy,
  };
}
