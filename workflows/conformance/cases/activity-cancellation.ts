import type { ActivityCancellationType } from '@temporalio/common';
import type { EndOnCancellation } from '../activities';
import type { ConformanceCase, Outcome } from '../case';
import { outcomeOf } from '../outcome';
import * as workflows from '../workflows/activity-cancellation';
import { proceed } from '../workflows/support';
import { untilActivityStarted } from './support-waiting';

const feature = 'Activities';

function cancelled(type: ActivityCancellationType, end: EndOnCancellation): ConformanceCase {
  return {
    name: `activity-${type.toLowerCase().replaceAll('_', '-')}-${end}`,
    feature,
    title: `Cancelled with \`${type}\`; the activity ends as ${end}`,
    workflow: workflows.activityCancelled.name,
    async drive(env): Promise<Outcome> {
      const handle = await env.start(workflows.activityCancelled, [env.activityQueue, type, end]);
      await untilActivityStarted(env, handle.workflowId);
      await handle.signal(proceed);
      return outcomeOf(handle.result());
    },
  };
}

export const activityCancellationCases: ConformanceCase[] = [
  cancelled('TRY_CANCEL', 'cancelled'),
  cancelled('ABANDON', 'cancelled'),
  cancelled('WAIT_CANCELLATION_COMPLETED', 'cancelled'),
  cancelled('WAIT_CANCELLATION_COMPLETED', 'completed'),
  cancelled('WAIT_CANCELLATION_COMPLETED', 'failed'),
  {
    name: 'activity-cancelled-at-once',
    feature,
    title: 'Cancelled in the task that schedules it, with every cancellation type',
    workflow: workflows.activityCancelledAtOnce.name,
    drive: (env) => env.execute(workflows.activityCancelledAtOnce, [env.activityQueue]),
  },
  {
    name: 'activity-cancelled-before-start',
    feature,
    title: 'Cancelled before a worker takes it',
    workflow: workflows.activityCancelledBeforeStart.name,
    drive: (env) => env.execute(workflows.activityCancelledBeforeStart, [env.activityQueue]),
  },
  {
    name: 'activity-in-cancelled-scope',
    feature,
    title: 'Scheduled in a cancelled scope',
    workflow: workflows.activityInCancelledScope.name,
    drive: (env) => env.execute(workflows.activityInCancelledScope, [env.activityQueue]),
  },
  {
    name: 'activities-cancelled-together',
    feature,
    title: 'Many activities of one task, cancelled together',
    workflow: workflows.activitiesCancelledTogether.name,
    drive: (env) => env.execute(workflows.activitiesCancelledTogether, [env.activityQueue, 30]),
  },
  {
    name: 'activity-cancelled-with-workflow',
    feature,
    title: 'Cancelled with its workflow by a client',
    workflow: workflows.activityCancelledWithWorkflow.name,
    async drive(env): Promise<Outcome> {
      const handle = await env.start(workflows.activityCancelledWithWorkflow, [env.activityQueue]);
      await untilActivityStarted(env, handle.workflowId);
      await handle.cancel();
      return outcomeOf(handle.result());
    },
  },
];
