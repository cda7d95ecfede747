import { condition, defineSignal, setHandler, sleep } from '@temporalio/workflow';

/** Burns CPU for ever. */
export async function spins(): Promise<never> {
  for (;;) {
    // Nothing: the watchdog has to end this.
  }
}

/** Spins in a promise chain: every microtask queues the next. */
export async function spinsInMicrotasks(): Promise<void> {
  for (;;) await Promise.resolve();
}

let latest: unknown;

/** In one call of a built-in that looks at nothing but its own loop: V8 has no way to stop it. */
export async function spinsInsideOfV8(): Promise<number> {
  return Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);
}

/** V8's loop unrolling can drop the interrupt check of the endless loop with that of the one that fills the array. */
export async function spinsOverArrays(): Promise<never> {
  for (;;) latest = new Array<unknown>(1_000).fill(latest === undefined);
}

export async function leavesRejectionUnhandled(): Promise<void> {
  void Promise.reject(new Error('nobody waits for this'));
  await sleep('1 hour');
}

function throwsDeep(level: number): never {
  if (level > 0) throwsDeep(level - 1);
  throw new TypeError('thrown on purpose'); // the line that throws
}

/** Fails its workflow task: a plain error is a bug, not an outcome. */
export async function throwsPlainError(): Promise<void> {
  await sleep(1);
  throwsDeep(2); // the line that calls it
}

/** Ends as cancelled when it is cancelled. */
export async function waitsForCancellation(): Promise<void> {
  await condition(() => false);
}

export const stop = defineSignal('stop');

/** A well-behaved neighbour: a few tasks, then a result. */
export async function neighbour(n: number): Promise<number> {
  let stopped = false;
  setHandler(stop, () => void (stopped = true));
  for (let i = 0; i < 3 && !stopped; i += 1) await sleep(5);
  return n * 2;
}
