/** W4, the incident's fix: W3 with `"sideEffects": false` in the package of the helpers. */
import { initials, titleCase } from '../packages/helpers-fixed/index.js';
import type { Outcome } from './contract';
import { live } from './life';
import { orderOf } from './order';

export async function tokenizerFixed(seed: number): Promise<Outcome> {
  return live(seed, orderOf(seed, { name: titleCase, tag: initials }));
}
