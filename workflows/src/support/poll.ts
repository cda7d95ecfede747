import { setTimeout as delay } from 'node:timers/promises';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

/**
 * Asks `probe`, in growing intervals, until it answers something other than undefined, and returns that. Rejects with a sentence that names
 * `what` once `timeoutMs` have passed; an error thrown by the last probe is attached as the cause.
 */
export async function until<T>(what: string, timeoutMs: number, probe: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let cause: unknown;
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined) return answer;
      cause = undefined;
    } catch (err) {
      cause = err;
    }
    if (Date.now() >= deadline) throw new Error(`Gave up after ${timeoutMs} ms waiting for ${what}.`, { cause });
    await delay(pauseMs);
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
}
