/** How workflows fail. */
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  DeterminismViolationError,
  ServerFailure,
  TerminatedFailure,
  TimeoutFailure,
  condition,
  rootCause,
  setHandler,
  setWorkflowOptions,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { ApplicationFailureCategory, RetryState, TimeoutType, ensureApplicationFailure } from '@temporalio/common';
import type { Outcome } from '../case';
import { outcomeOf, summaryOf } from '../outcome';
import { proceed, signalled } from './support';
import { activitiesOf } from './support-activities';

export async function failsWithEverything(): Promise<never> {
  throw ApplicationFailure.create({
    message: 'with every field',
    type: 'Complete',
    nonRetryable: true,
    details: [null, true, -1.5, 'ünï©ode 🦫', [1, [2]], { nested: { deep: null } }],
    nextRetryDelay: '2 seconds',
    category: ApplicationFailureCategory.BENIGN,
    cause: new Error('and a cause'),
  });
}

export async function failsWithNothing(): Promise<never> {
  throw new ApplicationFailure();
}

/** Failures by the three other ways to make them. */
export async function failsWithCauses(): Promise<never> {
  const plain = new RangeError('a plain cause', { cause: new TypeError('the cause of the cause') });
  const inner = ApplicationFailure.retryable('retryable', undefined, 'one', 'two');
  const middle = ApplicationFailure.fromError(plain, { type: 'Converted', details: ['added'], nonRetryable: true });
  throw ApplicationFailure.create({
    message: 'outermost',
    details: [summaryOf(middle), summaryOf(inner)],
    cause: new ApplicationFailure('in between', 'Between', false, [inner.message], middle),
  });
}

type Kind = 'cancelled' | 'terminated' | 'timeout' | 'server' | 'activity' | 'child';

/** Failures that only the SDK should make. */
export async function failsAs(kind: Kind): Promise<never> {
  const cause = ApplicationFailure.nonRetryable('the cause', 'Cause', { of: kind });
  const execution = { workflowId: 'another', runId: 'another-run' };
  const failures: Record<Kind, () => Error> = {
    cancelled: () => new CancelledFailure('cancelled by nobody', ['detail'], cause),
    terminated: () => new TerminatedFailure('terminated by nobody', cause),
    timeout: () => new TimeoutFailure('too late', { last: 'beat' }, TimeoutType.HEARTBEAT),
    server: () => new ServerFailure('not from a server', true, cause),
    activity: () => new ActivityFailure('no activity', 'type', 'id', RetryState.TIMEOUT, 'somebody', cause),
    child: () => new ChildWorkflowFailure('default', execution, 'type', RetryState.IN_PROGRESS, cause),
  };
  throw failures[kind]();
}

/** An error that the options of the workflow declare a failure of the workflow. */
class DeclaredError extends Error {
  override name = 'NameOfDeclaredError';
}

class DerivedError extends DeclaredError {
  readonly code = 42;
}

setWorkflowOptions({ failureExceptionTypes: [DeclaredError] }, failsWithDeclared);
export async function failsWithDeclared(derived: boolean): Promise<never> {
  await sleep(1);
  throw derived
    ? new DerivedError('derived', { cause: new TypeError('of another type') })
    : new DeclaredError('declared');
}

type Thing = 'error' | 'text' | 'number' | 'nothing' | 'null' | 'object';

setWorkflowOptions({ failureExceptionTypes: [Error] }, failsWithAnything);
export async function failsWithAnything(thing: Thing): Promise<never> {
  const things: Record<Thing, unknown> = {
    error: new SyntaxError('an error'),
    text: 'a text',
    number: 42,
    nothing: undefined,
    null: null,
    object: { message: 'a message', code: 7 },
  };
  throw things[thing];
}

export async function failsWithActivity(queue: string): Promise<unknown> {
  return activitiesOf(queue).fails({ message: 'of the activity', type: 'Fatal', nonRetryable: true, details: [1] });
}

/** What was caught is the cause of what is thrown. */
export async function failsBecauseOfActivity(queue: string): Promise<unknown> {
  try {
    return await activitiesOf(queue).fails({ message: 'of the activity', nonRetryable: true });
  } catch (err) {
    throw ApplicationFailure.create({ message: `because: ${rootCause(err)}`, cause: err as Error, nonRetryable: true });
  }
}

/** Fails until the given attempt; each attempt is a run of its own. */
export async function failsUntilAttempt(attempt: number, type: string): Promise<unknown> {
  const { attempt: current, lastFailure, continuedFromExecutionRunId, firstExecutionRunId, runId } = workflowInfo();
  if (current < attempt) throw ApplicationFailure.create({ message: `attempt ${current}`, type, details: [current] });
  const isFirst = firstExecutionRunId === runId;
  return {
    current,
    lastFailure: lastFailure && summaryOf(lastFailure),
    isFirst,
    continued: !!continuedFromExecutionRunId,
  };
}

/** The failure's delay takes the place of the policy's hour. */
export async function failsWithDelay(): Promise<number> {
  if (workflowInfo().attempt > 1) return workflowInfo().attempt;
  throw ApplicationFailure.create({ message: 'soon again', nextRetryDelay: '10ms' });
}

export async function waitsForEver(): Promise<void> {
  await condition(() => false);
}

/**
 * Whether this is an attempt after a failed workflow task. A replay knows that from the length of the history too, so
 * what fails a task only in its first attempt is deterministic.
 */
function isSecondAttempt(historyLength: number): boolean {
  return workflowInfo().historyLength > historyLength;
}

/** The history ends with the start of the first workflow task. */
const AT_FIRST = 3;

export async function healsAfterError(): Promise<string> {
  if (!isSecondAttempt(AT_FIRST)) throw new TypeError('a defect, mended soon', { cause: new RangeError('its cause') });
  await sleep(1);
  return 'mended';
}

export async function healsAfterText(): Promise<string> {
  if (!isSecondAttempt(AT_FIRST)) throw 'a text, not an error';
  return 'mended';
}

/** The defect is in what comes after an await; the history is longer by a timer and a task. */
export async function healsAfterTimer(): Promise<string> {
  await sleep(1);
  if (!isSecondAttempt(8)) throw new SyntaxError('a defect after a timer');
  await sleep(1);
  return 'mended';
}

/** A rejection that nobody handles is a defect as well. */
export async function healsAfterRejection(): Promise<string> {
  if (!isSecondAttempt(AT_FIRST)) void Promise.reject(new Error('nobody waits for this'));
  await sleep(1);
  return 'mended';
}

export async function healsAfterCondition(): Promise<string> {
  let ready = false;
  setTimeout(() => (ready = true), 1);
  await condition(() => {
    if (ready && !isSecondAttempt(8)) throw new TypeError('a defect in a condition');
    return ready;
  });
  return 'mended';
}

/** The defect is in the handler of a signal. */
export async function healsAfterSignal(): Promise<string> {
  let arrived = false;
  setHandler(proceed, () => {
    if (!isSecondAttempt(7)) throw new TypeError('a defect in a handler');
    arrived = true;
  });
  await condition(() => arrived);
  return 'mended';
}

/** What cannot be made a payload is a defect of the code, be it the result or a detail. */
export async function healsAfterBadPayloads(where: 'result' | 'details' | 'command'): Promise<unknown> {
  if (isSecondAttempt(AT_FIRST)) return 'mended';
  if (where === 'result') return 10n;
  if (where === 'details') throw ApplicationFailure.create({ message: 'with a bad detail', details: [10n] });
  return activitiesOf('unused').collects(10n);
}

interface Forbidden {
  WeakRef: new (target: object) => unknown;
  FinalizationRegistry: new (callback: () => void) => unknown;
}

/** What depends on the collection of garbage is refused. */
export async function violatesDeterminism(): Promise<unknown> {
  const { WeakRef, FinalizationRegistry } = globalThis as unknown as Forbidden;
  const calls = [() => new WeakRef({}), () => new FinalizationRegistry(() => undefined)];
  const outcomes: [Outcome, boolean][] = [];
  for (const call of calls) {
    try {
      outcomes.push([{ value: String(call()) }, false]);
    } catch (err) {
      outcomes.push([{ failure: summaryOf(err) }, err instanceof DeterminismViolationError]);
    }
  }
  return outcomes;
}

export async function healsAfterViolation(): Promise<string> {
  const { WeakRef } = globalThis as unknown as Forbidden;
  if (!isSecondAttempt(AT_FIRST)) String(new WeakRef({}));
  return 'mended';
}

/** What the helpers of the SDK make of errors. */
export async function describesErrors(): Promise<unknown> {
  const chain = ApplicationFailure.create({ message: 'outer', cause: new ApplicationFailure('inner') });
  const things = [new RangeError('plain'), 'a text', { message: 'a record' }, undefined, chain];
  return things.map((thing) => [rootCause(thing), summaryOf(ensureApplicationFailure(thing))]);
}

/** Failures within an async function that is awaited late, and in one of several. */
export async function failsAmongOthers(): Promise<unknown> {
  const failing = outcomeOf(Promise.all([sleep(1), Promise.reject(ApplicationFailure.nonRetryable('one of several'))]));
  await signalled();
  throw ApplicationFailure.nonRetryable('after the signal', 'Late', await failing);
}
