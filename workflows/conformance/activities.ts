/**
 * Activities of the cases that no probe activity covers. They run on the Node worker behind
 * `CaseEnvironment.activityQueue`, whatever the worker under test; every exported function is one.
 */
import { ApplicationFailure, CompleteAsyncError, Context, activityInfo } from '@temporalio/activity';
import type { Duration } from '@temporalio/common';

/** What a failure is made of, as JSON; the causes from the outside in. */
export interface FailureRecipe {
  message: string;
  type?: string;
  nonRetryable?: boolean;
  details?: unknown[];
  nextRetryDelay?: Duration;
  benign?: boolean;
  cause?: FailureRecipe;
}

function failureFrom({ benign, cause, ...options }: FailureRecipe): ApplicationFailure {
  return ApplicationFailure.create({
    ...options,
    ...(benign ? { category: 'BENIGN' as const } : {}),
    ...(cause ? { cause: failureFrom(cause) } : {}),
  });
}

export async function fails(recipe: FailureRecipe): Promise<never> {
  throw failureFrom(recipe);
}

/** Fails in this way until the given attempt, which returns its number. */
export async function failsUntil(attempt: number, recipe: FailureRecipe): Promise<number> {
  if (activityInfo().attempt < attempt) throw failureFrom(recipe);
  return activityInfo().attempt;
}

class StrangeError extends Error {
  override name = 'NameOfStrangeError';
}

/** Throws what is no failure of Temporal's. */
export async function throws(kind: string): Promise<never> {
  const things: Record<string, () => unknown> = {
    error: () => new Error('an error'),
    caused: () => new Error('an effect', { cause: new TypeError('the cause') }),
    subclass: () => new StrangeError('a strange error'),
    text: () => 'a text',
    object: () => ({ message: 'an object', code: 7 }),
    nothing: () => undefined,
  };
  throw things[kind]?.();
}

/** All its arguments and their number, which JSON's `undefined` would hide. */
export async function collects(...args: unknown[]): Promise<{ count: number; args: unknown[] }> {
  return { count: args.length, args };
}

export async function returnsNothing(): Promise<void> {
  // Nothing is what it returns.
}

/** Bytes in, bytes out, without JSON. */
export async function reverses(bytes: Uint8Array): Promise<Uint8Array> {
  return bytes.slice().reverse();
}

/** What the server tells an activity about how it was scheduled. */
export async function tellsOptions(): Promise<unknown> {
  const info = activityInfo();
  const { activityId, activityType, attempt, isLocal, retryPolicy, priority } = info;
  const { heartbeatTimeoutMs, startToCloseTimeoutMs, scheduleToCloseTimeoutMs, workflowType, heartbeatDetails } = info;
  const timeouts = { heartbeatTimeoutMs, startToCloseTimeoutMs, scheduleToCloseTimeoutMs };
  return {
    activityId,
    activityType,
    attempt,
    isLocal,
    retryPolicy,
    priority,
    timeouts,
    workflowType,
    heartbeatDetails,
  };
}

/** Reports details once and then nothing until it is cancelled. */
export async function fallsSilent(details: unknown): Promise<void> {
  Context.current().heartbeat(details);
  await Context.current().cancelled;
}

/** Fails its first attempt after a heartbeat; the next one returns the details of that. */
export async function resumes(details: unknown): Promise<unknown> {
  if (activityInfo().attempt > 1) return activityInfo().heartbeatDetails;
  Context.current().heartbeat(details);
  throw ApplicationFailure.retryable('interrupted', 'Interrupted');
}

export type EndOnCancellation = 'cancelled' | 'completed' | 'failed';

/** Heartbeats until it is cancelled, and then ends in the given way. */
export async function endsWhenCancelled(end: EndOnCancellation): Promise<string> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat('alive'), 50);
  try {
    return await context.cancelled;
  } catch (err) {
    if (end === 'completed') return 'completed in spite of it';
    if (end === 'failed') throw ApplicationFailure.nonRetryable('failed in spite of it', 'Spite');
    throw err;
  } finally {
    clearInterval(beat);
  }
}

/** Leaves its end to whoever knows its id. */
export async function isCompletedElsewhere(): Promise<never> {
  throw new CompleteAsyncError();
}
