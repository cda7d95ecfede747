/** The handlers of the Nexus operations that cases call; they run on a Node worker, whatever the worker under test. */
import * as nexus from 'nexus-rpc';
import { ApplicationFailure } from '@temporalio/common';
import { WorkflowRunOperationHandler, startWorkflow } from '@temporalio/nexus';
import { type OperationRun, operations } from './workflows/nexus-definition';

const seenKeys = new Set<string>();

type BackingWorkflow =
  | 'operationUntilReleased'
  | 'operationSlowToCancel'
  | 'operationDeafToCancellation'
  | 'operationThatFails';

/** An operation that the workflow of this type backs, under the id that the caller wants. */
function backedBy(workflowType: BackingWorkflow): WorkflowRunOperationHandler<OperationRun, string> {
  return new WorkflowRunOperationHandler((context, { workflowId, taskQueue }) =>
    startWorkflow<() => Promise<string>>(context, workflowType, { workflowId, taskQueue })
  );
}

const operationHandlers = nexus.serviceHandler(operations, {
  double: async (_context, input) => input * 2,
  echo: async (_context, input) => input,
  header: async ({ headers }, name) => headers[name] ?? null,
  nothing: async () => undefined,
  renamed: async (_context, input) => `renamed: ${input}`,
  endAs: async (_context, { state, message }) => {
    throw new nexus.OperationError(state, message);
  },
  refuse: async (_context, { type, message, retryable }) => {
    throw new nexus.HandlerError(type, message, { retryableOverride: retryable });
  },
  failApplication: async (_context, message) => {
    throw ApplicationFailure.nonRetryable(message, 'OperationRefused', 'detail', 7);
  },
  failOnce: async (_context, key) => {
    if (seenKeys.has(key)) return 2;
    seenKeys.add(key);
    throw new nexus.HandlerError('INTERNAL', 'not yet');
  },
  hang: (context) =>
    new Promise((_resolve, reject) => {
      context.abortSignal.addEventListener('abort', () =>
        reject(new nexus.HandlerError('REQUEST_TIMEOUT', 'given up'))
      );
    }),
  untilReleased: backedBy('operationUntilReleased'),
  slowToCancel: backedBy('operationSlowToCancel'),
  deafToCancellation: backedBy('operationDeafToCancellation'),
  thatFails: backedBy('operationThatFails'),
});

/** The services of the Node worker behind `CaseEnvironment.nexusEndpoint`. */
export const nexusServices = [operationHandlers];
