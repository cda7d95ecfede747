/** W2, typical: `zod`, `date-fns`, `lodash`, and about 20 KB of state. */
import type { Outcome } from './contract';
import { live } from './life';
import { orderOf } from './order';

export async function typical(seed: number): Promise<Outcome> {
  return live(seed, orderOf(seed));
}
