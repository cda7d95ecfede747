import type { Workflow } from '@temporalio/client';
import type { ActivityCancellationType } from '@temporalio/common';
import type { ConformanceCase } from '../case';
import * as workflows from '../workflows/local-activities';
import { aloneFor } from './support';

const feature = 'Local activities';
const alone = aloneFor(feature);

/** For cases whose local activities take some time. */
const NEEDS_CACHE =
  'sdk-core may evict a run whose local activity is at work when another run needs its place, and cancels the activity';

function lasting<W extends Workflow>(
  name: string,
  title: string,
  workflow: W,
  ...args: Parameters<W>
): ConformanceCase {
  return { ...alone(name, title, workflow, ...args), needsCache: NEEDS_CACHE };
}

/** A case whose workflow takes a key of its own, by which its local activities are told apart. */
function keyed(name: string, title: string, workflow: (key: string) => Promise<unknown>): ConformanceCase {
  const head = { name, title, feature, workflow: workflow.name, needsCache: NEEDS_CACHE } as const;
  return { ...head, drive: (env) => env.execute(workflow, [env.id]) };
}

/** Heartbeats continue a workflow task before it times out; with a short timeout they come soon. */
function heartbeating(name: string, title: string, workflow: (key: string) => Promise<unknown>): ConformanceCase {
  const options = { workflowTaskTimeout: '1s' } as const;
  return { ...keyed(name, title, workflow), drive: (env) => env.execute(workflow, [env.id], options) };
}

function cancelled(
  during: 'run' | 'retry',
  type: ActivityCancellationType,
  workflow: (type: ActivityCancellationType, key: string) => Promise<unknown>
): ConformanceCase {
  return {
    name: `local-activity-${during}-${type.toLowerCase().replaceAll('_', '-')}`,
    title: `Cancelled with \`${type}\` while it ${during === 'run' ? 'runs' : 'waits for its retry'}`,
    feature,
    workflow: workflow.name,
    needsCache: NEEDS_CACHE,
    drive: (env) => env.execute(workflow, [type, env.id]),
  };
}

export const localActivityCases: ConformanceCase[] = [
  lasting('local-activity', 'Local activities with values of every kind', workflows.localActivityEchoes),
  keyed('local-activity-retries', 'Retries within the worker', workflows.localActivityRetries),
  keyed('local-activity-backs-off', 'Retries by timers of the workflow', workflows.localActivityBacksOff),
  keyed(
    'local-activity-backs-off-later',
    'Retries on both sides of the threshold',
    workflows.localActivityBacksOffLater
  ),
  keyed('local-activity-back-off-cancelled', 'Cancelled during a back-off', workflows.localActivityBackOffCancelled),
  keyed(
    'local-activity-maximum-attempts',
    'Retries until the attempts are used up',
    workflows.localActivityRunsOutOfAttempts
  ),
  keyed('local-activity-non-retryable', 'Failures without retries', workflows.localActivityFailsForGood),
  keyed('local-activity-fails-workflow', 'A failure that fails the workflow', workflows.localActivityFailsWorkflow),
  lasting('local-activity-start-to-close', 'The start-to-close timeout', workflows.localActivityTimesOut),
  lasting('local-activity-schedule-to-close', 'The schedule-to-close timeout', workflows.localActivityTimesOutInAll),
  cancelled('run', 'TRY_CANCEL', workflows.localActivityCancelled),
  cancelled('run', 'ABANDON', workflows.localActivityCancelled),
  cancelled('retry', 'TRY_CANCEL', workflows.localActivityRetryCancelled),
  cancelled('retry', 'ABANDON', workflows.localActivityRetryCancelled),
  cancelled('retry', 'WAIT_CANCELLATION_COMPLETED', workflows.localActivityRetryCancelled),
  lasting(
    'local-activity-cancelled-at-once',
    'Cancelled in its first activation',
    workflows.localActivityCancelledAtOnce
  ),
  lasting(
    'local-activity-in-cancelled-scope',
    'Scheduled in a cancelled scope',
    workflows.localActivityInCancelledScope
  ),
  heartbeating('local-activity-outlives-task', 'Heartbeats of workflow tasks', workflows.localActivityOutlivesTask),
  heartbeating('local-activity-with-timer', 'A timer fires in the meantime', workflows.localActivityWithTimer),
  keyed('local-activities-together', 'Several at once, each with its delay', workflows.localActivitiesTogether),
  lasting('local-activity-among-others', 'Among activities and timers', workflows.localActivityAmongOthers),
  lasting('local-activity-unknown', 'One that the worker does not have', workflows.localActivityUnknown),
  lasting('local-activity-summary', 'A summary', workflows.localActivityWithSummary),
  keyed('local-activity-overridden', '`executeWithOptions`', workflows.localActivityOverridden),
  lasting('local-activity-by-name', '`scheduleLocalActivity`', workflows.localActivityByName),
  alone('local-activity-refused', 'Options that the SDK refuses', workflows.localActivityRefused),
];
