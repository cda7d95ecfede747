import type { Workflow, WorkflowHandle } from '@temporalio/client';
import type { CaseEnvironment, ConformanceCase } from '../case';
import { outcomeOf } from '../outcome';
import * as intercepted from '../workflows/interceptors-bundle';

interface Told {
  name: string;
  title: string;
  workflow: Workflow;
  args?: (env: CaseEnvironment) => unknown[];
  /** What the driver does with the started workflow before it awaits its end. */
  tell?: (handle: WorkflowHandle, env: CaseEnvironment) => Promise<unknown>;
}

/** A case of the bundle with interceptors: what was told, and how the workflow ended. */
function intercepts({ name, title, workflow, args, tell }: Told): ConformanceCase {
  return {
    name: `intercept-${name}`,
    feature: 'Interceptors',
    title,
    workflow: workflow.name,
    bundle: 'interceptors',
    async drive(env) {
      const handle = await env.start<Workflow>(workflow, args?.(env) ?? []);
      await env.untilEvent(handle.workflowId, 'WORKFLOW_TASK_COMPLETED');
      const told = await tell?.(handle, env);
      return { told, outcome: await outcomeOf(handle.result()) };
    },
  };
}

const update = (handle: WorkflowHandle, name: string): Promise<unknown> =>
  outcomeOf(handle.executeUpdate<unknown, [number]>(name, { args: [3], updateId: `${name}-id` }));

export const interceptorCases: ConformanceCase[] = [
  intercepts({
    name: 'order',
    title: 'Order of modules and of the interceptors of a module',
    workflow: intercepted.interceptedOrder,
  }),
  intercepts({
    name: 'execute-changed',
    title: '`execute` changes arguments and result',
    workflow: intercepted.interceptedExecuteChanged,
    args: () => [21, 'word'],
  }),
  intercepts({
    name: 'execute-refused',
    title: '`execute` throws',
    workflow: intercepted.interceptedExecuteRefused,
  }),
  intercepts({
    name: 'execute-answered',
    title: '`execute` answers by itself',
    workflow: intercepted.interceptedExecuteAnswered,
  }),
  intercepts({
    name: 'signals',
    title: '`handleSignal` changes and drops signals',
    workflow: intercepted.interceptedSignals,
    async tell(handle) {
      await handle.signal(intercepted.changedSignal, 10);
      await handle.signal(intercepted.droppedSignal, 100);
      await handle.signal(intercepted.plainSignal, 1);
    },
  }),
  intercepts({
    name: 'signal-refused',
    title: '`handleSignal` throws',
    workflow: intercepted.interceptedSignalRefused,
    tell: (handle) => handle.signal(intercepted.refusedSignal, 1),
  }),
  intercepts({
    name: 'updates',
    title: '`handleUpdate` and `validateUpdate` change and refuse',
    workflow: intercepted.interceptedUpdates,
    async tell(handle) {
      const told: unknown[] = [];
      for (const name of ['changedUpdate', 'refusedUpdate', 'invalidUpdate', 'plainUpdate']) {
        told.push(await update(handle, name));
      }
      return told;
    },
  }),
  intercepts({
    name: 'queries',
    title: '`handleQuery` changes and refuses',
    workflow: intercepted.interceptedQueries,
    async tell(handle) {
      const answers = {
        changed: await outcomeOf(handle.query(intercepted.changedQuery)),
        refused: await outcomeOf(handle.query(intercepted.refusedQuery)),
      };
      await handle.signal(intercepted.plainSignal, 1);
      return answers;
    },
  }),
  {
    ...intercepts({
      name: 'query-record',
      title: '`handleQuery` is recorded',
      workflow: intercepted.interceptedQueries,
    }),
    async drive(env) {
      const handle = await env.start(intercepted.interceptedQueries, []);
      const first = await handle.query(intercepted.plainQuery);
      await handle.signal(intercepted.plainSignal, 1);
      await handle.result();
      return first;
    },
  },
  intercepts({ name: 'timers', title: '`startTimer`', workflow: intercepted.interceptedTimers }),
  intercepts({
    name: 'activities',
    title: '`scheduleActivity` and `scheduleLocalActivity`',
    workflow: intercepted.interceptedActivities,
    args: (env) => [env.activityQueue],
  }),
  intercepts({
    name: 'nexus',
    title: '`startNexusOperation` adds a header, changes the result, throws',
    workflow: intercepted.interceptedNexus,
    args: (env) => [env.nexusEndpoint],
  }),
  intercepts({
    name: 'children',
    title: '`startChildWorkflowExecution`; headers reach the child',
    workflow: intercepted.interceptedChildren,
  }),
  intercepts({
    name: 'signalling',
    title: '`signalWorkflow` to children and to others; headers',
    workflow: intercepted.interceptedSignalling,
  }),
  intercepts({
    name: 'continue-as-new',
    title: '`continueAsNew` changes arguments, adds memo and header',
    workflow: intercepted.interceptedContinueAsNew,
    args: () => [0],
  }),
  intercepts({
    name: 'log-and-metrics',
    title: '`getLogAttributes` and `getMetricTags`',
    workflow: intercepted.interceptedLogAndMetrics,
  }),
  intercepts({
    name: 'internals',
    title: '`activate` and `concludeActivation` see jobs and commands',
    workflow: intercepted.interceptedInternals,
  }),
  intercepts({
    name: 'commands',
    title: '`concludeActivation` changes a command',
    workflow: intercepted.interceptedCommands,
  }),
];
