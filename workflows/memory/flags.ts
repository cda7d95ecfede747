/** The flags of `memory/main.js`. */
import { parseArgs } from 'node:util';
import { WORKFLOW_TYPES } from './bundles';
import { SETTINGS } from './near-limit-settings';
import { parseSize, parseTime } from './units';
import { WORKERS, type WorkerKind } from './worker';
import { type LeapName, leaps } from './workflows/leaps';

export const COMMANDS = [
  'incident',
  'mixed',
  'near-limit',
  'endings',
  'sharing',
  'accuracy',
  'host-bytes',
  'report',
] as const;
export type Command = (typeof COMMANDS)[number];
export type IncidentBundle = keyof typeof WORKFLOW_TYPES;

export interface Flags {
  command: Command;
  workers: readonly WorkerKind[];
  bundles: readonly IncidentBundle[];
  bundlesGiven: boolean;
  workflows: number | undefined;
  limitBytes: number | undefined;
  lives: number;
  events: number | undefined;
  /** Names of `SETTINGS`. */
  settings: readonly string[];
  shapes: readonly LeapName[];
  rounds: number | undefined;
  durationMs: number | undefined;
  timeoutMs: number;
  /** The short form, whose result is printed and not kept. */
  short: boolean;
  check: boolean;
  /** More flags of `burdock worker`. */
  workerFlags: readonly string[];
}

function listOf<T extends string>(
  flag: string,
  value: string | undefined,
  choices: readonly T[],
  fallback: readonly T[]
): readonly T[] {
  if (value === undefined) return fallback;
  return value.split(',').map((item) => {
    const found = choices.find((choice) => choice === item);
    if (found === undefined)
      throw new Error(`--${flag} takes ${choices.join(', ')}, separated by commas, not '${item}'.`);
    return found;
  });
}

function count(flag: string, value: string | undefined): number | undefined {
  if (value !== undefined && !/^[1-9]\d*$/.test(value))
    throw new Error(`--${flag} is a number above 0, not '${value}'.`);
  return value === undefined ? undefined : Number(value);
}

export function readFlags(args: string[]): Flags {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      workers: { type: 'string' },
      bundles: { type: 'string' },
      workflows: { type: 'string' },
      limit: { type: 'string' },
      lives: { type: 'string' },
      events: { type: 'string' },
      settings: { type: 'string' },
      shapes: { type: 'string' },
      rounds: { type: 'string' },
      duration: { type: 'string' },
      timeout: { type: 'string', default: '15m' },
      short: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      'worker-flag': { type: 'string', multiple: true, default: [] },
    },
  });
  const command = COMMANDS.find((name) => name === positionals[0]);
  const names = SETTINGS.map(({ name }) => name);
  if (command === undefined || positionals.length > 1) throw new Error(`Name one of ${COMMANDS.join(', ')}.`);
  return {
    command,
    workers: listOf('workers', values.workers, WORKERS, WORKERS),
    bundles: listOf('bundles', values.bundles, Object.keys(WORKFLOW_TYPES) as IncidentBundle[], ['w3', 'w4']),
    bundlesGiven: values.bundles !== undefined,
    workflows: count('workflows', values.workflows),
    limitBytes: values.limit === undefined ? undefined : parseSize(values.limit),
    lives: count('lives', values.lives) ?? 3,
    events: count('events', values.events),
    settings: listOf('settings', values.settings, names, names),
    shapes: listOf('shapes', values.shapes, leaps, leaps),
    rounds: count('rounds', values.rounds),
    durationMs: values.duration === undefined ? undefined : parseTime(values.duration),
    timeoutMs: parseTime(values.timeout),
    short: values.short,
    check: values.check,
    workerFlags: values['worker-flag'],
  };
}
