import { WorkflowIdReusePolicy } from '@temporalio/common';
import { ParentClosePolicy } from '@temporalio/workflow';
import type { WorkflowHandle } from '@temporalio/client';
import type { CaseEnvironment, ConformanceCase, Outcome } from '../case';
import { outcomeOf } from '../outcome';
import * as workflows from '../workflows/parents';
import { childIdOf, proceed } from '../workflows/support';
import { aloneFor } from './support';
import { proceeds } from './support-messages';
import { untilEventSettled, untilSettled } from './support-waiting';

const feature = 'Child workflows';
const alone = aloneFor(feature);

/** Waits until the parent has its child, and both have nothing to do. */
export async function childSettled(env: CaseEnvironment, parentId: string): Promise<WorkflowHandle> {
  await untilEventSettled(env, parentId, 'CHILD_WORKFLOW_EXECUTION_STARTED');
  await untilSettled(env, childIdOf(parentId));
  return env.client.workflow.getHandle(childIdOf(parentId));
}

/** A client ends the child in some way, and the parent reports what it sees. */
function watched(name: string, title: string, end: (child: WorkflowHandle) => Promise<unknown>): ConformanceCase {
  return {
    name,
    title,
    feature,
    workflow: workflows.parentWatches.name,
    async drive(env): Promise<Outcome> {
      const handle = await env.start(workflows.parentWatches, []);
      await end(await childSettled(env, handle.workflowId));
      return outcomeOf(handle.result());
    },
  };
}

function left(policy: 'TERMINATE' | 'ABANDON' | 'REQUEST_CANCEL'): ConformanceCase {
  return {
    name: `child-close-${policy.toLowerCase().replaceAll('_', '-')}`,
    title: `\`ParentClosePolicy.${policy}\``,
    feature,
    workflow: workflows.parentLeaves.name,
    async drive(env): Promise<Outcome[]> {
      const handle = await env.start(workflows.parentLeaves, [policy]);
      const child = await childSettled(env, handle.workflowId);
      const parent = await proceeds(handle);
      if (policy === ParentClosePolicy.ABANDON) await child.signal(proceed);
      return [parent, await outcomeOf(child.result())];
    },
  };
}

type Reuse = Parameters<typeof workflows.parentReusesId>[0];

function reused(policy: Reuse, firstFails: boolean): ConformanceCase {
  const end = firstFails ? 'failure' : 'success';
  const name = `child-id-${policy.toLowerCase().replaceAll('_', '-')}-after-${end}`;
  return alone(name, `\`${policy}\` after a ${end}`, workflows.parentReusesId, policy, firstFails);
}

const reusePolicies: Reuse[] = [
  WorkflowIdReusePolicy.ALLOW_DUPLICATE,
  WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
  WorkflowIdReusePolicy.REJECT_DUPLICATE,
];

export const childCases: ConformanceCase[] = [
  alone('child-started', '`startChild` and its handle', workflows.parentStarts),
  alone('child-executed', '`executeChild` by function and by name', workflows.parentExecutes),
  alone('child-fails', 'A failure with its causes', workflows.parentOfFailure),
  alone('child-fails-parent', 'A failure that fails the parent', workflows.parentFailsWithChild),
  alone(
    'child-result-late',
    'A failure that is fetched late, and one that nobody fetches',
    workflows.parentFetchesLate
  ),
  alone('child-of-child', 'Children of children', workflows.parentOfParents),
  alone('child-retried', 'Retries of a child', workflows.parentOfRetried),
  alone('child-retried-in-vain', 'A child whose attempts are used up', workflows.parentOfHopeless),
  alone('child-continued', 'A child that continues as new', workflows.parentOfContinued),
  alone(
    'child-execution-timeout',
    'The execution timeout of a child',
    workflows.parentOfTimedOut,
    'workflowExecutionTimeout'
  ),
  alone('child-run-timeout', 'The run timeout of a child', workflows.parentOfTimedOut, 'workflowRunTimeout'),
  alone('child-options', 'Every option of a child', workflows.parentWithOptions),
  alone('child-untyped-attributes', 'Untyped search attributes of a child', workflows.parentWithUntypedAttributes),
  alone('child-cron', 'A child on a schedule', workflows.parentOfCron),
  alone('child-options-refused', 'Options that the SDK refuses', workflows.parentOptionsRefused),
  {
    name: 'child-signalled',
    title: 'Signals to a child, by definition, by name, with options',
    feature,
    workflow: workflows.parentSignals.name,
    async drive(env): Promise<Outcome> {
      const handle = await env.start(workflows.parentSignals, []);
      await untilEventSettled(env, handle.workflowId, 'EXTERNAL_WORKFLOW_EXECUTION_SIGNALED', 3);
      await env.client.workflow.getHandle(childIdOf(handle.workflowId)).signal(proceed);
      return outcomeOf(handle.result());
    },
  },
  alone('child-signalled-too-late', 'A signal to a child that is over', workflows.parentSignalsTooLate),
  watched('child-signalled-by-client', 'A child that a client signals', (child) => child.signal(proceed)),
  watched('child-terminated', 'A child that a client terminates', (child) => child.terminate('no more')),
  watched('child-cancelled-by-client', 'A child that a client cancels', (child) => child.cancel()),
  left('TERMINATE'),
  left('ABANDON'),
  left('REQUEST_CANCEL'),
  alone('child-id-taken', 'A child whose id is taken', workflows.parentOfTwins),
  ...reusePolicies.flatMap((policy) => [reused(policy, false), reused(policy, true)]),
];
