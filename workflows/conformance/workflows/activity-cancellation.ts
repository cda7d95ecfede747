/** Activities and cancellation. */
import { ActivityCancellationType, CancellationScope, sleep } from '@temporalio/workflow';
import type { EndOnCancellation } from '../activities';
import type { Outcome } from '../case';
import { outcomeOf } from '../outcome';
import { cancellationOf, signalled } from './support';
import { activitiesOf } from './support-activities';

const PATIENT = { heartbeatTimeout: '10s', retry: { maximumAttempts: 1 } } as const;

/** Cancels a running activity when it is told to; each cancellation type reports in its way. */
export async function activityCancelled(
  queue: string,
  cancellationType: ActivityCancellationType,
  end: EndOnCancellation
): Promise<Outcome> {
  const scope = new CancellationScope();
  const { endsWhenCancelled } = activitiesOf(queue, { ...PATIENT, cancellationType });
  const outcome = cancellationOf(scope.run(() => endsWhenCancelled(end)));
  await signalled();
  scope.cancel();
  return outcome;
}

/** An activity scheduled and cancelled within one workflow task never leaves the worker. */
export async function activityCancelledAtOnce(queue: string): Promise<Outcome[]> {
  const outcomes = Object.values(ActivityCancellationType).map((cancellationType) => {
    const scope = new CancellationScope();
    const { endsWhenCancelled } = activitiesOf(queue, { ...PATIENT, cancellationType });
    const outcome = cancellationOf(scope.run(() => endsWhenCancelled('cancelled')));
    scope.cancel();
    return outcome;
  });
  await sleep(1);
  return Promise.all(outcomes);
}

/** Nobody polls the queue, so the server itself answers the request. */
export async function activityCancelledBeforeStart(queue: string): Promise<Outcome[]> {
  const types = [ActivityCancellationType.TRY_CANCEL, ActivityCancellationType.WAIT_CANCELLATION_COMPLETED];
  const scope = new CancellationScope();
  const outcomes = types.map((cancellationType) => {
    const { returnsNothing } = activitiesOf(`${queue}-of-nobody`, { cancellationType });
    return cancellationOf(scope.run(() => returnsNothing()));
  });
  await sleep(1);
  scope.cancel();
  return Promise.all(outcomes);
}

/** What is scheduled in a cancelled scope is not scheduled at all. */
export async function activityInCancelledScope(queue: string): Promise<Outcome> {
  const scope = new CancellationScope();
  scope.cancel();
  const outcome = await cancellationOf(scope.run(() => activitiesOf(queue).returnsNothing()));
  await sleep(1);
  return outcome;
}

/** Many of one workflow task, all cancelled in another. */
export async function activitiesCancelledTogether(queue: string, count: number): Promise<number> {
  const scope = new CancellationScope();
  const { returnsNothing } = activitiesOf(`${queue}-of-nobody`, { cancellationType: 'TRY_CANCEL' });
  const outcomes = Array.from({ length: count }, () => outcomeOf(scope.run(() => returnsNothing())));
  await sleep(1);
  scope.cancel();
  const ended = await Promise.all(outcomes);
  return ended.filter((outcome) => 'failure' in outcome).length;
}

/** Is cancelled with its activity when the client says so. */
export async function activityCancelledWithWorkflow(queue: string): Promise<string> {
  return activitiesOf(queue, { ...PATIENT, cancellationType: 'WAIT_CANCELLATION_COMPLETED' }).endsWhenCancelled(
    'cancelled'
  );
}
