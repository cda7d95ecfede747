/** Attacks on built-in functions and namespaces: what the language's specification calls intrinsics, but prototypes. */
import {
  type Attack,
  type Family,
  MARK,
  adds,
  foundIf,
  hasOwn,
  hides,
  globals,
  open,
  redefines,
  replaces,
} from './attack';

const getterOf = (holder: object, key: PropertyKey): unknown => Object.getOwnPropertyDescriptor(holder, key)?.get;

function replacesSpecies(does: string, find: () => unknown): Attack {
  const species = Object.defineProperty(find, MARK, { value: 'found' });
  return redefines(
    does,
    find,
    Symbol.species,
    () => ({ get: species, configurable: true }),
    () => foundIf(hasOwn(getterOf(find() as object, Symbol.species), MARK))
  );
}

function assigns(does: string, find: () => unknown, key: PropertyKey, value: unknown): Attack {
  const original = open(find())[key];
  return {
    does,
    attack: () => void (open(find())[key] = value),
    trace: () => foundIf(open(find())[key] === value),
    undo: () => void (original === undefined ? delete open(find())[key] : (open(find())[key] = original)),
  };
}

const prepare = Object.defineProperty(() => 'found', MARK, { value: 'found' });

export const builtInAttacks: Family = {
  'Math method': replaces('`Math.max = ...`', () => Math, 'max'),
  'JSON method': replaces('`JSON.parse = ...`', () => JSON, 'parse'),
  'Reflect method': replaces('`Reflect.ownKeys = ...`', () => Reflect, 'ownKeys'),
  'Atomics method': replaces('`Atomics.add = ...`', () => Atomics, 'add'),
  'WebAssembly method': replaces('`WebAssembly.validate = ...`', () => globals['WebAssembly'], 'validate'),
  'Intl property': adds('`Intl.x = ...`', () => Intl),
  'Intl constructor': replaces('`Intl.NumberFormat = ...`', () => Intl, 'NumberFormat'),
  'hidden Math property': hides('a property of `Math` that is not enumerable', () => Math),
  'Promise static': replaces('`Promise.all = ...`', () => Promise, 'all'),
  'Object static': replaces('`Object.keys = ...`', () => Object, 'keys'),
  'Array static': replaces('`Array.from = ...`', () => Array, 'from'),
  'Date static': replaces('`Date.now = ...`', () => Date, 'now'),
  'Symbol static': adds('`Symbol.x = ...`', () => Symbol),
  'Function property': adds('`Function.x = ...`', () => Function),
  'eval property': adds('`eval.x = ...`', () => globals['eval']),
  'property of a static': adds('`Object.keys.x = ...`', () => Object.keys),
  'property of a method': adds('`Array.prototype.map.x = ...`', () => Array.prototype.map),
  'property of a getter': adds('a property of the getter of `Map.prototype.size`', () =>
    getterOf(Map.prototype, 'size')
  ),
  'property of a hidden intrinsic': adds(
    'a property of %TypedArray%',
    () => Object.getPrototypeOf(Uint8Array) as unknown
  ),
  'Array species': replacesSpecies('`Array[Symbol.species]`', () => Array),
  'Promise species': replacesSpecies('`Promise[Symbol.species]`', () => Promise),
  'RegExp species': replacesSpecies('`RegExp[Symbol.species]`', () => RegExp),
  'TypedArray species': replacesSpecies(
    '`%TypedArray%[Symbol.species]`',
    () => Object.getPrototypeOf(Uint8Array) as unknown
  ),
  prepareStackTrace: assigns('`Error.prepareStackTrace = ...`', () => Error, 'prepareStackTrace', prepare),
  stackTraceLimit: assigns('`Error.stackTraceLimit = 77`', () => Error, 'stackTraceLimit', 77),
  captureStackTrace: replaces('`Error.captureStackTrace = ...`', () => Error, 'captureStackTrace'),
};
