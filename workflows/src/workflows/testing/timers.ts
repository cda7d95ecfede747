import { CancellationScope, condition, sleep } from '@temporalio/workflow';
import { type ErrorSummary, rejectionOf } from './describe-error';

/** Sleeps `ms` twice, once by `sleep` and once by `setTimeout`; returns the workflow time that passed. */
export async function timerFires(ms: number): Promise<{ passedMs: number }> {
  const before = Date.now();
  await sleep(ms, { summary: 'first pause' });
  await new Promise((resolve) => setTimeout(resolve, ms));
  return { passedMs: Date.now() - before };
}

/** Starts a long timer and cancels it in a later workflow task. */
export async function timerCancelled(): Promise<{ error?: ErrorSummary; conditionMet: boolean }> {
  const scope = new CancellationScope();
  const longTimer = scope.run(() => rejectionOf(sleep('1 hour')));
  let ready = false;
  setTimeout(() => (ready = true), 1);
  // The wait's own timer is cancelled too, because the condition comes first.
  const conditionMet = await condition(() => ready, '1 hour');
  scope.cancel();
  const error = await longTimer;
  return error ? { error, conditionMet } : { conditionMet };
}
