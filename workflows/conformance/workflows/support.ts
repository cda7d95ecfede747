/** What workflows of several features share. */
import { condition, defineSignal, isCancellation, setHandler } from '@temporalio/workflow';
import type { Outcome } from '../case';
import { outcomeOf, summaryOf } from '../outcome';

/** Long enough for the workflow tasks that events of the same moment cause to be over. */
export const PAUSE = '2 seconds';

/** Longer than any case. */
export const NEVER = '1 hour';

/** Lets a workflow that awaits {@link signalled} go on. */
export const proceed = defineSignal('proceed');

/** Waits for the signal {@link proceed}, which a driver sends when what went before has settled. */
export async function signalled(): Promise<void> {
  let arrived = false;
  setHandler(proceed, () => void (arrived = true));
  await condition(() => arrived);
}

/** How a function that may throw before it returns a promise ends. */
export function outcomeOfCall(call: () => unknown): Promise<Outcome> {
  return outcomeOf(new Promise((resolve) => resolve(call())));
}

/** How `promise` ends, and whether the SDK takes that for a cancellation. */
export async function cancellationOf(promise: Promise<unknown>): Promise<Outcome & { isCancellation?: boolean }> {
  try {
    return { value: await promise };
  } catch (err) {
    return { failure: summaryOf(err), isCancellation: isCancellation(err) };
  }
}

/** The id of the one child that a parent of these cases starts. */
export function childIdOf(workflowId: string): string {
  return `${workflowId}-child`;
}
