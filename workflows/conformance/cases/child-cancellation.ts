import { ChildWorkflowCancellationType } from '@temporalio/workflow';
import type { ConformanceCase, Outcome } from '../case';
import { outcomeOf } from '../outcome';
import * as workflows from '../workflows/child-cancellation';
import type { EndOfChild } from '../workflows/children';
import { proceed } from '../workflows/support';
import { childSettled } from './children';
import { aloneFor } from './support';
import { proceeds } from './support-messages';
import { untilEventSettled } from './support-waiting';

const feature = 'Child workflows';
const alone = aloneFor(feature);

const CLOSED = { cancelled: 'CANCELED', completed: 'COMPLETED', failed: 'FAILED' } as const;

function cancelled(type: ChildWorkflowCancellationType, end: EndOfChild): ConformanceCase {
  return {
    name: `child-${type.toLowerCase().replaceAll('_', '-')}-${end}`,
    title: `Cancelled with \`${type}\`; the child ends as ${end}`,
    feature,
    workflow: workflows.parentCancels.name,
    async drive(env): Promise<Outcome> {
      const handle = await env.start(workflows.parentCancels, [type, end]);
      const child = await childSettled(env, handle.workflowId);
      await handle.signal(proceed);
      if (type === ChildWorkflowCancellationType.ABANDON) {
        await untilEventSettled(env, handle.workflowId, 'WORKFLOW_TASK_COMPLETED', 3);
        await child.signal(proceed);
      }
      await untilEventSettled(env, handle.workflowId, `CHILD_WORKFLOW_EXECUTION_${CLOSED[end]}`);
      return proceeds(handle);
    },
  };
}

export const childCancellationCases: ConformanceCase[] = [
  cancelled('ABANDON', 'completed'),
  cancelled('TRY_CANCEL', 'cancelled'),
  cancelled('TRY_CANCEL', 'completed'),
  cancelled('WAIT_CANCELLATION_REQUESTED', 'cancelled'),
  cancelled('WAIT_CANCELLATION_COMPLETED', 'cancelled'),
  cancelled('WAIT_CANCELLATION_COMPLETED', 'completed'),
  cancelled('WAIT_CANCELLATION_COMPLETED', 'failed'),
  alone(
    'child-cancelled-before-start',
    'Cancelled in the task that would start it',
    workflows.parentCancelsBeforeStart
  ),
  alone('child-in-cancelled-scope', 'Started in a cancelled scope', workflows.parentInCancelledScope),
  alone('child-cancelled-too-late', 'Cancelled after its end', workflows.parentCancelsTooLate),
  {
    name: 'child-cancelled-with-parent',
    title: 'Cancelled with its parent by a client',
    feature,
    workflow: workflows.parentCancelledWithChild.name,
    async drive(env): Promise<Outcome> {
      const handle = await env.start(workflows.parentCancelledWithChild, []);
      await childSettled(env, handle.workflowId);
      await handle.cancel();
      return outcomeOf(handle.result());
    },
  },
];
