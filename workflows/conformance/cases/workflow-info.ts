import type { ConformanceCase } from '../case';
import { scoreKey, stageKey } from '../workflows/attribute-keys';
import * as workflows from '../workflows/workflow-info';
import { aloneFor } from './support';
import { untilSettled } from './support-waiting';

const FEATURE = 'Workflow info';
const alone = aloneFor(FEATURE);

export const workflowInfoCases: ConformanceCase[] = [
  alone('info-plain', 'Every field of a run without options', workflows.infoOfPlainRun),
  alone('info-fields', 'The names and kinds of all fields', workflows.infoFields),
  {
    name: 'info-options',
    feature: FEATURE,
    title: 'Every field of a run with all options',
    workflow: 'infoOfOptions',
    drive: (env) =>
      env.execute(workflows.infoOfOptions, ['argument'], {
        workflowExecutionTimeout: '3 minutes',
        workflowRunTimeout: '2 minutes',
        workflowTaskTimeout: '8 seconds',
        retry: {
          initialInterval: 250,
          maximumInterval: '1 minute',
          backoffCoefficient: 3,
          maximumAttempts: 2,
          nonRetryableErrorTypes: ['A'],
        },
        memo: { text: 'value', list: [1, null] },
        typedSearchAttributes: [
          { key: stageKey, value: 'informed' },
          { key: scoreKey, value: 9 },
        ],
        priority: { priorityKey: 2, fairnessKey: 'fair', fairnessWeight: 1.5 },
      }),
  },
  alone('info-family', '`parent` and `root` of children and grandchildren', workflows.infoOfFamily),
  alone('info-continued', 'A run that continues another', workflows.infoOfContinuedRun, 1),
  alone('info-continued-child', 'A child whose run continues another', workflows.infoOfContinuedFamily),
  {
    name: 'info-retried',
    feature: FEATURE,
    title: '`attempt` and `lastFailure` of a retried run',
    workflow: 'infoOfRetriedRun',
    drive: (env) =>
      env.execute(workflows.infoOfRetriedRun, [], { retry: { initialInterval: 100, maximumAttempts: 5 } }),
  },
  {
    name: 'info-cron',
    feature: FEATURE,
    title: '`lastResult`, `lastFailure` and the schedule of cron runs',
    workflow: 'infoOfCronRun',
    drive: async (env) => {
      await env.start(workflows.infoOfCronRun, [], { cronSchedule: '@every 1s' });
      await env.untilEvent(env.id, 'TIMER_STARTED');
      await untilSettled(env, env.id);
      const handle = env.client.workflow.getHandle(env.id);
      const told = await handle.query(workflows.cronInfo);
      await handle.terminate('told enough');
      return told;
    },
  },
  alone('info-history', '`historyLength` and `historySize` grow', workflows.infoOfHistory),
  alone('info-is-a-copy', 'The object stays as it was', workflows.infoIsACopy),
  alone('info-unsafe', 'The time and randomness of the machine', workflows.infoUnsafe),
  alone('info-time', 'The times of the start', workflows.infoOfTime),
];
