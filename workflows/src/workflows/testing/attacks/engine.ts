/** Attacks by state that V8 itself keeps, and by work that goes on when the run is not being executed. */
import { AsyncLocalStorage, sleep } from '@temporalio/workflow';
import { type Attack, type Family, MARK, adds, foundIf, globals, hasOwn } from './attack';
import { storage as preloadedStorage } from './preloaded';

/** An empty WebAssembly module. */
const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

type Waiting = { async: boolean; value: Promise<string> | string };
type AsyncAtomics = { waitAsync(cells: Int32Array, index: number, value: number, timeoutMs: number): Waiting };
type AsyncWebAssembly = Record<'compile' | 'instantiate', (bytes: Uint8Array) => Promise<unknown>>;

const webAssembly = (): AsyncWebAssembly => globals['WebAssembly'] as AsyncWebAssembly;
const cells = (): Int32Array => new Int32Array(new SharedArrayBuffer(8));
const ownStorage = new AsyncLocalStorage<string>();

/** Marks the globals of whichever run owns them by then. */
const leave = (): void => void Reflect.defineProperty(globals, MARK, { value: 'found', configurable: true });

/** Lets something happen later, which then marks the globals. */
function later(does: string, start: () => unknown): Attack {
  const whenSettled = (outcome: unknown): void => void Promise.resolve(outcome).then(leave, leave);
  return { does, attack: () => whenSettled(start()), trace: () => foundIf(hasOwn(globalThis, MARK)) };
}

function waitsAsync(timeoutMs: number): unknown {
  const waiting = (Atomics as unknown as AsyncAtomics).waitAsync(cells(), 0, 0, timeoutMs);
  return waiting.value;
}

async function goesOn(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await null;
}

/** The last match, which V8 keeps for `RegExp.$1` and the like. */
const lastMatch = (): Attack => ({
  does: '`RegExp.$1` after a match',
  attack: () => void /(burdock)/.exec('a burdock leaf'),
  trace: () => foundIf(RegExp.$1 === 'burdock'),
});

const lastInput = (): Attack => ({
  does: '`RegExp.input = ...`',
  attack: () => void (RegExp.input = MARK),
  trace: () => foundIf(RegExp.input === MARK),
});

const dynamicImport = new Function('specifier', 'return import(specifier)') as (specifier: string) => Promise<unknown>;

export const engineAttacks: Family = {
  'last match': lastMatch(),
  'input of the last match': lastInput(),
  'registered symbol': adds('a property of a symbol of the registry', () => Object(Symbol.for(MARK)) as unknown),
  'own context': {
    does: '`AsyncLocalStorage#enterWith` on a storage of its own',
    attack: () => ownStorage.enterWith(MARK),
    trace: () => foundIf(ownStorage.getStore() === MARK),
  },
  'shared context': {
    does: '`AsyncLocalStorage#enterWith` on a storage of a preloaded module',
    attack: () => preloadedStorage.enterWith(MARK),
    trace: () => foundIf(preloadedStorage.getStore() === MARK),
  },
  'late microtasks': later('a long chain of microtasks', () => goesOn(1_000)),
  'late timer': later('a timer that fires later', () => sleep('1 ms')),
  'late setTimeout': later(
    'a `setTimeout` that fires later',
    () => new Promise((resolve) => void setTimeout(resolve, 1))
  ),
  'late thenable': later('a thenable', () => ({ then: (resolve: () => void) => resolve() })),
  'WebAssembly.compile': later('`WebAssembly.compile(...).then(...)`', () => webAssembly().compile(EMPTY_MODULE)),
  'WebAssembly.instantiate': later('`WebAssembly.instantiate(...).then(...)`', () =>
    webAssembly().instantiate(EMPTY_MODULE)
  ),
  'Atomics.waitAsync': later('`Atomics.waitAsync` with a timeout', () => waitsAsync(1)),
  'dynamic import': later("`import('node:fs').then(...)`", () => dynamicImport('node:fs')),
  'Atomics.wait': later('`Atomics.wait` with a timeout', () => Atomics.wait(cells(), 0, 0, 1)),
  FinalizationRegistry: later('`new FinalizationRegistry(...)`', () => new FinalizationRegistry(leave).register({}, 0)),
  WeakRef: later('`new WeakRef(...)`', () => new WeakRef({})),
};
