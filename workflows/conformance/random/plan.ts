/** Which program runs where: sizes of the cache and executors alternate, so that a few programs in a row meet all. */
import type { Context } from '../configuration';
import type { Flags } from './flags';

export interface Task {
  seed: number;
  maxCachedWorkflows: number;
  context: Context;
}

const SIZES = [100, 0, 1] as const;

function taskOf(seed: number, { cache, context }: Pick<Flags, 'cache' | 'context'>): Task {
  const size = SIZES[seed % SIZES.length] ?? SIZES[0];
  const alternating = Math.floor(seed / SIZES.length) % 2 === 0 ? 'shared' : 'per-workflow';
  return { seed, maxCachedWorkflows: cache ?? size, context: context ?? alternating };
}

export function tasksOf(flags: Pick<Flags, 'seed' | 'count' | 'cache' | 'context'>): Task[] {
  return Array.from({ length: flags.count }, (_, index) => taskOf(flags.seed + index, flags));
}

/** The line that runs this program alone. */
export function commandOf({ seed, maxCachedWorkflows, context }: Task): string {
  return `node lib/conformance/random/main.js --seed ${seed} --count 1 --cache ${maxCachedWorkflows} --context ${context}`;
}
