import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  setDefaultSignalHandler,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';

export const add = defineSignal<[number]>('add');
export const finish = defineSignal('finish');
export const total = defineQuery<number, [{ negate?: boolean }?]>('total');
export const brokenQuery = defineQuery<number>('brokenQuery');
export const addAndGet = defineUpdate<number, [number]>('addAndGet');
export const addSlowly = defineUpdate<number, [number, number]>('addSlowly');
export const brokenUpdate = defineUpdate<void>('brokenUpdate');

export interface CounterResult {
  sum: number;
  unknownSignals: string[];
}

/** Counts by signal and by update until `finish`. */
export async function counter(start = 0): Promise<CounterResult> {
  let sum = start;
  let done = false;
  const unknownSignals: string[] = [];
  setHandler(add, (amount) => void (sum += amount));
  setHandler(finish, () => void (done = true));
  setDefaultSignalHandler((name) => void unknownSignals.push(name));
  setHandler(total, (how) => (how?.negate ? -sum : sum));
  setHandler(brokenQuery, () => {
    throw new Error('this query always fails');
  });
  setHandler(addAndGet, (amount) => (sum += amount), {
    validator: (amount) => {
      if (amount < 0) throw new Error('the amount is negative');
    },
  });
  setHandler(addSlowly, async (amount, pauseMs) => {
    await sleep(pauseMs);
    return (sum += amount);
  });
  setHandler(brokenUpdate, () => {
    throw ApplicationFailure.nonRetryable('this update always fails', 'UpdateTrouble');
  });
  await condition(() => done && allHandlersFinished());
  return { sum, unknownSignals };
}

/** Continues as new `runs` times and returns the chain's length. */
export async function countsRuns(runs: number, before = 0): Promise<{ runs: number; continued: boolean }> {
  if (before + 1 < runs) await continueAsNew<typeof countsRuns>(runs, before + 1);
  return { runs: before + 1, continued: workflowInfo().continuedFromExecutionRunId !== undefined };
}
