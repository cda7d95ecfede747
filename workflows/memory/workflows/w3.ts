/** W3, the incident: W2 with two string helpers from a package whose barrel also leads to a tokenizer. */
import { initials, titleCase } from '../packages/helpers/index.js';
import type { Outcome } from './contract';
import { live } from './life';
import { orderOf } from './order';

export async function tokenizer(seed: number): Promise<Outcome> {
  return live(seed, orderOf(seed, { name: titleCase, tag: initials }));
}
