import type { Workflow } from '@temporalio/client';
import type { CaseEnvironment, ConformanceCase } from '../case';
import * as calls from '../workflows/nexus';
import { untilEventSettled, untilSettled } from './support-waiting';

const FEATURE = 'Nexus';

/** A case whose workflow takes the endpoint, and more, and is sent nothing. */
function called<A extends unknown[]>(
  name: string,
  title: string,
  workflow: (endpoint: string, ...args: A) => Promise<unknown>,
  ...args: A
): ConformanceCase {
  const drive = (env: CaseEnvironment): Promise<unknown> =>
    env.execute<Workflow>(workflow, [env.nexusEndpoint, ...args]);
  return { name, feature: FEATURE, title, workflow: workflow.name, drive };
}

/** Waits until the operation has started and the caller knows of it. */
async function untilStarted(env: CaseEnvironment, workflowId: string): Promise<string> {
  await untilEventSettled(env, workflowId, 'NEXUS_OPERATION_STARTED');
  env.track(`${workflowId}-operation`);
  return `${workflowId}-operation`;
}

async function release(env: CaseEnvironment, operationId: string, word: string): Promise<void> {
  await env.client.workflow.getHandle(operationId).signal(calls.releaseOperation, word);
}

/** Starts the workflow, releases its operation once it has started, and returns how the workflow ended. */
function released(name: string, title: string, workflow: (endpoint: string) => Promise<unknown>): ConformanceCase {
  return {
    name,
    feature: FEATURE,
    title,
    workflow: workflow.name,
    async drive(env) {
      const handle = await env.start(workflow, [env.nexusEndpoint]);
      await release(env, await untilStarted(env, handle.workflowId), 'released');
      return handle.result();
    },
  };
}

/** Cancels an operation that has started, and lets the caller end when the server has done all that follows. */
function cancelled(type: calls.CancellationChoice, operation: 'slowToCancel' | 'deafToCancellation'): ConformanceCase {
  const waits = type === 'WAIT_CANCELLATION_COMPLETED';
  const ignored = operation === 'deafToCancellation' && waits;
  return {
    name: `nexus-cancel-${type.toLowerCase().replaceAll('_', '-')}${ignored ? '-ignored' : ''}`,
    feature: FEATURE,
    title: `Cancellation of an operation, \`${type}\`${ignored ? ', which the operation ignores' : ''}`,
    workflow: 'nexusCancels',
    async drive(env) {
      const handle = await env.start(calls.nexusCancels, [env.nexusEndpoint, type, operation]);
      const operationId = await untilStarted(env, handle.workflowId);
      await handle.signal(calls.cancelOperation);
      if (type !== 'ABANDON') await env.untilEvent(handle.workflowId, 'NEXUS_OPERATION_CANCEL_REQUEST_COMPLETED');
      if (waits) {
        await release(env, operationId, 'although cancelled');
        await env.untilEvent(handle.workflowId, ignored ? 'NEXUS_OPERATION_COMPLETED' : 'NEXUS_OPERATION_CANCELED');
      }
      await untilSettled(env, handle.workflowId);
      await handle.signal(calls.cancelOperation);
      const result = await handle.result();
      if (!waits) await release(env, operationId, 'afterwards');
      const behind = await env.client.workflow
        .getHandle(operationId)
        .result()
        .catch((err: Error) => err.cause?.constructor.name);
      return { result, behind };
    },
  };
}

export const nexusCases: ConformanceCase[] = [
  called('nexus-sync', 'Operations that end at once', calls.nexusCallsSync),
  called('nexus-sync-handle', 'The handle of an operation that ended at once', calls.nexusHandleOfSync),
  called('nexus-values', 'Inputs and results of several kinds', calls.nexusEchoes),
  called('nexus-several', 'Several operations of one workflow', calls.nexusCallsConcurrently),
  released('nexus-async', 'An operation that a workflow backs', calls.nexusAwaitsWorkflow),
  {
    name: 'nexus-async-failure',
    feature: FEATURE,
    title: 'An operation whose workflow fails',
    workflow: 'nexusAwaitsFailingWorkflow',
    async drive(env) {
      const ended = env.execute(calls.nexusAwaitsFailingWorkflow, [env.nexusEndpoint]);
      await release(env, await untilStarted(env, env.id), 'failed on purpose');
      return ended;
    },
  },
  called('nexus-failed', 'An operation that ends as failed', calls.nexusEndsAs, 'failed'),
  called('nexus-canceled', 'An operation that ends as cancelled', calls.nexusEndsAs, 'canceled'),
  called('nexus-bad-request', 'Handler error `BAD_REQUEST`', calls.nexusRefused, {
    type: 'BAD_REQUEST',
    message: 'not like this',
  }),
  called('nexus-internal-not-retryable', 'Handler error `INTERNAL`, said to be not retryable', calls.nexusRefused, {
    type: 'INTERNAL',
    message: 'for good',
    retryable: false,
  }),
  called('nexus-application-failure', 'A handler that throws `ApplicationFailure`', calls.nexusFailsApplication),
  called('nexus-retried', 'A handler error that the server retries', calls.nexusRetried),
  called('nexus-failure-fields', 'The fields of `NexusOperationFailure`', calls.nexusDescribesFailure),
  called('nexus-operation-absent', 'An operation that the service lacks', calls.nexusCallsAbsentOperation),
  called('nexus-service-absent', 'A service that no worker has', calls.nexusCallsAbsentService),
  called('nexus-schedule-to-close', '`scheduleToCloseTimeout`', calls.nexusTimesOutToClose),
  called('nexus-schedule-to-start', '`scheduleToStartTimeout`', calls.nexusTimesOutToStart),
  {
    name: 'nexus-start-to-close',
    feature: FEATURE,
    title: '`startToCloseTimeout`',
    workflow: 'nexusTimesOutAfterStart',
    async drive(env) {
      const handle = await env.start(calls.nexusTimesOutAfterStart, [env.nexusEndpoint]);
      const operationId = await untilStarted(env, handle.workflowId);
      const result = await handle.result();
      await release(env, operationId, 'too late');
      return result;
    },
  },
  cancelled('ABANDON', 'deafToCancellation'),
  cancelled('TRY_CANCEL', 'deafToCancellation'),
  cancelled('WAIT_CANCELLATION_REQUESTED', 'deafToCancellation'),
  cancelled('WAIT_CANCELLATION_COMPLETED', 'slowToCancel'),
  cancelled('WAIT_CANCELLATION_COMPLETED', 'deafToCancellation'),
  called('nexus-cancel-at-once', 'Cancellation in the task that schedules the operation', calls.nexusCancelsAtOnce),
  called('nexus-cancelled-scope', 'An operation in a scope that is cancelled already', calls.nexusInCancelledScope),
  {
    name: 'nexus-cancel-with-workflow',
    feature: FEATURE,
    title: 'An operation of a workflow that is cancelled',
    workflow: 'nexusCancelledWithWorkflow',
    async drive(env) {
      const ended = env.execute(calls.nexusCancelledWithWorkflow, [env.nexusEndpoint]);
      const operationId = await untilStarted(env, env.id);
      await env.client.workflow.getHandle(env.id).cancel();
      const outcome = await ended;
      await release(env, operationId, 'afterwards');
      return outcome;
    },
  },
  {
    name: 'nexus-shielded',
    feature: FEATURE,
    title: 'An operation in a scope that is not cancellable',
    workflow: 'nexusShielded',
    async drive(env) {
      const handle = await env.start(calls.nexusShielded, [env.nexusEndpoint]);
      const operationId = await untilStarted(env, handle.workflowId);
      await handle.cancel();
      await untilEventSettled(env, handle.workflowId, 'WORKFLOW_EXECUTION_CANCEL_REQUESTED');
      await release(env, operationId, 'shielded');
      return handle.result();
    },
  },
];
