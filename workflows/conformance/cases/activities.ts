import type { CaseEnvironment, ConformanceCase, Outcome } from '../case';
import { outcomeOf } from '../outcome';
import * as workflows from '../workflows/activities';
import { aloneFor } from './support';
import { untilActivityStarted } from './support-waiting';

const feature = 'Activities';
const alone = aloneFor(feature);

/** A case that runs one workflow to its end, whose only argument is the queue of the activities. */
function withQueue(name: string, title: string, workflow: (queue: string) => Promise<unknown>): ConformanceCase {
  return { name, title, feature, workflow: workflow.name, drive: (env) => env.execute(workflow, [env.activityQueue]) };
}

/** A case whose driver ends the activity in the place of a worker. */
function completed(
  name: string,
  title: string,
  complete: (
    client: CaseEnvironment['client']['activity'],
    id: { workflowId: string; activityId: string }
  ) => Promise<void>
): ConformanceCase {
  return {
    name,
    title,
    feature,
    workflow: workflows.activityCompletedElsewhere.name,
    async drive(env): Promise<Outcome> {
      const handle = await env.start(workflows.activityCompletedElsewhere, [env.activityQueue]);
      await untilActivityStarted(env, handle.workflowId);
      await complete(env.client.activity, { workflowId: handle.workflowId, activityId: 'elsewhere' });
      return outcomeOf(handle.result());
    },
  };
}

export const activityCases: ConformanceCase[] = [
  withQueue('activity-arguments', 'Arguments of every kind and number', workflows.activityTakesArguments),
  withQueue('activity-no-result', 'An activity without a result', workflows.activityReturnsNothing),
  withQueue('activity-bytes', 'Bytes as argument and result', workflows.activityTakesBytes),
  withQueue('activity-much-data', 'A large argument and result', workflows.activityTakesMuch),
  withQueue('activity-options', 'Every activity option', workflows.activityWithOptions),
  withQueue('activity-defaults', 'The defaults of activity options', workflows.activityWithDefaults),
  withQueue('activity-options-overridden', '`executeWithOptions`', workflows.activityOptionsOverridden),
  withQueue('activity-by-name', '`scheduleActivity`', workflows.activityScheduledByName),
  alone('activity-eager', 'Eager dispatch allowed', workflows.activityEager, true),
  alone('activity-not-eager', 'Eager dispatch forbidden', workflows.activityEager, false),
  alone('activity-options-refused', 'Options that the SDK refuses', workflows.activityOptionsRefused),
  withQueue('activity-unknown', 'An activity that no worker has', workflows.activityUnknown),
  withQueue('activity-retries', 'Retries until success', workflows.activityRetries),
  withQueue('activity-maximum-attempts', 'Retries until the attempts are used up', workflows.activityRunsOutOfAttempts),
  withQueue('activity-non-retryable', 'Failures without retries, by flag and by type', workflows.activityFailsForGood),
  withQueue('activity-failure-chain', 'A failure with causes and details', workflows.activityFailsInChain),
  withQueue('activity-failure-benign', 'A benign failure', workflows.activityFailsBenignly),
  withQueue(
    'activity-next-retry-delay',
    'A failure that names the delay of its retry',
    workflows.activityNamesItsDelay
  ),
  withQueue('activity-throws-anything', 'Thrown things that are no failures', workflows.activityThrowsAnything),
  withQueue('activity-start-to-close', 'The start-to-close timeout', workflows.activityTimesOutRunning),
  withQueue('activity-schedule-to-close', 'The schedule-to-close timeout', workflows.activityTimesOutInAll),
  withQueue('activity-schedule-to-start', 'The schedule-to-start timeout', workflows.activityTimesOutWaiting),
  withQueue(
    'activity-heartbeat-timeout',
    'The heartbeat timeout with its details',
    workflows.activityLosesItsHeartbeat
  ),
  withQueue('activity-resumes', 'Heartbeat details for the next attempt', workflows.activityResumes),
  completed('activity-completed-elsewhere', 'Completed by a client', (client, id) =>
    client.complete(id, { by: 'a client' })
  ),
  completed('activity-failed-elsewhere', 'Failed by a client', (client, id) =>
    client.fail(id, new Error('by a client'))
  ),
];
