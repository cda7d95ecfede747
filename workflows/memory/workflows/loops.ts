/** Entries that never return. */

function endless(): never {
  for (;;) {
    // Nothing: the watchdog has to end this.
  }
}

const shape = {
  plain: (): void => endless(),
  /** One microtask after the other. */
  microtasks: async (): Promise<void> => {
    for (;;) await Promise.resolve();
  },
  /** Backtracks for longer than anyone waits. */
  regexp: (): void => void /^(a+)+$/.test(`${'a'.repeat(50)}b`),
  /** Inside of a built-in that calls back. */
  comparator: (): void => void [2, 1].sort(endless),
  /** Comes back from every end of the stack. */
  recursion: (): void => {
    const dive = (): void => dive();
    for (;;) {
      try {
        dive();
      } catch {
        // And again.
      }
    }
  },
};

export type Loop = keyof typeof shape;
export const loops = Object.keys(shape) as Loop[];

export async function neverYields(how: Loop): Promise<void> {
  await shape[how]();
}
