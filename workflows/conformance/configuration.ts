/** Which workers a run compares, with which sizes of the cache. */
import type { ConformanceCase } from './case';

/** The executors of Burdock, by the values of `burdock worker --context`. */
export const CONTEXTS = ['shared', 'per-workflow'] as const;
export type Context = (typeof CONTEXTS)[number];

/** A worker under test: the Node worker, which is the one that is believed, or Burdock with this executor. */
export type Subject = 'node' | Context;

export interface Configuration {
  readonly subject: Subject;
  readonly maxCachedWorkflows: number;
}

/** What runs with one size of the cache; the Node worker comes first. */
export interface Round {
  readonly maxCachedWorkflows: number;
  readonly subjects: readonly Subject[];
}

export const MATRICES = {
  full: [
    { maxCachedWorkflows: 100, subjects: ['node', 'shared', 'per-workflow'] },
    { maxCachedWorkflows: 1, subjects: ['node', 'shared', 'per-workflow'] },
    { maxCachedWorkflows: 0, subjects: ['node', 'shared', 'per-workflow'] },
  ],
  ci: [
    { maxCachedWorkflows: 100, subjects: ['node', 'shared', 'per-workflow'] },
    { maxCachedWorkflows: 0, subjects: ['node', 'shared'] },
  ],
} as const satisfies Record<string, readonly Round[]>;
export type MatrixName = keyof typeof MATRICES;

export function nameOf({ subject, maxCachedWorkflows }: Configuration): string {
  return `${subject === 'node' ? 'Node' : `Burdock ${subject}`}, cache ${maxCachedWorkflows}`;
}

/** Whether the case can run with a cache of this size. One place for many cases is as good as none. */
export function applies(item: ConformanceCase, maxCachedWorkflows: number): boolean {
  return item.needsCache === undefined || maxCachedWorkflows > 1;
}
