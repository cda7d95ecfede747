/** Timers. */
import { CancellationScope, Trigger, sleep } from '@temporalio/workflow';
import type { Duration } from '@temporalio/common';
import type { Outcome } from '../case';
import { outcomeOf } from '../outcome';
import { NEVER, PAUSE, outcomeOfCall, signalled } from './support';

export async function sleepsTwice(): Promise<string> {
  await sleep(10);
  await sleep('20 ms');
  return 'awake';
}

/** Every duration below one millisecond is one; fractions above are kept. */
export async function sleepsZeroAndLess(): Promise<void> {
  for (const ms of [0, -5, 0.25, 1.5]) await sleep(ms);
  await sleep('0 ms');
}

export async function sleepsInEveryUnit(): Promise<Outcome[]> {
  const scope = new CancellationScope();
  const units: Duration[] = ['90 seconds', '2m', '3 hours', '4d', '5 weeks', '6 yrs', 70_000];
  const sleeps = units.map((duration) => outcomeOf(scope.run(() => sleep(duration))));
  await sleep(1);
  scope.cancel();
  return Promise.all(sleeps);
}

export async function sleepsWithSummary(): Promise<void> {
  await sleep(1, { summary: 'a short nap' });
  await sleep(1, { summary: 'ünï©ode 🦫' });
  await sleep(1, {});
}

export async function sleepRefusesText(): Promise<Outcome[]> {
  const bad = ['soon', '', '1 fortnight'] as unknown as Duration[];
  return Promise.all(bad.map((duration) => outcomeOfCall(() => sleep(duration))));
}

/** One workflow task for each timer. */
export async function sleepsManyTimes(times: number): Promise<number> {
  let slept = 0;
  for (; slept < times; slept += 1) await sleep(1);
  return slept;
}

/** Starts a timer and cancels it in a later workflow task. */
export async function timerCancelledLater(): Promise<Outcome> {
  const scope = new CancellationScope();
  const long = outcomeOf(scope.run(() => sleep(NEVER)));
  await sleep(1);
  scope.cancel();
  return long;
}

/** The server never hears of a timer that is cancelled in the task that starts it. */
export async function timerCancelledAtOnce(): Promise<Outcome> {
  const scope = new CancellationScope();
  const long = outcomeOf(scope.run(() => sleep(NEVER)));
  scope.cancel();
  await sleep(1);
  return long;
}

/** Many timers of one task, all but the last cancelled together. */
export async function startsManyTimers(count: number): Promise<number> {
  const scope = new CancellationScope();
  const outcomes = Array.from({ length: count }, () => outcomeOf(scope.run(() => sleep(NEVER))));
  await sleep(1);
  scope.cancel();
  const ended = await Promise.all(outcomes);
  return ended.filter((outcome) => 'failure' in outcome).length;
}

/** Timers fire in the order of their ends, not of their starts. */
export async function timersFireInOrder(): Promise<number[]> {
  const fired: number[] = [];
  await Promise.all([1_600, 800, 10].map((ms) => sleep(ms).then(() => fired.push(ms))));
  return fired;
}

/** The loser of a race goes on until its scope is cancelled. */
export async function timersRace(): Promise<string> {
  const scope = new CancellationScope();
  const winner = await scope.run(() => Promise.race([sleep(NEVER).then(() => 'late'), sleep(1).then(() => 'early')]));
  scope.cancel();
  await sleep(1);
  return winner;
}

export async function timersRaceToAny(): Promise<[string, PromiseSettledResult<string>[]]> {
  const failing = sleep(1).then(() => Promise.reject<string>(new Error('the first one fails')));
  const passing = sleep(PAUSE).then(() => 'the second one passes');
  const first = await Promise.any([failing, passing]);
  const settled = await Promise.allSettled([passing, Promise.resolve('at once')]);
  return [first, settled];
}

/** What `setTimeout` passes to its callback, and what its clearance leaves undone. */
export async function usesSetTimeout(): Promise<unknown[]> {
  const calls: unknown[] = [];
  const cleared = setTimeout(() => calls.push('cleared at once'), 1);
  clearTimeout(cleared);
  const clearedLater = setTimeout(() => calls.push('cleared later'), 3_600_000);
  await new Promise<void>((resolve) => {
    setTimeout(
      (...args: unknown[]) => {
        calls.push(args);
        resolve();
      },
      5,
      'one',
      2
    );
  });
  clearTimeout(clearedLater);
  await new Promise((resolve) => setTimeout(resolve, -1));
  return calls;
}

/** The cancellation of the workflow ends its `setTimeout` without a call. */
export async function setTimeoutCancelled(): Promise<unknown[]> {
  const calls: string[] = [];
  const scope = new CancellationScope();
  await scope.run(async () => void setTimeout(() => calls.push('called'), 3_600_000));
  await sleep(1);
  scope.cancel();
  await sleep(1);
  return calls;
}

/** A trigger resolved by a timer, one rejected, and one cancelled with its scope. */
export async function pullsTriggers(): Promise<Outcome[]> {
  const resolved = new Trigger<string>();
  const rejected = new Trigger<string>();
  const scope = new CancellationScope();
  const cancelled = await scope.run(async () => [new Trigger<string>()]);
  setTimeout(() => resolved.resolve('resolved'), 1);
  const outcomes = [resolved, rejected, cancelled[0]!].map((trigger) => outcomeOf(Promise.resolve(trigger)));
  await resolved;
  resolved.resolve('resolved twice');
  rejected.reject(new RangeError('rejected'));
  scope.cancel();
  return Promise.all(outcomes);
}

/** A timer that fired before the client's message is not cancelled by it. */
export async function timerCancelledBySignal(): Promise<Outcome[]> {
  const scope = new CancellationScope();
  const short = outcomeOf(scope.run(() => sleep(1).then(() => 'fired')));
  const long = outcomeOf(scope.run(() => sleep(NEVER)));
  await short;
  await signalled();
  scope.cancel();
  return Promise.all([short, long]);
}
