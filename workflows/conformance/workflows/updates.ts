/** Updates. */
import {
  type ActivityInterfaceFor,
  ApplicationFailure,
  CancellationScope,
  allHandlersFinished,
  condition,
  currentUpdateInfo,
  defineUpdate,
  executeChild,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import { HandlerUnfinishedPolicy } from '@temporalio/common';
import type { ProbeActivities } from '../../src/workflows/activities';
import { holdTask, note, noted } from './messages';
import { signalled } from './support';

export const anyUpdate = defineUpdate<unknown, unknown[]>('anyUpdate');
export const slowUpdate = defineUpdate<string, [string]>('slowUpdate');

export async function updateAnswers(): Promise<string[]> {
  const seen: string[] = [];
  setHandler(noted, (value) => seen.push(value));
  await signalled();
  return seen;
}

export async function updateValidated(): Promise<string[]> {
  const seen: string[] = [];
  setHandler(noted, (value) => seen.push(value), {
    validator: (value) => {
      if (value === 'error') throw new RangeError('this value is an error');
      if (value === 'failure') throw ApplicationFailure.nonRetryable('this value fails', 'BadValue', { value });
      if (value === 'text') throw 'only a text';
    },
  });
  await signalled();
  return seen;
}

export async function updateArguments(): Promise<void> {
  setHandler(anyUpdate, (...args) => ({ count: args.length, args, result: args[0] }));
  await signalled();
}

export async function updateResultKinds(): Promise<void> {
  const kinds: Record<string, unknown> = { null: null, text: 'ü', list: [1, [2]], bytes: new Uint8Array([1, 2]) };
  setHandler(anyUpdate, (kind) => kinds[kind as string]);
  await signalled();
}

function activitiesOf(taskQueue: string): ActivityInterfaceFor<ProbeActivities> {
  return proxyActivities<ProbeActivities>({ taskQueue, startToCloseTimeout: '1 minute' });
}

/** A handler that sleeps between activities. */
export async function updateWithActivities(activityQueue: string): Promise<unknown[]> {
  const seen: unknown[] = [];
  const { echo } = activitiesOf(activityQueue);
  setHandler(anyUpdate, async (value) => {
    seen.push(await echo<unknown>([value, 'first']));
    await sleep(10);
    seen.push(await echo<unknown>([value, 'second']));
    return seen.length;
  });
  await signalled();
  return seen;
}

export async function updateWithLocalActivities(): Promise<unknown[]> {
  const seen: unknown[] = [];
  const { echo } = proxyLocalActivities<ProbeActivities>({ startToCloseTimeout: '1 minute' });
  setHandler(anyUpdate, async (value) => {
    seen.push(await echo<unknown>([value, 'first']));
    seen.push(await echo<unknown>([value, 'second']));
    return seen.length;
  });
  await signalled();
  return seen;
}

export async function updateChild(value: number): Promise<number> {
  await sleep(1);
  return value * 2;
}

export async function updateStartsChild(): Promise<void> {
  setHandler(anyUpdate, (value) => executeChild(updateChild, { args: [value as number] }));
  await signalled();
}

/** The update comes with the start: it is handled when its handler is set, before the main function goes on. */
export async function updateWithStart(): Promise<string[]> {
  const seen = ['main begins'];
  setHandler(noted, (value) => seen.push(value));
  seen.push('main goes on');
  await signalled();
  return seen;
}

/** The handler is set some microtasks into the first task, which is not too late. */
export async function updateBufferedInTask(): Promise<string[]> {
  const seen: string[] = ['main begins'];
  await Promise.resolve();
  await Promise.resolve();
  setHandler(noted, (value) => seen.push(value));
  await signalled();
  return seen;
}

/** The handler is set in the second task, which is too late for an update of the first. */
export async function updateHandlerTooLate(): Promise<string[]> {
  const seen: string[] = [];
  await sleep(10);
  setHandler(noted, (value) => seen.push(value));
  await signalled();
  return seen;
}

export async function updateFails(): Promise<string> {
  setHandler(anyUpdate, async (late) => {
    if (late) await sleep(10);
    throw ApplicationFailure.create({ message: 'no update', type: 'NoUpdate', details: [late], nonRetryable: true });
  });
  await signalled();
  return 'unharmed';
}

/** What an activity's failure looks like in the failure of the update. */
export async function updateFailsByActivity(activityQueue: string): Promise<string> {
  const { failTimes } = activitiesOf(activityQueue);
  setHandler(anyUpdate, (key) => failTimes({ key: String(key), times: 9, type: 'Broken', nonRetryable: true }));
  await signalled();
  return 'unharmed';
}

/** An error that is no Temporal failure fails the task, not the update. */
export async function updateFailsTask(): Promise<void> {
  setHandler(anyUpdate, () => {
    throw new TypeError('a defect of the handler');
  });
  await condition(() => false);
}

export async function updateOnceById(): Promise<string[]> {
  const seen: string[] = [];
  setHandler(noted, (value) => seen.push(value));
  await signalled();
  return seen;
}

export async function updateUnfinishedWarns(): Promise<string> {
  setHandler(slowUpdate, async () => {
    await sleep('1 hour');
    return 'never';
  });
  await signalled();
  return 'left an update behind';
}

export async function updateUnfinishedAbandoned(): Promise<string> {
  const handler = async (): Promise<string> => {
    await sleep('1 hour');
    return 'never';
  };
  setHandler(slowUpdate, handler, { unfinishedPolicy: HandlerUnfinishedPolicy.ABANDON });
  await signalled();
  return 'abandoned an update';
}

/** The info follows the handler over awaits, and is absent elsewhere. */
export async function updateInfoFollows(): Promise<unknown> {
  const seen: Record<string, unknown> = { main: currentUpdateInfo() ?? null };
  const nested = async (): Promise<unknown> => {
    await Promise.resolve();
    return currentUpdateInfo();
  };
  setHandler(
    slowUpdate,
    async (value) => {
      const before = currentUpdateInfo();
      await sleep(10);
      const after = currentUpdateInfo();
      const inScope = await CancellationScope.nonCancellable(async () => nested());
      seen[value] = { before, after, inScope };
      return value;
    },
    { validator: (value) => void (seen[`validated ${value}`] = currentUpdateInfo()) }
  );
  setHandler(note, () => void (seen['signal'] = currentUpdateInfo() ?? null));
  await signalled();
  await condition(allHandlersFinished);
  return seen;
}

/** Handlers run at the same time and take turns. */
export async function updatesConcurrently(): Promise<string[]> {
  const seen: string[] = [];
  let turns = 0;
  setHandler(note, () => void (turns += 1));
  setHandler(slowUpdate, async (value) => {
    const turn = seen.push(`${value} waits`);
    await condition(() => turns >= turn);
    seen.push(`${value} had its turn`);
    return `${value} at ${turns}`;
  });
  await signalled();
  return seen;
}

/** A mutex of promises: the second handler waits for the first. */
export async function updatesOneByOne(): Promise<string[]> {
  const seen: string[] = [];
  let last = Promise.resolve();
  setHandler(slowUpdate, async (value) => {
    const before = last;
    last = before.then(() => sleep(1_500)).then(() => void seen.push(value));
    await last;
    return value;
  });
  await signalled();
  await condition(allHandlersFinished);
  return seen;
}

export async function updateEndsWorkflow(): Promise<string> {
  let ended: string | undefined;
  setHandler(slowUpdate, (value) => {
    ended = value;
    return `ended by ${value}`;
  });
  await condition(() => ended !== undefined);
  return `ended: ${ended}`;
}

/** The validator's changes of the arguments are not the handler's. */
export async function updateValidatorsOwnCopy(): Promise<void> {
  setHandler(anyUpdate, (value) => value, {
    validator: (...args: unknown[]) => void (args[0] as string[]).push('changed by the validator'),
  });
  await signalled();
}

/** The cancellation of the workflow cancels what handlers wait for. */
export async function updateCancelledWithWorkflow(): Promise<string> {
  setHandler(slowUpdate, async (value) => {
    try {
      await sleep('1 hour');
    } catch (err) {
      if (!isCancellation(err)) throw err;
      if (value === 'rethrows') throw err;
    }
    return `${value} was cancelled`;
  });
  try {
    await condition(() => false);
  } catch (err) {
    if (!isCancellation(err)) throw err;
  }
  await condition(allHandlersFinished);
  return 'cancelled';
}

export async function updateHandlerRemoved(): Promise<string[]> {
  const seen: string[] = [];
  setHandler(noted, (value) => {
    setHandler(noted, undefined);
    return seen.push(value);
  });
  await signalled();
  return seen;
}

export async function updateHandlersAwaited(): Promise<string[]> {
  const seen: string[] = [];
  setHandler(slowUpdate, async (value) => {
    await sleep(1_500);
    seen.push(value);
    return value;
  });
  await signalled();
  seen.push(`all finished: ${allHandlersFinished()}`);
  await condition(allHandlersFinished);
  return seen;
}

/** Signals of a task are handled in the order of their arrival; an update that came with them too. */
export async function updateAmongSignals(): Promise<unknown[]> {
  const seen: unknown[] = [];
  setHandler(note, (value) => void seen.push(value));
  setHandler(noted, (value) => seen.push(value));
  await holdTask();
  await signalled();
  return seen;
}

/** An update handler that fails the workflow it belongs to, by its state. */
export async function updateFailsWorkflow(): Promise<void> {
  let reason: string | undefined;
  setHandler(slowUpdate, async (value) => {
    reason = value;
    return 'will fail';
  });
  await condition(() => reason !== undefined);
  throw ApplicationFailure.nonRetryable(`failed by ${reason}`);
}
