import type { CaseEnvironment, ConformanceCase, Outcome } from '../case';
import { outcomeOf } from '../outcome';
import { childCollects, childReturns } from '../workflows/children';
import * as workflows from '../workflows/external';
import { proceed } from '../workflows/support';
import { aloneFor } from './support';
import { type Handle, startSettled } from './support-messages';

const feature = 'External workflows';
const alone = aloneFor(feature);

/** The other workflow of a case. */
function startOther(env: CaseEnvironment): Promise<Handle> {
  return startSettled(env, childCollects, [], { workflowId: `${env.id}-other` });
}

/**
 * Runs the workflow with the other one there. The other one is told to end, unless to end it was the point; how both
 * ended.
 */
function reaching<Args extends [string, string?]>(
  name: string,
  title: string,
  workflow: (...args: Args) => Promise<unknown>,
  argsFor: (workflowId: string, runId: string) => Args,
  endsOther = false
): ConformanceCase {
  return {
    name,
    title,
    feature,
    workflow: workflow.name,
    async drive(env): Promise<Outcome[]> {
      const other = await startOther(env);
      const outcome = await env.execute(workflow, argsFor(other.workflowId, other.firstExecutionRunId));
      if (!endsOther) await other.signal(proceed);
      return [outcome, await outcomeOf(other.result())];
    },
  };
}

const NO_RUN = '00000000-0000-4000-8000-000000000000';

export const externalCases: ConformanceCase[] = [
  alone('external-handle', 'A handle with and without a run id', workflows.externalHandle),
  reaching('external-signal', 'Signals by definition, by name, with options', workflows.externalSignalled, (id) => [
    id,
  ]),
  reaching('external-signal-run', 'A signal to one run', workflows.externalRunSignalled, (id, run) => [id, run]),
  reaching('external-cancel', 'A request to cancel', workflows.externalCancelled, (id) => [id], true),
  reaching(
    'external-cancel-run',
    'A request to cancel one run',
    workflows.externalCancelled,
    (id, run) => [id, run],
    true
  ),
  reaching('external-not-found', 'An id or a run that is not there', workflows.externalNotFound, (id) => [id, NO_RUN]),
  {
    name: 'external-over',
    title: 'The other workflow is over',
    feature,
    workflow: workflows.externalSignalled.name,
    async drive(env): Promise<Outcome[]> {
      const workflowId = `${env.id}-other`;
      await env.execute(childReturns, ['over'], { workflowId });
      const signalled = await env.execute(workflows.externalSignalled, [workflowId], {
        workflowId: `${env.id}-signals`,
      });
      return [signalled, await env.execute(workflows.externalCancelled, [workflowId])];
    },
  },
  {
    name: 'external-not-found-fails',
    title: 'A signal to nobody fails the workflow',
    feature,
    workflow: workflows.externalNotFoundFails.name,
    drive: (env) => env.execute(workflows.externalNotFoundFails, [env.id]),
  },
  reaching('external-signal-withdrawn', 'A signal cancelled at once', workflows.externalWithdrawn, (id) => [id]),
  reaching('external-in-cancelled-scope', 'Requests in a cancelled scope', workflows.externalInCancelledScope, (id) => [
    id,
  ]),
  reaching(
    'external-cancel-withdrawn',
    'A request to cancel whose scope is cancelled',
    workflows.externalCancelWithdrawn,
    (id) => [id],
    true
  ),
];
