/** Signals. */
import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  defineSignal,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import { HandlerUnfinishedPolicy } from '@temporalio/common';
import { holdTask, note } from './messages';
import { signalled } from './support';

export const pair = defineSignal<[string, number]>('pair');
export const anything = defineSignal<unknown[]>('anything');

export async function signalsAreNoted(): Promise<unknown[]> {
  const seen: unknown[] = [];
  setHandler(note, (value) => void seen.push(value));
  await signalled();
  return seen;
}

/** Without a time to sleep, a handler waits for one that has a time. */
export async function signalHandlersAwait(): Promise<string[]> {
  const seen: string[] = [];
  let timers = 0;
  setHandler(pair, async (name, ms) => {
    seen.push(`${name} begins`);
    await (ms > 0 ? sleep(ms).then(() => (timers += 1)) : condition(() => timers > 0));
    seen.push(`${name} ends`);
  });
  await signalled();
  await condition(allHandlersFinished);
  return seen;
}

export async function signalBufferedForLateHandler(): Promise<unknown[]> {
  const seen: unknown[] = ['start'];
  await sleep(20);
  seen.push('before the handler');
  setHandler(note, (value) => void seen.push(value));
  seen.push('after the handler');
  return seen;
}

/** Two kinds of signals wait; each handler takes its own, in their order. */
export async function signalsBufferedByName(): Promise<unknown[]> {
  const seen: unknown[] = [];
  await holdTask();
  await condition(() => false, '100 ms');
  setHandler(pair, (name, value) => void seen.push([name, value]));
  seen.push('pairs are taken');
  setHandler(note, (value) => void seen.push(value));
  seen.push('notes are taken');
  return seen;
}

export async function signalsOfOneTask(): Promise<unknown[]> {
  const seen: unknown[] = [];
  setHandler(note, async (value) => {
    seen.push(`begins ${String(value)}`);
    await Promise.resolve();
    seen.push(`ends ${String(value)}`);
  });
  await holdTask();
  await signalled();
  return seen;
}

/** What it returns is the number of arguments and the arguments of each signal. */
export async function signalArguments(): Promise<unknown[]> {
  const seen: unknown[] = [];
  setHandler(anything, (...args) => {
    seen.push({ count: args.length, args: args.map((arg) => (arg === undefined ? 'undefined' : arg)) });
  });
  await signalled();
  return seen;
}

export async function signalBytes(): Promise<unknown> {
  let seen: Uint8Array | undefined;
  setHandler(anything, (value) => void (seen = value as Uint8Array));
  await condition(() => seen !== undefined);
  return { length: seen?.length, bytes: Array.from(seen ?? []) };
}

export async function signalHandlerFailsWorkflow(): Promise<void> {
  setHandler(note, (value) => {
    throw ApplicationFailure.create({ message: 'not this note', type: 'BadNote', details: [value, { line: 1 }] });
  });
  await condition(() => false);
}

export async function signalHandlerFailsWorkflowLater(): Promise<void> {
  setHandler(note, async () => {
    await sleep(10);
    throw ApplicationFailure.nonRetryable('too late', 'LateNote', 1);
  });
  await condition(() => false);
}

export async function signalHandlerFailsTask(): Promise<void> {
  setHandler(note, () => {
    throw new RangeError('a note out of range');
  });
  await condition(() => false);
}

export async function signalUnfinishedWarns(): Promise<string> {
  setHandler(note, async () => sleep('1 hour'));
  await signalled();
  return 'left a handler behind';
}

export async function signalUnfinishedAbandoned(): Promise<string> {
  setHandler(note, async () => sleep('1 hour'), { unfinishedPolicy: HandlerUnfinishedPolicy.ABANDON });
  await signalled();
  return 'abandoned a handler';
}

/** The handlers are finished only when the slow one is. */
export async function signalHandlersAreAwaited(): Promise<unknown[]> {
  const seen: unknown[] = [];
  setHandler(note, async (value) => {
    await sleep(1_500);
    seen.push(value, allHandlersFinished());
  });
  await signalled();
  seen.push(allHandlersFinished());
  await condition(allHandlersFinished);
  return seen;
}

export async function signalHandlerReplaced(): Promise<unknown[]> {
  const seen: unknown[] = [];
  setHandler(note, (value) => {
    seen.push(['first', value]);
    setHandler(note, (next) => void seen.push(['second', next]));
  });
  await signalled();
  return seen;
}

/** Without its handler, signals wait again until there is another. */
export async function signalHandlerRemoved(): Promise<unknown[]> {
  const seen: unknown[] = [];
  setHandler(note, (value) => {
    seen.push(value);
    setHandler(note, undefined);
  });
  await signalled();
  seen.push('a handler again');
  setHandler(note, (value) => void seen.push(value));
  return seen;
}

export async function signalNeverHandled(): Promise<string> {
  await signalled();
  return 'nobody listened';
}

/** Conditions are unblocked in the order in which they were awaited. */
export async function signalUnblocksConditions(): Promise<string[]> {
  const order: string[] = [];
  let value = 0;
  setHandler(pair, (_name, to) => void (value = to));
  const waits = [3, 1, 2].map(async (limit) => {
    await condition(() => value >= limit);
    order.push(`${limit} at ${value}`);
  });
  await Promise.all(waits);
  return order;
}

/** The completion of the task is refused, because a signal came in; the workflow sees it after all. */
export async function signalBeforeCompletion(): Promise<unknown[]> {
  const seen: unknown[] = [];
  setHandler(note, (value) => void seen.push(value));
  await holdTask();
  return seen;
}

/** Each wrong use says what is wrong. */
export async function signalWrongUses(): Promise<string[]> {
  const uses: (() => void)[] = [
    () => setHandler(note, 'text' as never),
    () => setHandler(defineSignal('__temporal_mine'), () => undefined),
    () => setHandler(defineSignal('__stack_trace'), () => undefined),
    () => setHandler({ ...note, type: 'letter' as 'signal' }, () => undefined),
  ];
  return uses.map((use) => {
    try {
      use();
      return 'no error';
    } catch (err) {
      return `${(err as Error).name}: ${(err as Error).message}`;
    }
  });
}

/** One handler hands over to the other through state. */
export async function signalHandlersMeet(): Promise<string[]> {
  const seen: string[] = [];
  let token = false;
  setHandler(note, async (value) => {
    await condition(() => token);
    seen.push(`${String(value)} has the token`);
  });
  setHandler(pair, (name) => {
    token = true;
    seen.push(`${name} gives the token`);
  });
  await condition(() => seen.length === 2);
  return seen;
}

/** A handler for each signal while the main function waits for a timer that none of them ends. */
export async function signalsDuringTimer(): Promise<unknown[]> {
  const seen: unknown[] = [];
  let count = 0;
  setHandler(note, (value) => {
    seen.push(value);
    count += 1;
  });
  const inTime = await condition(() => count === 2, '1 hour');
  return [...seen, inTime];
}
