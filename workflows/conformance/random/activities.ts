/** Activities of random programs, on the Node worker that all of them share. */
import { ApplicationFailure, activityInfo, getClient } from '@temporalio/activity';
import { temporal } from '@temporalio/proto';
import { until } from '../../src/support/poll';
import { Watch } from './quiet';

const PATIENCE_MS = 60_000;
const { PENDING_ACTIVITY_STATE_STARTED } = temporal.api.enums.v1.PendingActivityState;

function ownWorkflow(): string {
  return activityInfo().workflowExecution?.workflowId ?? '';
}

/** Fails as often as it is told to, and then returns its input. */
export async function failsFirst(input: string, failures: number, nonRetryable: boolean): Promise<string> {
  const { attempt } = activityInfo();
  if (attempt > failures) return input;
  throw ApplicationFailure.create({
    message: `attempt ${attempt} of ${input}`,
    type: 'Planned',
    nonRetryable,
    details: [attempt],
  });
}

/** Waits until a worker has taken the activity of the calling workflow; there is none if it was cancelled at once. */
export async function untilTaken(activityId: string): Promise<void> {
  const handle = getClient().workflow.getHandle(ownWorkflow());
  await until(`activity '${activityId}' to start`, PATIENCE_MS, async () => {
    const pending = (await handle.describe()).raw.pendingActivities?.find(
      (activity) => activity.activityId === activityId
    );
    return pending === undefined || pending.state === PENDING_ACTIVITY_STATE_STARTED || undefined;
  });
}

/** Waits until the calling workflow no longer has the activity. */
export async function untilActivityGone(activityId: string): Promise<void> {
  const handle = getClient().workflow.getHandle(ownWorkflow());
  await until(`activity '${activityId}' to end`, PATIENCE_MS, async () => {
    const { pendingActivities } = (await handle.describe()).raw;
    return pendingActivities?.some((activity) => activity.activityId === activityId) ? undefined : true;
  });
}

/** Waits until the calling workflow no longer has the child. */
export async function untilChildGone(workflowId: string): Promise<void> {
  const handle = getClient().workflow.getHandle(ownWorkflow());
  await until(`child '${workflowId}' to end`, PATIENCE_MS, async () => {
    const { pendingChildren } = (await handle.describe()).raw;
    return pendingChildren?.some((child) => child.workflowId === workflowId) ? undefined : true;
  });
}

/** Waits until the child awaits nothing that ends by itself. */
export async function untilChildQuiet(workflowId: string): Promise<void> {
  await new Watch(getClient()).untilQuiet(workflowId);
}
