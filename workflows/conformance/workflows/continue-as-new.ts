/** Continue-as-new in all its forms. */
import {
  CancellationScope,
  ContinueAsNew,
  condition,
  continueAsNew,
  executeChild,
  makeContinueAsNewFunc,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { note, noted } from './messages';
import { signalled } from './support';
import { scoreKey, stageKey } from './attribute-keys';
import { sorted } from './sorted';

export async function continuesWithState(state: { runs: number; words: string[] }): Promise<unknown> {
  const next = { runs: state.runs + 1, words: [...state.words, `run ${state.runs}`] };
  if (next.runs < 4) await continueAsNew<typeof continuesWithState>(next);
  return next;
}

export async function continuesWithoutArguments(): Promise<string> {
  if (workflowInfo().continuedFromExecutionRunId === undefined) await continueAsNew();
  return 'second run';
}

export async function continuedAsOther(from: string, value: number): Promise<unknown> {
  return { from, value, type: workflowInfo().workflowType };
}

export async function continuesAsOtherType(value: number): Promise<void> {
  const other = makeContinueAsNewFunc<typeof continuedAsOther>({ workflowType: 'continuedAsOther' });
  await other(workflowInfo().workflowType, value);
}

/** Timeouts of the next run; the run of the whole chain keeps its own. */
export async function continuesWithTimeouts(second: boolean): Promise<unknown> {
  const { runTimeoutMs, taskTimeoutMs, executionTimeoutMs, taskQueue } = workflowInfo();
  if (second) return { runTimeoutMs, taskTimeoutMs, executionTimeoutMs };
  const next = makeContinueAsNewFunc<typeof continuesWithTimeouts>({
    workflowRunTimeout: '2 minutes',
    workflowTaskTimeout: 7_000,
    taskQueue,
  });
  return next(true);
}

export async function continuesWithMemo(how: 'kept' | 'replaced' | 'done'): Promise<unknown> {
  if (how === 'done') return sorted(workflowInfo().memo);
  const options = how === 'kept' ? {} : { memo: { new: ['memo', { nested: true }] } };
  return makeContinueAsNewFunc<typeof continuesWithMemo>(options)('done');
}

export async function continuesWithTypedAttributes(how: 'kept' | 'replaced' | 'done'): Promise<unknown> {
  const { typedSearchAttributes } = workflowInfo();
  if (how === 'done') return { stage: typedSearchAttributes.get(stageKey), score: typedSearchAttributes.get(scoreKey) };
  const options = how === 'kept' ? {} : { typedSearchAttributes: [{ key: stageKey, value: 'second' }] };
  return makeContinueAsNewFunc<typeof continuesWithTypedAttributes>(options)('done');
}

export async function continuesWithUntypedAttributes(second: boolean): Promise<unknown> {
  if (second) return sorted(workflowInfo().searchAttributes);
  const options = {
    searchAttributes: { BurdockStage: ['untyped'], BurdockScore: [1] },
    typedSearchAttributes: [{ key: scoreKey, value: 2 }],
  };
  return makeContinueAsNewFunc<typeof continuesWithUntypedAttributes>(options)(true);
}

/** The retry policy is the one of the start. */
export async function continuesWithRetryPolicy(second: boolean): Promise<unknown> {
  const { retryPolicy, attempt } = workflowInfo();
  return second ? { retryPolicy, attempt } : continueAsNew<typeof continuesWithRetryPolicy>(true);
}

export async function continuesAfterBackoff(second: boolean): Promise<unknown> {
  if (second) return { waited: Date.now() - workflowInfo().startTime.getTime() >= 1_000 };
  return makeContinueAsNewFunc<typeof continuesAfterBackoff>({ backoffStartInterval: '1 second' })(true);
}

export async function continuesWithVersioningBehavior(second: boolean): Promise<string> {
  if (second) return 'second run';
  const options = { initialVersioningBehavior: 'AUTO_UPGRADE' } as const;
  return makeContinueAsNewFunc<typeof continuesWithVersioningBehavior>(options)(true);
}

export async function continuesFromSignal(notes: unknown[]): Promise<unknown> {
  setHandler(note, async (value) => {
    if (value !== 'end') await continueAsNew<typeof continuesFromSignal>([...notes, value]);
    notes.push('ended');
  });
  await condition(() => notes.includes('ended'));
  return notes;
}

/** The update is accepted, and ends with the run that it ends. */
export async function continuesFromUpdate(second?: string): Promise<unknown> {
  if (second !== undefined) return second;
  setHandler(noted, (value) => continueAsNew<typeof continuesFromUpdate>(value));
  return condition(() => false);
}

/** The signals of the next run come after its handler is set. */
export async function continuesWithSignals(run: number, before: unknown[]): Promise<unknown> {
  const seen = [...before];
  setHandler(note, (value) => void seen.push([run, value]));
  await signalled();
  return run < 2 ? continueAsNew<typeof continuesWithSignals>(run + 1, seen) : seen;
}

export async function catchesContinueAsNew(caught?: unknown): Promise<unknown> {
  if (caught !== undefined) return caught;
  try {
    return await continueAsNew<typeof catchesContinueAsNew>('never');
  } catch (err) {
    const { name, message } = err as Error;
    const seen = { isContinueAsNew: err instanceof ContinueAsNew, name, message };
    return continueAsNew<typeof catchesContinueAsNew>(seen);
  }
}

/** Unfinished timers and scopes end with their run. */
export async function continuesWithLooseEnds(second: boolean): Promise<string> {
  if (second) return 'second run';
  const loose = [sleep('1 hour'), CancellationScope.nonCancellable(() => sleep('1 hour'))];
  for (const promise of loose) promise.catch(() => undefined);
  await sleep(10);
  return CancellationScope.nonCancellable(() => continueAsNew<typeof continuesWithLooseEnds>(true));
}

export async function parentOfContinuing(): Promise<unknown> {
  return executeChild(continuesWithState, {
    args: [{ runs: 1, words: [] }],
    workflowId: `${workflowInfo().workflowId}/child`,
  });
}

export async function continueAsNewSuggestions(): Promise<unknown> {
  const { continueAsNewSuggested, suggestedContinueAsNewReasons, targetWorkerDeploymentVersionChanged } =
    workflowInfo();
  return { continueAsNewSuggested, suggestedContinueAsNewReasons, targetWorkerDeploymentVersionChanged };
}

/** What links the runs of a chain. */
export async function continuesWithLinks(firstRunId?: string, previousRunId?: string): Promise<unknown> {
  const info = workflowInfo();
  if (firstRunId === undefined) return continueAsNew<typeof continuesWithLinks>(info.runId, info.runId);
  if (firstRunId === previousRunId) return continueAsNew<typeof continuesWithLinks>(firstRunId, info.runId);
  return {
    first: info.firstExecutionRunId === firstRunId,
    previous: info.continuedFromExecutionRunId === previousRunId,
    original: info.originalExecutionRunId === info.runId,
    started: info.startTime.getTime() <= info.runStartTime.getTime(),
    attempt: info.attempt,
    lastResult: info.lastResult ?? null,
    lastFailure: info.lastFailure ?? null,
  };
}
