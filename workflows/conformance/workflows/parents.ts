/** Parents: how children are started, and how they end. */
import { type ChildWorkflowOptions, executeChild, sleep, startChild, workflowInfo } from '@temporalio/workflow';
import type { Outcome } from '../case';
import { outcomeOf } from '../outcome';
import { flagKey, ratioKey, scoreKey, stageKey, whenKey } from './attribute-keys';
import * as children from './children';
import { PAUSE, childIdOf, outcomeOfCall, signalled } from './support';

function ownChildId(): string {
  return childIdOf(workflowInfo().workflowId);
}

export async function parentStarts(): Promise<unknown> {
  const workflowId = ownChildId();
  const child = await startChild(children.childReturns, { workflowId, args: [{ some: ['value', null] }] });
  const hasRunId = /^[0-9a-f-]{36}$/.test(child.firstExecutionRunId);
  return {
    hasId: child.workflowId === workflowId,
    hasRunId,
    result: await child.result(),
    again: await child.result(),
  };
}

/** By function and by name, with and without options, with ids that are made up. */
export async function parentExecutes(): Promise<unknown[]> {
  return [
    await executeChild(children.childReturns, { args: ['by function'] }),
    await executeChild<typeof children.childReturns>('childReturns', { args: ['by name'] }),
    String(await executeChild('childReturns')),
    await executeChild<typeof children.childReturns>('childReturns', {
      args: [[1, { two: 2 }]],
      workflowId: ownChildId(),
    }),
  ];
}

export async function parentOfFailure(): Promise<Outcome> {
  return outcomeOf(executeChild(children.childFails, { args: ['the child fails'], workflowId: ownChildId() }));
}

export async function parentFailsWithChild(): Promise<unknown> {
  return executeChild(children.childFails, { args: ['the child fails'], workflowId: ownChildId() });
}

/** The result is fetched after the child has failed, and not at all from another one. */
export async function parentFetchesLate(): Promise<Outcome> {
  await startChild(children.childFails, { args: ['nobody asks'] });
  await sleep(PAUSE);
  const child = await startChild(children.childFails, { args: ['asked late'] });
  await sleep(PAUSE);
  return outcomeOf(child.result());
}

export async function parentOfParents(): Promise<Outcome[]> {
  return [
    await outcomeOf(executeChild(children.childHasChild, { args: [false] })),
    await outcomeOf(executeChild(children.childHasChild, { args: [true] })),
  ];
}

export async function parentOfRetried(): Promise<unknown> {
  const retry = { initialInterval: '10ms', backoffCoefficient: 1, maximumAttempts: 5 } as const;
  return executeChild(children.childFailsUntil, { args: [3], retry, workflowId: ownChildId() });
}

export async function parentOfHopeless(): Promise<Outcome[]> {
  const retry = { initialInterval: 1, backoffCoefficient: 1, maximumAttempts: 2 };
  const fatal = { ...retry, nonRetryableErrorTypes: ['Flaky'] };
  return [
    await outcomeOf(executeChild(children.childFailsUntil, { args: [9], retry })),
    await outcomeOf(executeChild(children.childFailsUntil, { args: [9], retry: fatal })),
  ];
}

export async function parentOfContinued(): Promise<unknown> {
  return executeChild(children.childContinues, { args: [2], workflowId: ownChildId() });
}

export async function parentOfTimedOut(option: 'workflowExecutionTimeout' | 'workflowRunTimeout'): Promise<Outcome> {
  return outcomeOf(executeChild(children.childCollects, { workflowId: ownChildId(), [option]: '5s' }));
}

export async function parentWithOptions(): Promise<unknown> {
  return executeChild(children.childTells, {
    workflowId: ownChildId(),
    memo: { why: 'a test', nested: { deep: [1, null] } },
    typedSearchAttributes: [
      { key: stageKey, value: 'a word' },
      { key: scoreKey, value: 7 },
      { key: flagKey, value: true },
    ],
    priority: { priorityKey: 4, fairnessKey: 'child', fairnessWeight: 2.5 },
    staticSummary: 'a child of a case',
    staticDetails: 'with *details*\nin two lines',
    workflowExecutionTimeout: '3m',
    workflowRunTimeout: '2m',
    workflowTaskTimeout: '20s',
    retry: { maximumAttempts: 2, maximumInterval: '1m', initialInterval: '5s', backoffCoefficient: 3 },
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    parentClosePolicy: 'REQUEST_CANCEL',
    cancellationType: 'TRY_CANCEL',
    taskQueue: workflowInfo().taskQueue,
  });
}

/** The form of search attributes that came before the typed one. */
export async function parentWithUntypedAttributes(): Promise<unknown> {
  const searchAttributes = { [stageKey.name]: ['old'], [ratioKey.name]: [2.5], [whenKey.name]: [new Date(0)] };
  return executeChild(children.childTells, { searchAttributes });
}

/** The child's first run begins when the clock says so, which is not today. */
export async function parentOfCron(): Promise<string> {
  await startChild(children.childTells, { workflowId: ownChildId(), cronSchedule: '0 0 1 1 *' });
  return 'started';
}

export async function parentOptionsRefused(): Promise<Outcome[]> {
  const call = (options: ChildWorkflowOptions): Promise<Outcome> =>
    outcomeOfCall(() => executeChild('childTells', options as never));
  const outcomes = [
    call({ retry: { maximumAttempts: 0 } }),
    call({ workflowRunTimeout: 'long' as never }),
    call({ parentClosePolicy: 'ADOPT' as never }),
    call({ workflowIdReusePolicy: 'BORROW' as never }),
    call({ cancellationType: 'MAYBE' as never }),
  ];
  return Promise.all(outcomes);
}

export async function parentSignals(): Promise<unknown> {
  const child = await startChild(children.childCollects, { workflowId: ownChildId() });
  await child.signal(children.note, 'by definition');
  await child.signal('note', 'by name');
  await child.signalWithOptions('note', { args: ['with options'] });
  return child.result();
}

export async function parentSignalsTooLate(): Promise<Outcome> {
  const child = await startChild(children.childReturns, { workflowId: ownChildId(), args: ['over'] });
  await child.result();
  await sleep(1);
  return outcomeOf(child.signal(children.note, 'too late'));
}

/** Whatever happens to the child is done by others. */
export async function parentWatches(): Promise<Outcome> {
  return outcomeOf(executeChild(children.childCollects, { workflowId: ownChildId() }));
}

export async function parentLeaves(parentClosePolicy: 'TERMINATE' | 'ABANDON' | 'REQUEST_CANCEL'): Promise<string> {
  await startChild(children.childCollects, { workflowId: ownChildId(), parentClosePolicy });
  await signalled();
  return 'left';
}

export async function parentOfTwins(): Promise<Outcome> {
  const workflowId = ownChildId();
  await startChild(children.childCollects, { workflowId });
  return outcomeOf(executeChild(children.childCollects, { workflowId }));
}

type Reuse = 'ALLOW_DUPLICATE' | 'ALLOW_DUPLICATE_FAILED_ONLY' | 'REJECT_DUPLICATE';

/** The id of a child that is over, used again. */
export async function parentReusesId(workflowIdReusePolicy: Reuse, firstFails: boolean): Promise<Outcome[]> {
  const workflowId = ownChildId();
  const first = firstFails
    ? executeChild(children.childFails, { workflowId, args: ['the first one fails'] })
    : executeChild(children.childReturns, { workflowId, args: ['first'] });
  return [
    await outcomeOf(first),
    await outcomeOf(executeChild(children.childReturns, { workflowId, workflowIdReusePolicy, args: ['second'] })),
  ];
}
