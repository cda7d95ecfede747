import { log } from '@temporalio/workflow';

/** Says something and then never yields. */
export async function logsThenSpins(marker: string): Promise<never> {
  log.info(`${marker} last words`);
  for (;;) {
    // Nothing: the watchdog has to end this.
  }
}

/** Logs attributes that JSON cannot hold, or not as they are. */
export async function logsOddAttributes(marker: string): Promise<void> {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  log.info(`${marker} odd attributes`, {
    before: 'green',
    cycle,
    map: new Map([['spring', 1]]),
    set: new Set(['one', 'two']),
    big: 2n ** 70n,
    huge: 'x'.repeat(200_000),
    getter: {
      get trouble(): never {
        throw new Error('no access');
      },
    },
    after: 'blue',
  });
}
