/** Activities as random programs call them. */
import type { ActivityInterfaceFor } from '@temporalio/workflow';
import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { ProbeActivities } from '../../src/workflows/activities';
import type * as caseActivities from '../activities';
import type * as randomActivities from './activities';
import type { CallPlan, CancellationKind, EndOfActivity, StepId } from './program';

const LONG = '10 minutes';

/** The Node worker's activities that tell when the calling workflow may go on. */
export function probes(taskQueue: string): ActivityInterfaceFor<typeof randomActivities> {
  return proxyActivities<typeof randomActivities>({ taskQueue, startToCloseTimeout: LONG });
}

export async function call(plan: CallPlan, id: StepId, taskQueue: string): Promise<unknown> {
  const { target, failures, attempts, nonRetryable, backoffMs } = plan;
  const retry = { initialInterval: backoffMs, backoffCoefficient: 1, maximumAttempts: attempts };
  const key = `call ${id}`;
  if (target === 'common') {
    const options = { taskQueue, startToCloseTimeout: LONG, retry };
    return proxyActivities<typeof randomActivities>(options).failsFirst(key, failures, nonRetryable);
  }
  const { failTimes, echo } =
    target === 'own'
      ? proxyActivities<ProbeActivities>({ startToCloseTimeout: LONG, retry })
      : proxyLocalActivities<ProbeActivities>({ startToCloseTimeout: LONG, retry });
  return failures === 0 ? echo({ key, nothing: null }) : failTimes({ key, times: failures, nonRetryable });
}

export function heldCall(
  taskQueue: string,
  activityId: string,
  cancellationType: CancellationKind,
  end: EndOfActivity
): Promise<unknown> {
  const options = {
    taskQueue,
    activityId,
    cancellationType,
    startToCloseTimeout: LONG,
    heartbeatTimeout: '1 minute',
  } as const;
  const { endsWhenCancelled } = proxyActivities<typeof caseActivities>({ ...options, retry: { maximumAttempts: 1 } });
  return endsWhenCancelled(end);
}

/** An activity that no worker takes, since none polls its task queue. */
export function untakenCall(): Promise<unknown> {
  const options = { taskQueue: 'polled-by-nobody', scheduleToCloseTimeout: '1 hour' } as const;
  return proxyActivities<ProbeActivities>(options).echo('never');
}
