/** The flags of `conformance/random/main.js`. */
import { parseArgs } from 'node:util';
import { CONTEXTS, type Context } from '../configuration';

export interface Flags {
  /** The seed of the first program; the next ones have the next numbers. */
  seed: number;
  count: number;
  /** Size of the cache of every program; absent: it alternates. */
  cache: number | undefined;
  /** Executor of every program; absent: it alternates. */
  context: Context | undefined;
  /** Programs at a time. */
  concurrency: number;
  /** Whether each program and its runs are printed as JSON. */
  print: boolean;
}

const DEFAULT_SEED = 1;
const DEFAULT_COUNT = 200;
const DEFAULT_CONCURRENCY = 12;
/** Seeds are 32 bits; so many programs may follow one that time chose. */
const SEEDS_BY_TIME = 2 ** 31;

function wholeNumber(flag: string, value: string): number {
  if (!/^\d{1,10}$/.test(value)) throw new Error(`--${flag} is a whole number, not '${value}'.`);
  return Number(value);
}

function seedFrom(value: string | undefined, nowMs: number): number {
  if (value === 'random') return nowMs % SEEDS_BY_TIME;
  return value === undefined ? DEFAULT_SEED : wholeNumber('seed', value);
}

function contextFrom(value: string | undefined): Context | undefined {
  const found = CONTEXTS.find((context) => context === value);
  if (value !== undefined && found === undefined)
    throw new Error(`--context is one of ${CONTEXTS.join(', ')}, not '${value}'.`);
  return found;
}

/** `nowMs` is what `--seed random` takes its seed from. */
export function readFlags(args: string[], nowMs: number): Flags {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string' },
      count: { type: 'string' },
      cache: { type: 'string' },
      context: { type: 'string' },
      concurrency: { type: 'string' },
      print: { type: 'boolean', default: false },
    },
  });
  const number = (flag: 'count' | 'cache' | 'concurrency'): number | undefined =>
    values[flag] === undefined ? undefined : wholeNumber(flag, values[flag]);
  return {
    seed: seedFrom(values.seed, nowMs),
    count: number('count') ?? DEFAULT_COUNT,
    cache: number('cache'),
    context: contextFrom(values.context),
    concurrency: Math.max(1, number('concurrency') ?? DEFAULT_CONCURRENCY),
    print: values.print,
  };
}
