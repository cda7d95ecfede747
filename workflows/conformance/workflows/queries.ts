/** Queries. */
import {
  ApplicationFailure,
  condition,
  continueAsNew,
  defineQuery,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { holdTask, note, notes } from './messages';
import { signalled } from './support';

export const multiply = defineQuery<number, [number, number?]>('multiply');
export const anyQuery = defineQuery<unknown, unknown[]>('anyQuery');

export async function queriedState(): Promise<number> {
  const seen: unknown[] = [];
  setHandler(note, (value) => void seen.push(value));
  setHandler(notes, () => seen);
  await signalled();
  return seen.length;
}

export async function queriedWithArguments(): Promise<void> {
  setHandler(multiply, (a, b = 10) => a * b);
  await signalled();
}

export async function queryThrows(): Promise<void> {
  setHandler(anyQuery, (kind) => {
    if (kind === 'application') throw ApplicationFailure.nonRetryable('asked wrongly', 'BadQuestion', { about: kind });
    if (kind === 'text') throw 'a text is thrown';
    throw new RangeError('out of range', { cause: new Error('the cause') });
  });
  await signalled();
}

export async function queryUnknown(): Promise<void> {
  setHandler(multiply, (a) => a);
  setHandler(notes, () => []);
  await signalled();
}

export async function queriedWhenCompleted(): Promise<string> {
  let state = 'running';
  setHandler(anyQuery, () => state);
  await sleep(10);
  state = 'completed';
  return state;
}

export async function queriedWhenFailed(): Promise<void> {
  let state = 'running';
  setHandler(anyQuery, () => state);
  await sleep(10);
  state = 'failed';
  throw ApplicationFailure.nonRetryable('as planned');
}

export async function queriedWhenCancelled(): Promise<void> {
  let state = 'running';
  setHandler(anyQuery, () => state);
  try {
    await condition(() => false);
  } finally {
    state = 'cancelled';
  }
}

/** A query handler must not be async. */
export async function queryAsync(): Promise<void> {
  setHandler(anyQuery, (() => Promise.resolve(1)) as never);
  await signalled();
}

export async function queryResultKinds(): Promise<void> {
  const kinds: Record<string, unknown> = {
    null: null,
    text: 'grüße',
    number: -0.5,
    nested: { list: [1, [2, { three: null }]], flag: false },
    date: new Date(0),
    bytes: new Uint8Array([0, 127, 255]),
    empty: {},
  };
  setHandler(anyQuery, (kind) => kinds[kind as string]);
  await signalled();
}

export async function queriedByMany(): Promise<void> {
  setHandler(multiply, (a, b = 1) => a * b);
  await signalled();
}

/** Queries that wait for a task are answered after the signals of that task. */
export async function queriedWithinTask(): Promise<unknown[]> {
  const seen: unknown[] = [];
  setHandler(note, (value) => void seen.push(value));
  setHandler(notes, () => [...seen]);
  await holdTask();
  await signalled();
  return seen;
}

export async function queryHandlerSetLate(): Promise<void> {
  let go = false;
  setHandler(note, () => void (go = true));
  await condition(() => go);
  setHandler(anyQuery, () => 'now there is one');
  await signalled();
}

export async function queryHandlerRemoved(): Promise<void> {
  setHandler(anyQuery, () => 'first');
  setHandler(note, (value) => setHandler(anyQuery, value === null ? undefined : () => value));
  await signalled();
}

/** A query sees the time of the last task, and is not part of the history. */
export async function queryOfTime(): Promise<void> {
  let last = Date.now();
  setHandler(note, () => void (last = Date.now()));
  setHandler(anyQuery, () => ({
    time: Date.now() - last,
    isReplayingHistoryEvents: workflowInfo().unsafe.isReplayingHistoryEvents,
    type: workflowInfo().workflowType,
    historyLength: workflowInfo().historyLength,
  }));
  await signalled();
}

/** Each run of the chain keeps answering. */
export async function queriedInEachRun(run: number): Promise<number> {
  setHandler(anyQuery, () => run);
  if (run < 2) await continueAsNew<typeof queriedInEachRun>(run + 1);
  return run;
}

/** A query answers with a copy; the state of the run goes on. */
export async function queryReturnsSameObject(): Promise<unknown> {
  const state = { list: ['one'] };
  setHandler(anyQuery, () => state);
  await signalled();
  state.list.push('two');
  return state;
}
