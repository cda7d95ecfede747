import type { WorkflowStartOptions } from '@temporalio/client';
import type { ConformanceCase, Outcome } from '../case';
import { outcomeOf } from '../outcome';
import * as workflows from '../workflows/failures';
import { aloneFor } from './support';
import { proceeds, talksFor } from './support-messages';

const feature = 'Failures';
const alone = aloneFor(feature);
const talks = talksFor(feature);

function withQueue(name: string, title: string, workflow: (queue: string) => Promise<unknown>): ConformanceCase {
  return { name, title, feature, workflow: workflow.name, drive: (env) => env.execute(workflow, [env.activityQueue]) };
}

function withOptions<Args extends unknown[]>(
  name: string,
  title: string,
  workflow: (...args: Args) => Promise<unknown>,
  args: NoInfer<Args>,
  options: Partial<WorkflowStartOptions>
): ConformanceCase {
  return { name, title, feature, workflow: workflow.name, drive: (env) => env.execute(workflow, args, options) };
}

const RETRY = { initialInterval: 1, backoffCoefficient: 1, maximumAttempts: 3 };

const kinds = ['cancelled', 'terminated', 'timeout', 'server', 'activity', 'child'] as const;
const things = ['error', 'text', 'number', 'nothing', 'null', 'object'] as const;
const payloads = ['result', 'details', 'command'] as const;

export const failureCases: ConformanceCase[] = [
  alone('failure-with-everything', 'An `ApplicationFailure` with every field', workflows.failsWithEverything),
  alone('failure-with-nothing', 'An `ApplicationFailure` without any field', workflows.failsWithNothing),
  alone('failure-with-causes', 'Causes of several kinds', workflows.failsWithCauses),
  ...kinds.map((kind) => alone(`failure-${kind}`, `A failure of the kind ${kind}, thrown`, workflows.failsAs, kind)),
  alone('failure-declared', 'A class among `failureExceptionTypes`', workflows.failsWithDeclared, false),
  alone('failure-declared-derived', 'A class derived from one of them', workflows.failsWithDeclared, true),
  ...things.map((thing) => alone(`failure-thrown-${thing}`, `Thrown: ${thing}`, workflows.failsWithAnything, thing)),
  withQueue('failure-of-activity', 'The failure of an activity, uncaught', workflows.failsWithActivity),
  withQueue('failure-because-of-activity', 'The failure of an activity as a cause', workflows.failsBecauseOfActivity),
  withOptions('workflow-retried', 'Retries of a workflow', workflows.failsUntilAttempt, [3, 'Flaky'], { retry: RETRY }),
  withOptions('workflow-retried-in-vain', 'The attempts used up', workflows.failsUntilAttempt, [9, 'Flaky'], {
    retry: RETRY,
  }),
  withOptions('workflow-not-retried', 'A type that is not retried', workflows.failsUntilAttempt, [2, 'Fatal'], {
    retry: { ...RETRY, nonRetryableErrorTypes: ['Fatal'] },
  }),
  withOptions('workflow-retry-delay', 'A failure that names the delay', workflows.failsWithDelay, [], {
    retry: { initialInterval: '1 hour', maximumAttempts: 2 },
  }),
  withOptions('workflow-execution-timeout', 'The execution timeout', workflows.waitsForEver, [], {
    workflowExecutionTimeout: '3s',
  }),
  withOptions('workflow-run-timeout', 'The run timeout', workflows.waitsForEver, [], { workflowRunTimeout: '3s' }),
  talks(
    'workflow-terminated',
    'A client terminates the workflow',
    workflows.waitsForEver,
    [],
    async (handle): Promise<Outcome> => {
      await handle.terminate('no longer needed');
      return outcomeOf(handle.result());
    }
  ),
  talks('failure-among-others', 'One failure of several', workflows.failsAmongOthers, [], proceeds),
  alone('task-fails-by-error', 'A plain error fails the workflow task', workflows.healsAfterError),
  alone('task-fails-by-text', 'A thrown text fails the workflow task', workflows.healsAfterText),
  alone('task-fails-after-timer', 'A later workflow task fails', workflows.healsAfterTimer),
  alone('task-fails-by-rejection', 'An unhandled rejection fails the workflow task', workflows.healsAfterRejection),
  alone('task-fails-in-condition', 'A condition fails the workflow task', workflows.healsAfterCondition),
  talks('task-fails-in-handler', 'A signal handler fails the workflow task', workflows.healsAfterSignal, [], proceeds),
  ...payloads.map((where) =>
    alone(
      `task-fails-by-payload-in-${where}`,
      `No payload can be made: ${where}`,
      workflows.healsAfterBadPayloads,
      where
    )
  ),
  alone('determinism-violation', '`WeakRef` and `FinalizationRegistry`, caught', workflows.violatesDeterminism),
  alone('task-fails-by-violation', '`WeakRef`, uncaught', workflows.healsAfterViolation),
  alone('errors-described', '`rootCause` and `ensureApplicationFailure`', workflows.describesErrors),
];
