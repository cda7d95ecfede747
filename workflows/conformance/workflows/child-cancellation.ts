/** Children and cancellation. */
import {
  CancellationScope,
  ChildWorkflowCancellationType,
  executeChild,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { Outcome } from '../case';
import { type EndOfChild, childLingers, childReturns } from './children';
import { cancellationOf, childIdOf, signalled } from './support';

/** Cancels a running child when it is told to; each cancellation type reports in its way. */
export async function parentCancels(
  cancellationType: ChildWorkflowCancellationType,
  end: EndOfChild
): Promise<Outcome> {
  const scope = new CancellationScope();
  const workflowId = childIdOf(workflowInfo().workflowId);
  const child = await scope.run(() =>
    startChild(childLingers, { workflowId, args: [end], cancellationType, parentClosePolicy: 'ABANDON' })
  );
  const outcome = cancellationOf(child.result());
  await signalled();
  scope.cancel();
  const reported = await outcome;
  await signalled();
  return reported;
}

/** Children cancelled in the workflow task that would start them are never started. */
export async function parentCancelsBeforeStart(): Promise<Outcome[]> {
  const outcomes = Object.values(ChildWorkflowCancellationType).map((cancellationType) => {
    const scope = new CancellationScope();
    const outcome = cancellationOf(scope.run(() => executeChild(childReturns, { args: ['never'], cancellationType })));
    scope.cancel();
    return outcome;
  });
  await sleep(1);
  return Promise.all(outcomes);
}

export async function parentInCancelledScope(): Promise<Outcome[]> {
  const scope = new CancellationScope();
  scope.cancel();
  return [
    await cancellationOf(scope.run(() => executeChild(childReturns, { args: ['never'] }))),
    await cancellationOf(scope.run(() => startChild(childReturns, { args: ['never'] }))),
  ];
}

/** A child that has ended is not cancelled any more. */
export async function parentCancelsTooLate(): Promise<unknown> {
  const scope = new CancellationScope();
  const result = await scope.run(() => executeChild(childReturns, { args: ['in time'] }));
  scope.cancel();
  await sleep(1);
  return result;
}

/** Is cancelled together with its child when the client says so. */
export async function parentCancelledWithChild(): Promise<string> {
  const workflowId = childIdOf(workflowInfo().workflowId);
  return executeChild(childLingers, { workflowId, args: ['cancelled'] });
}
