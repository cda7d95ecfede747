import type { ConformanceCase, Outcome } from '../case';
import { outcomeOf } from '../outcome';
import { proceed } from '../workflows/support';
import * as workflows from '../workflows/scopes';
import { childSettled } from './children';
import { aloneFor } from './support';
import { talksFor } from './support-messages';
import { untilSettled } from './support-waiting';

const feature = 'Cancellation scopes';
const alone = aloneFor(feature);
const talks = talksFor(feature);

/** The client cancels the workflow after its first task. */
function cancelled(name: string, title: string, workflow: () => Promise<unknown>): ConformanceCase {
  return talks(name, title, workflow, [], async (handle): Promise<Outcome> => {
    await handle.cancel();
    return outcomeOf(handle.result());
  });
}

export const scopeCases: ConformanceCase[] = [
  alone('scopes-nest', 'The current scope, across functions and awaits', workflows.scopesNest),
  alone('scope-cancels-inner', 'Cancellation from outside in', workflows.scopeCancelsInner),
  alone('scope-shields', '`nonCancellable` within a cancelled scope', workflows.scopeShields),
  alone('scope-notes-request', '`cancelRequested` of a scope that cannot be cancelled', workflows.scopeNotesRequest),
  alone('scope-times-out', '`withTimeout` that runs out', workflows.scopeTimesOut),
  alone('scope-in-time', '`withTimeout` that does not run out', workflows.scopeIsInTime),
  alone('scope-times-out-shielded', '`nonCancellable` within `withTimeout`', workflows.scopeTimesOutShielded),
  alone('scope-times-out-in-vain', 'A timeout of a scope that cannot be cancelled', workflows.scopeTimesOutInVain),
  {
    name: 'scope-cancelled-before',
    title: 'Everything that can be begun in a cancelled scope',
    feature,
    workflow: workflows.scopeCancelledBefore.name,
    drive: (env) => env.execute(workflows.scopeCancelledBefore, [env.activityQueue]),
  },
  alone('scope-passes-errors', 'Errors pass through scopes', workflows.scopePassesErrors),
  alone('scope-with-parent', 'A scope with another parent', workflows.scopeWithParent),
  alone('scope-runs-twice', 'Several functions in one scope', workflows.scopeRunsTwice),
  {
    name: 'cancellation-spreads',
    title: 'A client cancels timer, activity, child, condition and trigger',
    feature,
    workflow: workflows.cancellationSpreads.name,
    async drive(env): Promise<Outcome> {
      const handle = await env.start(workflows.cancellationSpreads, [env.activityQueue]);
      await childSettled(env, handle.workflowId);
      await handle.cancel();
      return outcomeOf(handle.result());
    },
  },
  cancelled('cancellation-uncaught', 'A client cancels the workflow', workflows.cancellationUncaught),
  {
    name: 'cancellation-clean-up',
    title: 'Clean-up after a cancellation',
    feature,
    workflow: workflows.cancellationCleansUp.name,
    async drive(env): Promise<Outcome> {
      const handle = await env.start(workflows.cancellationCleansUp, [env.activityQueue]);
      await untilSettled(env, handle.workflowId);
      await handle.cancel();
      return outcomeOf(handle.result());
    },
  },
  cancelled('cancellation-ignored', 'A cancellation that is caught', workflows.cancellationIgnored),
  cancelled('cancellation-becomes-failure', 'A failure after a cancellation', workflows.cancellationBecomesFailure),
  talks(
    'cancellation-shielded',
    'A cancellation of a shielded workflow',
    workflows.cancellationShielded,
    [],
    async (handle, env) => {
      await handle.cancel();
      await untilSettled(env, handle.workflowId);
      await handle.signal(proceed);
      return outcomeOf(handle.result());
    }
  ),
  alone('cancels-itself', 'A workflow that cancels its root scope', workflows.cancelsItself),
  alone('cancels-itself-and-returns', 'The same, caught', workflows.cancelsItselfAndReturns),
  alone('tells-cancellations', '`isCancellation` of every kind of failure', workflows.tellsCancellations),
];
