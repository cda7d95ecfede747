/** Cancellation scopes. */
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  ChildWorkflowFailure,
  Trigger,
  condition,
  executeChild,
  getExternalWorkflowHandle,
  isCancellation,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { NexusOperationFailure, RetryState } from '@temporalio/common';
import type { Outcome } from '../case';
import { outcomeOf } from '../outcome';
import { childCollects, childReturns } from './children';
import { NEVER, cancellationOf, childIdOf, signalled } from './support';
import { activitiesOf } from './support-activities';

function stateOf({ cancellable, consideredCancelled }: CancellationScope): unknown {
  return { cancellable, consideredCancelled };
}

/** The current scope of functions within functions, and across awaits. */
export async function scopesNest(): Promise<unknown> {
  const root = CancellationScope.current();
  const outer = new CancellationScope();
  const inner = new CancellationScope({ cancellable: false, parent: outer });
  const seen: boolean[] = [];
  await outer.run(async () => {
    seen.push(CancellationScope.current() === outer);
    await inner.run(async () => {
      await sleep(1);
      seen.push(CancellationScope.current() === inner);
    });
    seen.push(CancellationScope.current() === outer);
  });
  seen.push(CancellationScope.current() === root, outer.parent === root, inner.parent === outer);
  return { seen, states: [root, outer, inner].map(stateOf) };
}

/** Cancellation goes from outside in, never from inside out. */
export async function scopeCancelsInner(): Promise<unknown> {
  const outer = new CancellationScope();
  const inner = await outer.run(async () => new CancellationScope());
  const sibling = new CancellationScope();
  const cancelled = [outer, inner].map((scope) => outcomeOf(scope.run(() => sleep(NEVER))));
  inner.cancel();
  await sleep(1);
  const states = [outer, inner, sibling].map(stateOf);
  outer.cancel();
  const untouched = await outcomeOf(sibling.run(() => sleep(1).then(() => 'untouched')));
  return { states: [states, [outer, inner, sibling].map(stateOf)], cancelled: await Promise.all(cancelled), untouched };
}

/** What is in a scope that cannot be cancelled goes on, with all that is inside. */
export async function scopeShields(): Promise<unknown> {
  const outer = new CancellationScope();
  const outcome = outcomeOf(
    outer.run(() =>
      CancellationScope.nonCancellable(async () => {
        const requested = outcomeOf(CancellationScope.current().cancelRequested);
        await CancellationScope.cancellable(() => sleep('50ms'));
        await sleep(1);
        return {
          state: stateOf(CancellationScope.current()),
          requested: await Promise.race([requested, 'not requested']),
        };
      })
    )
  );
  await sleep(1);
  outer.cancel();
  return { outcome: await outcome, outer: stateOf(outer) };
}

/** A request to such a scope itself is noted, and nothing else happens. */
export async function scopeNotesRequest(): Promise<unknown> {
  const scope = new CancellationScope({ cancellable: false });
  const requested = outcomeOf(scope.cancelRequested);
  const slept = outcomeOf(scope.run(() => sleep('20ms').then(() => 'slept')));
  await sleep(1);
  scope.cancel();
  return [await requested, await slept, stateOf(scope)];
}

export async function scopeTimesOut(): Promise<Outcome> {
  return cancellationOf(CancellationScope.withTimeout(10, () => sleep(NEVER)));
}

/** The timer of the timeout is cancelled with the end of the function, be it a failure. */
export async function scopeIsInTime(): Promise<Outcome[]> {
  const value = await outcomeOf(CancellationScope.withTimeout(NEVER, () => sleep(1).then(() => 'in time')));
  const failing = CancellationScope.withTimeout('2 hours', async () => {
    await sleep(1);
    throw new RangeError('fails in time');
  });
  const failed = await outcomeOf(failing);
  await sleep(1);
  return [value, failed];
}

export async function scopeTimesOutShielded(): Promise<Outcome> {
  const shielded = (): Promise<string> => CancellationScope.nonCancellable(() => sleep('200ms').then(() => 'shielded'));
  return outcomeOf(CancellationScope.withTimeout(10, shielded));
}

/** Scopes constructed with both options. */
export async function scopeTimesOutInVain(): Promise<unknown> {
  const scope = new CancellationScope({ cancellable: false, timeout: 10 });
  const outcome = await outcomeOf(scope.run(() => sleep('200ms').then(() => 'not cancelled')));
  return [outcome, stateOf(scope)];
}

/** Everything that is begun in a cancelled scope fails at once. */
export async function scopeCancelledBefore(queue: string): Promise<Outcome[]> {
  const scope = new CancellationScope();
  scope.cancel();
  scope.cancel();
  const begin: (() => Promise<unknown>)[] = [
    () => sleep(1),
    () => condition(() => true),
    () => Promise.resolve(new Trigger<void>()),
    () => activitiesOf(queue).returnsNothing(),
    () => executeChild(childReturns, { args: ['never'] }),
    () => getExternalWorkflowHandle('anyone').signal('note', 'never'),
    () => CancellationScope.cancellable(() => sleep(1)),
    async () => 'not a thing to cancel',
  ];
  const outcomes: Outcome[] = [];
  for (const call of begin) outcomes.push(await cancellationOf(scope.run(call)));
  const cleanup = scope.run(() => CancellationScope.nonCancellable(() => sleep(1).then(() => 'cleaned up')));
  return [...outcomes, await outcomeOf(cleanup)];
}

/** Errors pass through scopes as they are, whatever is cancelled. */
export async function scopePassesErrors(): Promise<Outcome[]> {
  const fail = async (): Promise<never> => {
    throw new RangeError('as it is');
  };
  const scope = new CancellationScope();
  const caught = scope.run(async () => {
    try {
      await sleep(NEVER);
    } catch (err) {
      throw new RangeError('in its place', { cause: err });
    }
  });
  const outcomes = [
    outcomeOf(CancellationScope.cancellable(fail)),
    outcomeOf(CancellationScope.nonCancellable(fail)),
    outcomeOf(caught),
  ];
  scope.cancel();
  return Promise.all(outcomes);
}

/** A scope with another parent than the current one lives as long as that. */
export async function scopeWithParent(): Promise<Outcome[]> {
  const root = CancellationScope.current();
  const scope = new CancellationScope();
  const background = await scope.run(async () => {
    const own = new CancellationScope({ cancellable: true, parent: root });
    return [outcomeOf(own.run(() => sleep('20ms').then(() => 'went on')))];
  });
  await sleep(1);
  scope.cancel();
  return Promise.all(background);
}

/** One scope for several functions at a time. */
export async function scopeRunsTwice(): Promise<Outcome[]> {
  const scope = new CancellationScope();
  const outcomes = [
    scope.run(() => sleep(NEVER)),
    scope.run(() => condition(() => false)),
    scope.run(async () => 'done'),
  ];
  const summaries = outcomes.map((outcome) => outcomeOf(outcome));
  await sleep(1);
  scope.cancel();
  return Promise.all(summaries);
}

/** A timer, an activity, a child, a condition and a trigger feel the client's request together. */
export async function cancellationSpreads(queue: string): Promise<Outcome[]> {
  const workflowId = childIdOf(workflowInfo().workflowId);
  const child = await startChild(childCollects, { workflowId, cancellationType: 'ABANDON' });
  const { returnsNothing } = activitiesOf(`${queue}-of-nobody`, { cancellationType: 'WAIT_CANCELLATION_COMPLETED' });
  const waits = [
    sleep(NEVER),
    returnsNothing(),
    child.result(),
    condition(() => false),
    Promise.resolve(new Trigger()),
  ];
  return Promise.all(waits.map(cancellationOf));
}

/** Nobody catches the failure, so the workflow is cancelled. */
export async function cancellationUncaught(): Promise<void> {
  await sleep(NEVER);
}

export async function cancellationCleansUp(queue: string): Promise<void> {
  try {
    await sleep(NEVER);
  } catch (err) {
    if (!isCancellation(err)) throw err;
    await CancellationScope.nonCancellable(() => activitiesOf(queue).collects('clean up'));
    await outcomeOf(activitiesOf(queue).collects('too late'));
    throw err;
  }
}

export async function cancellationIgnored(): Promise<unknown> {
  const outcome = await cancellationOf(sleep(NEVER));
  const requested = await outcomeOf(CancellationScope.current().cancelRequested);
  return [outcome, requested, stateOf(CancellationScope.current())];
}

/** A failure after the request is a failure, not a cancellation. */
export async function cancellationBecomesFailure(): Promise<void> {
  const outcome = await cancellationOf(sleep(NEVER));
  throw ApplicationFailure.nonRetryable('failed instead', 'Instead', outcome);
}

/** A whole workflow in a scope that cannot be cancelled. */
export async function cancellationShielded(): Promise<unknown> {
  return CancellationScope.nonCancellable(async () => {
    await signalled();
    await sleep(1);
    return [stateOf(CancellationScope.current()), stateOf(CancellationScope.current().parent!)];
  });
}

/** Without a request from outside it is no cancellation of the workflow, but its failure. */
export async function cancelsItself(): Promise<void> {
  CancellationScope.current().cancel();
  await sleep(NEVER);
}

export async function cancelsItselfAndReturns(): Promise<unknown> {
  CancellationScope.current().cancel();
  return [await outcomeOf(sleep(NEVER)), stateOf(CancellationScope.current())];
}

/** Which failures count as a cancellation. */
export async function tellsCancellations(): Promise<Record<string, boolean>> {
  const cancelled = new CancelledFailure('cancelled');
  const execution = { workflowId: 'any', runId: 'any' };
  const state = RetryState.CANCEL_REQUESTED;
  const errors: Record<string, unknown> = {
    cancelled,
    activity: new ActivityFailure('activity', 'type', 'id', state, 'identity', cancelled),
    activityFailed: new ActivityFailure(
      'activity',
      'type',
      'id',
      state,
      'identity',
      ApplicationFailure.retryable('no')
    ),
    child: new ChildWorkflowFailure('default', execution, 'type', state, cancelled),
    childWithoutCause: new ChildWorkflowFailure('default', execution, 'type', state),
    nexus: new NexusOperationFailure('nexus', 1, 'endpoint', 'service', 'operation', 'token', cancelled),
    application: ApplicationFailure.create({ message: 'wrapped', cause: cancelled }),
    error: new Error('any'),
    text: 'cancelled',
    nothing: undefined,
  };
  return Object.fromEntries(Object.entries(errors).map(([name, err]) => [name, isCancellation(err)]));
}
