/** W1, tiny: imports `@temporalio/workflow` alone. */
import type { Outcome } from './contract';
import { live, numberOf } from './life';

export async function tiny(seed: number): Promise<Outcome> {
  return live(seed, numberOf(seed));
}
