// A workflow of known state: a signal tells it what to hold next. What it held before becomes garbage.
import { condition, defineQuery, defineSignal, setHandler, sleep, workflowInfo } from '@temporalio/workflow';

/** What a state comes to, in a few numbers. */
export interface Fingerprint {
  kind: string;
  length: number;
  checksum: number;
}

export const hold = defineSignal<[kind: string, bytes: number]>('hold');
export const letGo = defineSignal('letGo');
export const fingerprint = defineQuery<Fingerprint>('fingerprint');

// Values of about `bytes`. Strings are the run's own: V8 keeps equal keys of all runs only once.
function make(kind: string, bytes: number): unknown {
  const own = workflowInfo().runId;
  const many = <T>(each: number, value: (index: number) => T) =>
    Array.from({ length: Math.ceil(bytes / each) }, (_, index) => value(index));
  switch (kind) {
    case 'string':
      return JSON.parse(JSON.stringify('abcdefgh'.repeat(Math.ceil(bytes / 8))));
    case 'strings':
      return many(128, (index) => [...`${own} ${index} `.padEnd(100, 'x')].join(''));
    case 'objects':
      return many(100, (index) => ({ index, name: `${own} ${index}`, even: index % 2 === 0, third: index / 3 }));
    case 'map':
      return new Map(many(100, (index) => [`${own} ${index}`, { index }]));
    case 'buffer':
      return new Uint8Array(bytes).fill(7);
    case 'sparse':
      return new Uint8Array(bytes);
    case 'partly':
      return new Uint8Array(bytes).fill(7, 0, bytes / 3);
    default:
      throw new TypeError(`no kind of state: ${kind}`);
  }
}

function textOf(state: unknown): string {
  const plain = state instanceof Map ? [...state] : state instanceof Uint8Array ? state.length : state;
  return JSON.stringify(plain) ?? '';
}

function fingerprintOf(kind: string, state: unknown): Fingerprint {
  const text = textOf(state);
  let checksum = 0;
  for (let at = 0; at < text.length; at += 1) checksum = (Math.imul(checksum, 31) + text.charCodeAt(at)) & 0x7fffffff;
  return { kind, length: text.length, checksum };
}

export async function holdState(): Promise<Fingerprint> {
  let state: unknown;
  let held = 'nothing';
  let isDone = false;
  setHandler(hold, (kind, bytes) => {
    state = make(kind, bytes);
    held = kind;
  });
  setHandler(letGo, () => void (isDone = true));
  setHandler(fingerprint, () => fingerprintOf(held, state));
  await condition(() => isDone);
  return fingerprintOf(held, state);
}

/** Has `count` timers in sdk-core, pending or fired, and waits for ever. */
export async function setsTimers(count: number, timeoutMs: number): Promise<void> {
  const timers = Array.from({ length: count }, () => sleep(timeoutMs));
  await Promise.all([condition(() => false), ...timers]);
}
