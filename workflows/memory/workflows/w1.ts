/** W1, tiny: imports `@temporalio/workflow` alone. */
import type { Outcome } from './contract';
import { fold, live } from './life';

export async function tiny(seed: number): Promise<Outcome> {
  let last = seed;
  return live(seed, { poke: (amount) => void (last = fold(last, amount)), checksum: () => last });
}
