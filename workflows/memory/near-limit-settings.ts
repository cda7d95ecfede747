/** The workers whose memory is filled: heaps of three sizes, with room around them and without. */
import { type LeapName, leaps } from './workflows/leaps';
import { parseSize } from './units';

export interface Setting {
  name: string;
  heapBytes: number;
  /** Of the control group. */
  limitBytes: number;
  isolates: number;
  /** Of `burdock worker`. */
  flags: readonly string[];
}

/** The memory has to be full before the watchdog is at its deadline. */
const TIMEOUT = '60s';

/** Two isolates, so that one of them has no part in what happens on the other, in a group whose memory plan has room for both heaps. */
function roomy(heap: string, limit: string): Setting {
  const flags = [`--max-heap-per-isolate=${heap}`, '--isolates=2', `--workflow-timeout=${TIMEOUT}`];
  return { name: heap, heapBytes: parseSize(heap), limitBytes: parseSize(limit), isolates: 2, flags };
}

/** The process is full before the heap is; there is one isolate, whose healthy runs wait for what happens on it. */
export const TIGHT: Setting = {
  name: '280MiB-tight',
  heapBytes: parseSize('280MiB'),
  limitBytes: parseSize('320MiB'),
  isolates: 1,
  flags: ['--memory-limit=320MiB', '--max-heap-per-isolate=280MiB', '--isolates=1', '--workflow-timeout=20s'],
};

export const SETTINGS: readonly Setting[] = [
  roomy('64MiB', '320MiB'),
  roomy('280MiB', '896MiB'),
  roomy('1024MiB', '3GiB'),
  TIGHT,
];

/** What is done at one setting, in this order. */
export interface Programme {
  setting: Setting;
  hows: readonly LeapName[];
}

/** Spreads so many events evenly over settings and shapes. */
export function programmesOf(
  events: number,
  settings: readonly Setting[] = SETTINGS,
  shapes: readonly LeapName[] = leaps
): Programme[] {
  let given = 0;
  return settings.map((setting, at) => {
    const until = Math.round((events * (at + 1)) / settings.length);
    // Each setting goes on where the one before has stopped, so that no shape is left out more often than others.
    const hows = Array.from({ length: until - given }, (_, n) => shapes[(given + n) % shapes.length]);
    given = until;
    return { setting, hows: hows.filter((how) => how !== undefined) };
  });
}
