/** States that drivers await, so that the order of events does not depend on speed. */
import { temporal } from '@temporalio/proto';
import type { CaseEnvironment } from '../case';
import { until } from '../../src/support/poll';

const PATIENCE_MS = 60_000;
const { PENDING_ACTIVITY_STATE_STARTED } = temporal.api.enums.v1.PendingActivityState;

/** Waits until the workflow has no workflow task to do, so that what is sent next causes one of its own. */
export async function untilSettled(env: CaseEnvironment, workflowId: string): Promise<void> {
  await until(`${workflowId} to settle`, PATIENCE_MS, async () => {
    const { raw, historyLength } = await env.client.workflow.getHandle(workflowId).describe();
    // A history of two events is a workflow whose first task nobody has taken.
    return raw.pendingWorkflowTask || historyLength <= 2 ? undefined : true;
  });
}

/** Waits for the events that {@link CaseEnvironment.untilEvent} waits for, and for the workflow task that they cause. */
export async function untilEventSettled(
  env: CaseEnvironment,
  workflowId: string,
  type: string,
  count?: number
): Promise<void> {
  await env.untilEvent(workflowId, type, count);
  await untilSettled(env, workflowId);
}

/** Waits until a worker has taken an activity of the workflow, which is in no history before the activity ends. */
export async function untilActivityStarted(env: CaseEnvironment, workflowId: string): Promise<void> {
  await until(`an activity of ${workflowId} to start`, PATIENCE_MS, async () => {
    const { raw } = await env.client.workflow.getHandle(workflowId).describe();
    return raw.pendingActivities?.some(({ state }) => state === PENDING_ACTIVITY_STATE_STARTED) || undefined;
  });
  await untilSettled(env, workflowId);
}
