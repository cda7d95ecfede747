/** What the workflows of the memory proof have in common: what they are sent, and what they return. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';

/** What a run's state comes to; every field follows from its seed and its pokes. */
export interface Outcome {
  seed: number;
  pokes: number;
  /** The sum of all that was poked. */
  sum: number;
  /** A checksum over the whole state. */
  checksum: number;
}

/** Adds a number to the run's state. */
export const poke = defineSignal<[number]>('poke');
/** As `poke`, with the answer. */
export const pokeAndGet = defineUpdate<Outcome, [number]>('pokeAndGet');
export const state = defineQuery<Outcome>('state');
/** Lets the run return. */
export const finish = defineSignal('finish');
