/**
 * A module that is bundled with `preloadModules`, so that all runs share one evaluation of it. What a host can reach of
 * it is guarded; what only its own functions reach is not, and its author is answerable for that.
 */
import { AsyncLocalStorage } from '@temporalio/workflow';

const inner = { name: 'inner' };
const closedPattern = /b/g;
let closedCount = 0;

export const list: string[] = [];
export const table = { nested: { name: 'nested' } };
export const map = new Map<string, string>();
export const set = new Set<string>();
export const bytes = new Uint8Array(4);
export const pattern = /b/g;
export const storage = new AsyncLocalStorage<string>();

/** The inner object is reached by a getter alone. */
export const holder = {
  get inner(): { name: string } {
    return inner;
  },
};

export class Preloaded {
  static readonly options = { verbose: false };
  readonly kind = 'preloaded';

  method(): string {
    return this.kind;
  }
}

export const counter = {
  count: (): number => closedCount,
  increment: (): number => (closedCount += 1),
};

/** Where the pattern in this module's closure goes on searching. */
export const closedIndex = (): number => closedPattern.lastIndex;
export const search = (text: string): boolean => closedPattern.test(text);

/** The strings object of a template, which the language makes once for each place in the source. */
const strings = (parts: TemplateStringsArray): TemplateStringsArray => parts;
export const template = (): TemplateStringsArray => strings`shared by all runs`;
