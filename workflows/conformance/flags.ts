/** The flags of `conformance/main.js`. */
import { parseArgs } from 'node:util';
import { FEATURES } from './case';
import { CONTEXTS, type Context, MATRICES, type MatrixName, type Round, type Subject } from './configuration';

export interface Flags {
  /** Only this worker, without a comparison; absent: Node and Burdock, compared. */
  worker: 'node' | 'burdock' | undefined;
  /** Only this context of Burdock. */
  context: Context | undefined;
  /** Only this size of the cache. */
  cache: number | undefined;
  only: readonly string[];
  feature: string | undefined;
  matrix: MatrixName;
  writeTable: boolean;
  checkTable: boolean;
  /** Cases at a time. */
  concurrency: number;
  /** Whether each case's whole run is printed as JSON. */
  print: boolean;
}

const DEFAULT_CONCURRENCY = 16;

function oneOf<T extends string>(flag: string, value: string | undefined, choices: readonly T[]): T | undefined {
  if (value === undefined) return undefined;
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new Error(`--${flag} is one of ${choices.join(', ')}, not '${value}'.`);
  return found;
}

function wholeNumber(flag: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d+$/.test(value)) throw new Error(`--${flag} is a whole number, not '${value}'.`);
  return Number(value);
}

export function readFlags(args: string[]): Flags {
  const { values } = parseArgs({
    args,
    options: {
      worker: { type: 'string' },
      context: { type: 'string' },
      cache: { type: 'string' },
      only: { type: 'string' },
      feature: { type: 'string' },
      matrix: { type: 'string' },
      'write-table': { type: 'boolean', default: false },
      'check-table': { type: 'boolean', default: false },
      concurrency: { type: 'string' },
      print: { type: 'boolean', default: false },
    },
  });
  return {
    worker: oneOf('worker', values.worker, ['node', 'burdock']),
    context: oneOf('context', values.context, CONTEXTS),
    cache: wholeNumber('cache', values.cache),
    only: (values.only ?? '').split(',').filter((name) => name !== ''),
    feature: oneOf('feature', values.feature, FEATURES),
    matrix: oneOf('matrix', values.matrix, Object.keys(MATRICES) as MatrixName[]) ?? 'full',
    writeTable: values['write-table'],
    checkTable: values['check-table'],
    concurrency: Math.max(1, wholeNumber('concurrency', values.concurrency) ?? DEFAULT_CONCURRENCY),
    print: values.print,
  };
}

/** Whether the flags leave anything out, so that the run says nothing about the whole table. */
export function isPartial({ worker, context, cache, only, feature }: Flags): boolean {
  return [worker, context, cache, feature].some((flag) => flag !== undefined) || only.length > 0;
}

/** The rounds that the flags choose; a size of the cache that the matrix lacks is a round of its own. */
export function roundsOf({ matrix, cache, context, worker }: Flags): Round[] {
  const wanted = (subject: Subject): boolean => {
    if (subject === 'node') return worker !== 'burdock';
    return worker !== 'node' && (context === undefined || context === subject);
  };
  const all: readonly Subject[] = ['node', ...CONTEXTS];
  const ofMatrix: readonly Round[] = MATRICES[matrix];
  const rounds = cache === undefined ? ofMatrix : [{ maxCachedWorkflows: cache, subjects: all }];
  return rounds.map((round) => ({ ...round, subjects: round.subjects.filter(wanted) }));
}
