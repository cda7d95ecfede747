/** What drivers share that send messages to workflows. */
import type { Workflow, WorkflowHandleWithFirstExecutionRunId, WorkflowStartOptions } from '@temporalio/client';
import type { SignalDefinition } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { until } from '../../src/support/poll';
import type { CaseEnvironment, ConformanceCase, Feature, Outcome } from '../case';
import { outcomeOf } from '../outcome';
import { proceed } from '../workflows/support';
import { untilSettled } from './support-waiting';

const PATIENCE_MS = 30_000;
const { PENDING_WORKFLOW_TASK_STATE_STARTED } = temporal.api.enums.v1.PendingWorkflowTaskState;

export type Handle = WorkflowHandleWithFirstExecutionRunId;

/** Starts a workflow and waits until its first task is done. */
export async function startSettled<W extends Workflow>(
  env: CaseEnvironment,
  workflow: W | string,
  args: Parameters<W>,
  options: Partial<WorkflowStartOptions> = {}
): Promise<Handle> {
  const handle = await env.start<W>(workflow, args, options);
  await untilSettled(env, handle.workflowId);
  return handle as unknown as Handle;
}

/** Sends a signal and waits for the end of the task that handles it. */
export async function signalInTurn<Args extends unknown[]>(
  env: CaseEnvironment,
  handle: Handle,
  signal: SignalDefinition<Args> | string,
  ...args: Args
): Promise<void> {
  await handle.signal<Args>(signal, ...args);
  await untilSettled(env, handle.workflowId);
}

/** Lets a workflow go on that awaits `signalled()`, and tells how it ends. */
export async function proceeds(handle: Handle): Promise<Outcome> {
  await handle.signal(proceed);
  return outcomeOf(handle.result());
}

/**
 * Waits for the failure of a workflow task, which no later attempt mends, and ends the workflow. The second attempt
 * comes at once and fails as well, but workers report only the first one: for the server it stays started.
 */
export async function endAfterTaskFailure(env: CaseEnvironment, handle: Handle): Promise<string> {
  await env.untilEvent(handle.workflowId, 'WORKFLOW_TASK_FAILED');
  await until(`the second attempt of a task of ${handle.workflowId}`, PATIENCE_MS, async () => {
    const { raw } = await handle.describe();
    const { attempt, state } = raw.pendingWorkflowTask ?? {};
    return (attempt === 2 && state === PENDING_WORKFLOW_TASK_STATE_STARTED) || undefined;
  });
  await handle.terminate('its task failed');
  return 'a task failed';
}

type Talk = (handle: Handle, env: CaseEnvironment) => Promise<unknown>;
type Talks = <W extends Workflow>(
  name: string,
  title: string,
  workflow: W,
  args: Parameters<W>,
  talk: Talk,
  options?: Partial<WorkflowStartOptions>
) => ConformanceCase;

/** Cases of a feature in which a driver talks with one workflow after its first task. */
export function talksFor(feature: Feature): Talks {
  return (name, title, workflow, args, talk, options) => ({
    name,
    feature,
    title,
    workflow: workflow.name,
    drive: async (env) => talk(await startSettled(env, workflow, args, options), env),
  });
}

/** Why cases that wait for a local activity within a task are left out where no run is cached. */
export const LOCAL_ACTIVITIES_NEED_CACHE =
  'sdk-core evicts runs without a cache, and cancels their local activities then';

/** Cases in which a driver talks while the workflow's first task is open, see `holdTask`. */
export function talksWhileHeldFor(feature: Feature): Talks {
  return (name, title, workflow, args, talk, options) => ({
    name,
    feature,
    title,
    workflow: workflow.name,
    needsCache: LOCAL_ACTIVITIES_NEED_CACHE,
    drive: async (env) => {
      const handle = (await env.start(workflow, args, options)) as unknown as Handle;
      await env.untilEvent(handle.workflowId, 'WORKFLOW_TASK_STARTED');
      return talk(handle, env);
    },
  });
}
