/** Attacks on the global object. */
import { type Attack, type Family, MARK, adds, deletes, disguises, foundIf, globals, hasOwn, hides } from './attack';
import { markedCall, open, redefines, reparents, replaces } from './attack';

const theGlobal = (): unknown => globalThis;
const bySymbol = Symbol.for('burdock.attack');

/** Replaces a global constructor by a class that extends it. */
function replacesClass(name: string): Attack {
  let original: unknown;
  return {
    does: `\`globalThis.${name} = class extends ${name} {...}\``,
    attack() {
      const Original = (original = globals[name]) as new () => object;
      globals[name] = Object.defineProperty(class extends Original {}, MARK, { value: 'found' });
    },
    trace: () => foundIf(hasOwn(globals[name], MARK)),
    undo: () => void (globals[name] = original),
  };
}

/** Runs sloppy code that leaves a global of this name. */
function declares(does: string, name: string, code: string): Attack {
  const sloppy = (): void => void (0, eval)(code);
  return { does, attack: sloppy, trace: () => foundIf(name in globalThis), undo: () => void delete globals[name] };
}

function assignsSymbol(): Attack {
  return {
    does: '`globalThis[Symbol.for(...)] = ...`',
    attack: () => void (globals[bySymbol] = 'found'),
    trace: () => foundIf(hasOwn(globalThis, bySymbol)),
    undo: () => void Reflect.deleteProperty(globalThis, bySymbol),
  };
}

function replacesGlobalThis(): Attack {
  const real = globalThis;
  return {
    does: '`globalThis.globalThis = {...}`',
    attack: () => void (globals['globalThis'] = { [MARK]: 'found', __proto__: real }),
    trace: () => foundIf(hasOwn(globalThis, MARK) && globalThis !== real),
    undo: () => void (open(real)['globalThis'] = real),
  };
}

function fixes(): Attack {
  const accessor = { get: () => 'found', configurable: false };
  return {
    ...adds('a global with `configurable: false`', theGlobal),
    attack: () => void Object.defineProperty(globalThis, 'burdockFixed', accessor),
    trace: () => foundIf('burdockFixed' in globalThis),
  };
}

const addsAccessor = (): Attack =>
  redefines(
    'a global accessor',
    theGlobal,
    'burdockAccessor',
    () => ({ get: () => 'found', set: () => undefined, enumerable: true, configurable: true }),
    () => foundIf('burdockAccessor' in globalThis)
  );

function freezes(does: string, freeze: (target: object) => unknown): Attack {
  return { does, attack: () => void freeze(globalThis), trace: () => foundIf(!Object.isExtensible(globalThis)) };
}

/** The freezing functions of the realm that the injected globals come from. */
const outerObject = (): typeof Object =>
  (Object.getPrototypeOf(URL.prototype) as { constructor: typeof Object }).constructor;

export const globalAttacks: Family = {
  'plain global': adds('`globalThis.x = ...`', theGlobal),
  'hidden global': hides('a global that is not enumerable', theGlobal),
  'symbol global': assignsSymbol(),
  'accessor global': addsAccessor(),
  'fixed global': fixes(),
  'deleted global': deletes('`delete globalThis.unescape`', theGlobal, 'unescape'),
  'disguised deletion of a global': disguises(
    '`delete globalThis.decodeURI`, with the same function at `Object.prototype`',
    theGlobal,
    'decodeURI',
    { from: () => Object.prototype, asAccessor: false }
  ),
  'replaced global function': replaces('`globalThis.escape = ...`', theGlobal, 'escape'),
  'replaced setTimeout': replaces('`globalThis.setTimeout = ...`', theGlobal, 'setTimeout'),
  'replaced console': {
    does: '`globalThis.console = {...}`',
    attack: () => void (globals['console'] = { ...console, [MARK]: 'found' }),
    trace: () => foundIf(hasOwn(globals['console'], MARK)),
  },
  'replaced globalThis': replacesGlobalThis(),
  'replaced Promise': replacesClass('Promise'),
  'replaced Map': replacesClass('Map'),
  'replaced Error': replacesClass('Error'),
  'replaced Date': {
    ...replaces('`globalThis.Date = ...`', theGlobal, 'Date'),
    attack: () => void (globals['Date'] = Object.assign(markedCall(Date), { now: Date.now })),
  },
  'eval-ed var': declares("`(0, eval)('var x = ...')`", 'burdockVar', 'var burdockVar = 1'),
  'eval-ed function': declares("`(0, eval)('function f() {}')`", 'burdockFunction', 'function burdockFunction() {}'),
  'implicit global': declares('an assignment to an undeclared name', 'burdockSloppy', 'burdockSloppy = 1'),
  'sloppy this': declares(
    '`this.x = ...` in a sloppy function',
    'burdockThis',
    '(function () { this.burdockThis = 1 })()'
  ),
  'Function body': declares('an assignment in a `new Function`', 'burdockMade', "new Function('burdockMade = 1')()"),
  'with statement': declares(
    'an assignment in `with (globalThis)`',
    'burdockWith',
    'with (globalThis) burdockWith = 1'
  ),
  'prototype of globalThis': adds(
    "a property of `globalThis`'s prototype",
    () => Object.getPrototypeOf(globalThis) as unknown
  ),
  'new prototype of globalThis': reparents('`Object.setPrototypeOf(globalThis, ...)`', theGlobal),
  'frozen globalThis': freezes('`Object.freeze(globalThis)`', Object.freeze),
  'sealed globalThis': freezes('`Reflect.preventExtensions(globalThis)`', Reflect.preventExtensions),
  'globalThis frozen from outside': freezes("`Object.freeze` of the host's realm on `globalThis`", (target) =>
    outerObject().freeze(target)
  ),
};
