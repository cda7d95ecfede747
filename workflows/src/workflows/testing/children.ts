import {
  ApplicationFailure,
  CancellationScope,
  type ChildWorkflowCancellationType,
  ParentClosePolicy,
  condition,
  defineSignal,
  executeChild,
  getExternalWorkflowHandle,
  setHandler,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { type ErrorSummary, rejectionOf } from './describe-error';

export const release = defineSignal<[string]>('release');

/** Waits for the signal `release` and returns its argument; ends as cancelled when it is cancelled. */
export async function waitForRelease(): Promise<string> {
  let word: string | undefined;
  setHandler(release, (given) => void (word = given));
  await condition(() => word !== undefined);
  return word ?? '';
}

export async function failsWith(type: string): Promise<void> {
  await sleep(1);
  throw ApplicationFailure.nonRetryable('failed on demand', type, { reason: 'a test' });
}

export async function childCompletes(): Promise<string> {
  const child = await startChild(waitForRelease, { workflowId: `${workflowInfo().workflowId}/child` });
  await child.signal(release, 'well done');
  return child.result();
}

export async function childFails(): Promise<ErrorSummary | undefined> {
  return rejectionOf(executeChild(failsWith, { args: ['ChildTrouble'] }));
}

export async function childCancelled(type: ChildWorkflowCancellationType): Promise<ErrorSummary | undefined> {
  const scope = new CancellationScope();
  const outcome = scope.run(async () => {
    const child = await startChild(waitForRelease, {
      cancellationType: type,
      parentClosePolicy: ParentClosePolicy.TERMINATE,
    });
    return rejectionOf(child.result());
  });
  await sleep(300);
  scope.cancel();
  return outcome;
}

/** A child cancelled in the workflow task that would start it. */
export async function childCancelledBeforeStart(): Promise<ErrorSummary | undefined> {
  const scope = new CancellationScope();
  const outcome = scope.run(() => rejectionOf(executeChild(waitForRelease, {})));
  scope.cancel();
  await sleep(1);
  return outcome;
}

/** Two children of one id: the second cannot start while the first one runs. */
export async function childDuplicate(): Promise<ErrorSummary | undefined> {
  const workflowId = `${workflowInfo().workflowId}/child`;
  const first = await startChild(waitForRelease, { workflowId });
  const error = await rejectionOf(startChild(waitForRelease, { workflowId }));
  await first.signal(release, 'done');
  await first.result();
  return error;
}

export interface ExternalOutcome {
  signal?: ErrorSummary;
  cancel?: ErrorSummary;
}

/** Signals and cancels another workflow; reports how either request failed. */
export async function reachesOut(workflowId: string): Promise<ExternalOutcome> {
  const other = getExternalWorkflowHandle(workflowId);
  const signal = await rejectionOf(other.signal(release, 'from afar'));
  const cancel = await rejectionOf(other.cancel());
  return { ...(signal ? { signal } : {}), ...(cancel ? { cancel } : {}) };
}

/** Withdraws a signal in the workflow task that would send it. */
export async function withdrawsSignal(workflowId: string): Promise<ErrorSummary | undefined> {
  const scope = new CancellationScope();
  const outcome = scope.run(() => rejectionOf(getExternalWorkflowHandle(workflowId).signal(release, 'too late')));
  scope.cancel();
  await sleep(1);
  return outcome;
}
