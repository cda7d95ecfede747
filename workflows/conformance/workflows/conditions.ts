/** Conditions. */
import { CancellationScope, condition, sleep } from '@temporalio/workflow';
import type { Duration } from '@temporalio/common';
import type { Outcome } from '../case';
import { outcomeOf } from '../outcome';
import { NEVER, PAUSE, outcomeOfCall } from './support';

export async function conditionBecomesTrue(): Promise<string> {
  let ready = false;
  setTimeout(() => (ready = true), 1);
  return String(await condition(() => ready));
}

/** Conditions that hold at once take no timer. */
export async function conditionHoldsAtOnce(): Promise<unknown[]> {
  return [await condition(() => true), await condition(() => true, NEVER), await condition(() => true, 60_000, {})];
}

export async function conditionTimesOut(): Promise<boolean[]> {
  return [await condition(() => false, 10), await condition(() => false, '20 ms')];
}

/** A timeout of zero is a timeout, which old histories did not know: a patch marker tells them apart. */
export async function conditionWithZeroTimeout(): Promise<unknown[]> {
  return [await condition(() => false, 0), await condition(() => true, 0), await condition(() => false, -1)];
}

/** The timer of the timeout is cancelled when the condition holds first. */
export async function conditionBeatsTimeout(): Promise<boolean> {
  let ready = false;
  setTimeout(() => (ready = true), 1);
  return condition(() => ready, NEVER);
}

/** What becomes true after the timeout comes too late. */
export async function conditionTooLate(): Promise<boolean> {
  let ready = false;
  const met = condition(() => ready, 50, { summary: 'the last moment' });
  await sleep(PAUSE);
  ready = true;
  return met;
}

export async function conditionWithSummary(): Promise<boolean> {
  return condition(() => false, 1, { summary: 'waits for nothing' });
}

export async function conditionRefusesText(): Promise<Outcome> {
  return outcomeOfCall(() => condition(() => false, 'a while' as unknown as Duration));
}

/** What a condition's function throws at its first evaluation is what the wait rejects with. */
export async function conditionThrows(): Promise<Outcome> {
  return outcomeOf(
    condition(() => {
      throw new RangeError('cannot tell');
    })
  );
}

/** Each condition makes the next one true, all within one activation. */
export async function conditionsInChain(): Promise<string[]> {
  const met: string[] = [];
  const waits = [3, 2, 1, 0].map((length) =>
    condition(() => met.length === length).then(() => void met.push(`after ${length}`))
  );
  await Promise.all(waits);
  return met;
}

/** Conditions on the same state go on in the order in which they were made. */
export async function conditionsTogether(): Promise<number[]> {
  let ready = false;
  const order: number[] = [];
  const waits = [1, 2, 3].map((n) => condition(() => ready).then(() => void order.push(n)));
  await sleep(1);
  ready = true;
  await Promise.all(waits);
  return order;
}

export async function conditionCancelled(): Promise<Outcome[]> {
  const scope = new CancellationScope();
  const endless = outcomeOf(scope.run(() => condition(() => false)));
  const timed = outcomeOf(scope.run(() => condition(() => false, NEVER)));
  await sleep(1);
  scope.cancel();
  const late = outcomeOf(scope.run(() => condition(() => true)));
  return Promise.all([endless, timed, late]);
}

/** A scope's cancellation is state like any other. */
export async function conditionOnScope(): Promise<string> {
  const scope = new CancellationScope();
  setTimeout(() => scope.cancel(), 1);
  await condition(() => scope.consideredCancelled);
  return 'cancelled';
}
