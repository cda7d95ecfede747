/** Ways to fill the memory of an isolate, in leaps or by growing; none of them ends by itself. */
import { type Leap, PLAIN_ROOM_BYTES, ballast } from './leap';
import { plain } from './leaps-plain';
import { SEEN_ROOM_BYTES, tables } from './leaps-tables';
import { values } from './leaps-values';

const shapes = { ...plain, ...tables, ...values };

export type LeapName = keyof typeof shapes;
export const plainLeaps = Object.keys(plain) as LeapName[];
export const leaps = Object.keys(shapes) as LeapName[];

/** Takes memory by `how` until it is stopped. Of a `heap` that is larger than a shape needs, the rest is filled before. */
export async function leapsIntoMemory(how: LeapName, heap = PLAIN_ROOM_BYTES): Promise<never> {
  const room = Math.min(heap, how === 'fromEntriesBesideBuffers' ? SEEN_ROOM_BYTES : PLAIN_ROOM_BYTES);
  const filled = ballast(heap - room);
  const kept: unknown[] = [];
  const leap: Leap = shapes[how];
  // Long before that it is stopped; what was filled is referenced as long.
  while (kept.length < Number.MAX_SAFE_INTEGER + filled.length) leap(kept, room);
  throw new Error(`There is still memory after ${kept.length} steps.`);
}
