import * as nexus from 'nexus-rpc';
import { WorkflowRunOperationHandler, startWorkflow } from '@temporalio/nexus';
import { greetings } from '../../workflows/testing/nexus-definition';
import type { waitForRelease } from '../../workflows/testing/children';

export const nexusService = nexus.serviceHandler(greetings, {
  greet: async (_context, { name }) => ({ text: `hello, ${name}` }),
  refuse: async (_context, { name }) => {
    throw new nexus.OperationError('failed', `no greeting for ${name}`);
  },
  waitForWord: new WorkflowRunOperationHandler<{ workflowId: string; taskQueue: string }, string>(
    (context, { workflowId, taskQueue }) =>
      startWorkflow<typeof waitForRelease>(context, 'waitForRelease', { workflowId, taskQueue })
  ),
});
