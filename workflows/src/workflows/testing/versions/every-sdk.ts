/** A workflow that the SDKs since 1.12 can all run; the tests bundle it with old ones. */
import {
  CancellationScope,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  executeChild,
  log,
  patched,
  proxyActivities,
  setHandler,
  sleep,
  uuid4,
} from '@temporalio/workflow';
import type { ProbeActivities } from '../../activities';

const { echo } = proxyActivities<ProbeActivities>({ startToCloseTimeout: '60s' });

export interface Told {
  words: string[];
  echoed: unknown;
  child: string;
  patched: boolean;
  unique: boolean;
}

export async function answers(word: string): Promise<string> {
  await sleep(1);
  return `${word}!`;
}

/** Uses a timer, an activity, a child, a patch, random values, and every kind of message. */
export async function tellsWords(count: number): Promise<Told> {
  const words: string[] = [];
  setHandler(defineQuery<number>('count'), () => words.length);
  setHandler(defineSignal<[string]>('say'), (word) => void words.push(word));
  setHandler(defineUpdate<number, [string]>('sayAndCount'), async (word) => {
    await sleep(1);
    return words.push(word);
  });
  log.info('waiting for words', { count });
  await condition(() => words.length >= count);
  const echoed = await echo({ words, at: new Date().toISOString().slice(0, 2) });
  const child = await executeChild(answers, { args: [words.join(' ')] });
  return { words, echoed, child, patched: patched('a-patch'), unique: uuid4() !== uuid4() };
}

/** Sleeps in a scope that cancellation does not reach, once it is told to. */
export async function shielded(): Promise<string> {
  let told = false;
  setHandler(defineSignal('goOn'), () => void (told = true));
  return CancellationScope.nonCancellable(async () => {
    await condition(() => told);
    await sleep(1);
    return 'not cancelled';
  });
}

export async function failsPlainly(): Promise<void> {
  await sleep(1);
  throw new TypeError('thrown on purpose');
}
