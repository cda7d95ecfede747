import type { ConformanceCase } from '../case';
import { outcomeOf } from '../outcome';
import { note } from '../workflows/messages';
import * as workflows from '../workflows/start-options';
import { aloneFor } from './support';
import { type Handle, proceeds } from './support-messages';
import { untilSettled } from './support-waiting';

const FEATURE = 'Start options';
const alone = aloneFor(FEATURE);

const runs: ConformanceCase[] = [
  alone(
    'start-arguments',
    'No, many and null arguments',
    workflows.takesArguments,
    null,
    undefined,
    '',
    { a: [1, { b: 'ü' }] },
    false,
    0
  ),
  alone('start-no-arguments', 'No arguments', workflows.takesArguments),
  {
    name: 'start-by-name',
    feature: FEATURE,
    title: 'The type as text',
    workflow: 'takesArguments',
    drive: (env) => env.execute('takesArguments', ['by name']),
  },
  {
    name: 'start-run-timeout',
    feature: FEATURE,
    title: '`workflowRunTimeout`',
    workflow: 'outlivesItsTimeout',
    drive: (env) => env.execute(workflows.outlivesItsTimeout, [], { workflowRunTimeout: '2 seconds' }),
  },
  {
    name: 'start-execution-timeout',
    feature: FEATURE,
    title: '`workflowExecutionTimeout`',
    workflow: 'outlivesItsTimeout',
    drive: (env) => env.execute(workflows.outlivesItsTimeout, [], { workflowExecutionTimeout: '2 seconds' }),
  },
  {
    name: 'start-delay',
    feature: FEATURE,
    title: '`startDelay`',
    workflow: 'startsLate',
    drive: (env) => env.execute(workflows.startsLate, [], { startDelay: '1 second' }),
  },
  {
    name: 'start-cron',
    feature: FEATURE,
    title: '`cronSchedule`, and the result that runs pass on',
    workflow: 'runsByCron',
    drive: async (env) => {
      const handle = await env.start(workflows.runsByCron, [], { cronSchedule: '@every 1s' });
      await env.untilEvent(env.id, 'TIMER_STARTED');
      await untilSettled(env, env.id);
      await env.client.workflow.getHandle(env.id).cancel();
      return outcomeOf(handle.result());
    },
  },
  {
    name: 'start-priority',
    feature: FEATURE,
    title: '`priority`',
    workflow: 'hasPriority',
    drive: async (env) => [
      await env.execute(workflows.hasPriority, [], { priority: { priorityKey: 1 } }),
      await env.execute(workflows.hasPriority, [], {
        workflowId: `${env.id}/second`,
        priority: { fairnessKey: 'tenant', fairnessWeight: 2 },
      }),
    ],
  },
];

const retries: ConformanceCase[] = [
  {
    name: 'start-retry',
    feature: FEATURE,
    title: '`retry` until the run succeeds',
    workflow: 'retriedWorkflow',
    drive: (env) =>
      env.execute(workflows.retriedWorkflow, [3, 'Flaky'], { retry: { initialInterval: 100, backoffCoefficient: 1 } }),
  },
  {
    name: 'start-retry-exhausted',
    feature: FEATURE,
    title: '`maximumAttempts`',
    workflow: 'retriedWorkflow',
    drive: (env) =>
      env.execute(workflows.retriedWorkflow, [9, 'Flaky'], { retry: { initialInterval: 100, maximumAttempts: 2 } }),
  },
  {
    name: 'start-retry-type',
    feature: FEATURE,
    title: '`nonRetryableErrorTypes`',
    workflow: 'retriedWorkflow',
    drive: (env) =>
      env.execute(workflows.retriedWorkflow, [9, 'Final'], {
        retry: { initialInterval: 100, nonRetryableErrorTypes: ['Final'] },
      }),
  },
  {
    name: 'start-retry-non-retryable',
    feature: FEATURE,
    title: 'A failure that is not retryable',
    workflow: 'nonRetryableWorkflow',
    drive: (env) => env.execute(workflows.nonRetryableWorkflow, [], { retry: { initialInterval: 100 } }),
  },
  {
    name: 'start-retry-delay',
    feature: FEATURE,
    title: '`nextRetryDelay` of a failure',
    workflow: 'delaysItsRetry',
    drive: (env) => env.execute(workflows.delaysItsRetry, [], { retry: { initialInterval: '1 minute' } }),
  },
];

const ids: ConformanceCase[] = [
  {
    name: 'start-id-reuse',
    feature: FEATURE,
    title: '`workflowIdReusePolicy` after a completed and a failed run',
    workflow: 'closesAs',
    drive: async (env) => {
      const again = (
        how: 'completed' | 'failed',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY' | 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE'
      ) => outcomeOf(env.execute(workflows.closesAs, [how], { workflowIdReusePolicy }));
      return [
        await again('completed', 'REJECT_DUPLICATE'),
        await again('completed', 'ALLOW_DUPLICATE_FAILED_ONLY'),
        await again('failed', 'ALLOW_DUPLICATE'),
        await again('completed', 'ALLOW_DUPLICATE_FAILED_ONLY'),
        await again('completed', 'REJECT_DUPLICATE'),
      ];
    },
  },
  {
    name: 'start-id-conflict',
    feature: FEATURE,
    title: '`workflowIdConflictPolicy`: fail, use the existing run, terminate it',
    workflow: 'sharesItsId',
    drive: async (env) => {
      const first = await env.start(workflows.sharesItsId, ['first']);
      await untilSettled(env, env.id);
      const start = (
        name: string,
        workflowIdConflictPolicy: 'FAIL' | 'USE_EXISTING' | 'TERMINATE_EXISTING'
      ): Promise<Handle> => {
        const options = {
          args: [name] as [string],
          taskQueue: env.taskQueue,
          workflowId: env.id,
          workflowIdConflictPolicy,
        };
        return env.client.workflow.start(workflows.sharesItsId, options) as Promise<unknown> as Promise<Handle>;
      };
      const refused = await outcomeOf(start('refused', 'FAIL'));
      const existing = await start('existing', 'USE_EXISTING');
      const same = existing.firstExecutionRunId === first.firstExecutionRunId;
      const other = await start('other', 'TERMINATE_EXISTING');
      env.track(env.id);
      await untilSettled(env, env.id);
      await other.signal(note, 'for the other');
      return [refused, same, await outcomeOf(first.result()), await proceeds(other)];
    },
  },
];

export const startOptionCases: ConformanceCase[] = [...runs, ...retries, ...ids];
