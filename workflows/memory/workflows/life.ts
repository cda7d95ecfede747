/** The life of every healthy run: a timer, an activity, then pokes until it may finish. */
import { condition, proxyActivities, setHandler, sleep } from '@temporalio/workflow';
import { type Outcome, finish, poke, pokeAndGet, state } from './contract';

/** A state that can be told what to do and summed up. */
export interface State {
  poke(amount: number): void;
  checksum(): number;
}

/** Both workers have it: it returns what it is given. */
const { echo } = proxyActivities<{ echo<T>(input: T): Promise<T> }>({ startToCloseTimeout: '5 minutes' });

/** Folds a number into a checksum of 31 bits. */
export function fold(checksum: number, value: number): number {
  return (Math.imul(checksum, 31) + value) & 0x7fffffff;
}

export async function live(seed: number, own: State): Promise<Outcome> {
  let pokes = 0;
  let sum = 0;
  let finished = false;
  const outcome = (): Outcome => ({ seed, pokes, sum, checksum: fold(own.checksum(), sum) });
  const add = (amount: number): void => {
    pokes += 1;
    sum += amount;
    own.poke(amount);
  };
  setHandler(poke, add);
  setHandler(pokeAndGet, (amount) => {
    add(amount);
    return outcome();
  });
  setHandler(state, outcome);
  setHandler(finish, () => void (finished = true));
  await sleep(1);
  await echo(seed);
  await condition(() => finished);
  return outcome();
}

/** The smallest state there is: one number. */
export function numberOf(seed: number): State {
  let last = seed;
  return { poke: (amount) => void (last = fold(last, amount)), checksum: () => last };
}
