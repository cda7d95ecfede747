/** Attacks on the prototypes of built-in classes, those without a name among them. */
import {
  type Attack,
  type Family,
  MARK,
  adds,
  deletes,
  disguises,
  foundIf,
  hasOwn,
  hides,
  markedCall,
  open,
} from './attack';
import { redefines, reparents, replaces } from './attack';

const prototypeOf = (value: unknown): object => Object.getPrototypeOf(value) as object;
const arrayIterator = (): object => prototypeOf([][Symbol.iterator]());
const generator = (): object =>
  prototypeOf((new Function('return function* () {}')() as { prototype: object }).prototype);
const asyncFunction = (): object => prototypeOf(new Function('return async function () {}')());
const asyncGenerator = (): object => prototypeOf(new Function('return async function* () {}')());
const unscopables = (): object => Array.prototype[Symbol.unscopables] as object;

function addsElement(): Attack {
  return {
    does: '`Array.prototype[7] = ...`',
    attack: () => void (Array.prototype[7] = 'found'),
    trace: () => foundIf(hasOwn(Array.prototype, 7)),
    undo: () => void (Array.prototype.length = 0),
  };
}

function addsAccessor(does: string, find: () => unknown): Attack {
  const descriptor = { get: () => 'found', set: () => undefined, configurable: true };
  return redefines(
    does,
    find,
    MARK,
    () => descriptor,
    () => foundIf(hasOwn(find(), MARK))
  );
}

/** Defines an accessor by the old way, which makes it enumerable. */
function addsLegacyAccessor(): Attack {
  const find = (): object => WeakSet.prototype;
  return {
    ...adds('`WeakSet.prototype.__defineGetter__(...)`', find),
    attack: () => (open(find())['__defineGetter__'] as (...args: unknown[]) => void)(MARK, () => 'found'),
  };
}

function replacesAccessor(): Attack {
  const wrapped = (original: PropertyDescriptor | undefined): PropertyDescriptor => ({
    get: markedCall(original?.get),
    configurable: true,
  });
  const trace = (): string | undefined => {
    const getter = Object.getOwnPropertyDescriptor(Set.prototype, 'size')?.get;
    return foundIf(getter !== undefined && hasOwn(getter, MARK));
  };
  return redefines('the getter of `Set.prototype.size`', () => Set.prototype, 'size', wrapped, trace);
}

/** The same value behind an accessor: whoever compares values alone sees no difference. */
function hidesBehindGetter(): Attack {
  const holder = ArrayBuffer.prototype;
  const slice = holder.slice;
  const accessor = { get: () => slice, set: () => undefined, configurable: true };
  const trace = (): string | undefined => foundIf(Object.getOwnPropertyDescriptor(holder, 'slice')?.get !== undefined);
  return redefines(
    'a getter that returns the same method',
    () => holder,
    'slice',
    () => accessor,
    trace
  );
}

function freezes(): Attack {
  return {
    does: '`Object.freeze(WeakMap.prototype)`',
    attack: () => void Object.freeze(WeakMap.prototype),
    trace: () => foundIf(!Object.isExtensible(WeakMap.prototype)),
  };
}

function hidesStack(): Attack {
  return {
    does: '`Error.captureStackTrace(Number.prototype)`',
    attack: () => Error.captureStackTrace(Number.prototype),
    trace: () => foundIf(hasOwn(Number.prototype, 'stack')),
    undo: () => void delete open(Number.prototype)['stack'],
  };
}

/** A class that stamps its fields on a prototype which its base returns. */
function stamps(): Attack {
  return {
    ...adds('class fields that land on `Boolean.prototype`', () => Boolean.prototype),
    attack() {
      const Base = function () {
        return Boolean.prototype;
      } as unknown as new () => object;
      const Stamp = new Function('Base', `return class extends Base { ${MARK} = 1 }`) as (
        base: unknown
      ) => new () => object;
      new (Stamp(Base))();
    },
  };
}

const repointsConstructor = (): Attack =>
  redefines(
    '`Array.prototype.constructor = ...`',
    () => Array.prototype,
    'constructor',
    (original) => ({ ...original, value: Object.defineProperty(class extends Array {}, MARK, { value: 'found' }) }),
    () => foundIf(hasOwn(Array.prototype.constructor, MARK))
  );

export const prototypeAttacks: Family = {
  'Array.prototype property': adds('`Array.prototype.x = ...`', () => Array.prototype),
  'hidden Array.prototype property': hides('a property that is not enumerable', () => Array.prototype),
  'Array.prototype method': replaces('`Array.prototype.push = ...`', () => Array.prototype, 'push'),
  'Array.prototype element': addsElement(),
  'deleted method': deletes('`delete Array.prototype.at`', () => Array.prototype, 'at'),
  'Array.prototype.constructor': repointsConstructor(),
  'Array unscopables': adds('a property of `Array.prototype[Symbol.unscopables]`', unscopables),
  'Object.prototype property': hides('`Object.prototype.x`, not enumerable', () => Object.prototype),
  'Object.prototype accessor': addsAccessor('an accessor of `Object.prototype`', () => Object.prototype),
  'Object.prototype method': replaces('`Object.prototype.toString = ...`', () => Object.prototype, 'toString'),
  'Function.prototype.call': replaces('`Function.prototype.call = ...`', () => Function.prototype, 'call'),
  'Promise.prototype.then': replaces('`Promise.prototype.then = ...`', () => Promise.prototype, 'then'),
  'Map.prototype.get': replaces('`Map.prototype.get = ...`', () => Map.prototype, 'get'),
  'String.prototype property': adds('`String.prototype.x = ...`', () => String.prototype),
  'String.prototype method': replaces('`String.prototype.trim = ...`', () => String.prototype, 'trim'),
  'RegExp.prototype.exec': replaces('`RegExp.prototype.exec = ...`', () => RegExp.prototype, 'exec'),
  'Error.prototype property': adds('`Error.prototype.x = ...`', () => Error.prototype),
  'TypeError.prototype.name': redefines(
    '`TypeError.prototype.name`',
    () => TypeError.prototype,
    'name',
    (original) => ({ ...original, value: 'burdock' }),
    () => foundIf(TypeError.prototype.name === 'burdock')
  ),
  'Date.prototype method': replaces('`Date.prototype.getTime = ...`', () => Date.prototype, 'getTime'),
  'BigInt.prototype.toJSON': {
    ...adds('`BigInt.prototype.toJSON = ...`', () => BigInt.prototype),
    attack: () => void (open(BigInt.prototype)['toJSON'] = String),
    trace: () => foundIf(hasOwn(BigInt.prototype, 'toJSON')),
    undo: () => void delete open(BigInt.prototype)['toJSON'],
  },
  'Symbol.prototype property': adds('`Symbol.prototype.x = ...`', () => Symbol.prototype),
  'Set.prototype getter': replacesAccessor(),
  'disguised method': hidesBehindGetter(),
  'disguised deletion': disguises(
    '`delete Array.prototype.findLast`, with the same function at `Object.prototype`',
    () => Array.prototype,
    'findLast',
    { from: () => Object.prototype, asAccessor: false }
  ),
  'deletion disguised by a getter': disguises(
    '`delete Array.prototype.flatMap`, with a getter of it at `Object.prototype`',
    () => Array.prototype,
    'flatMap',
    { from: () => Object.prototype, asAccessor: true }
  ),
  'deletion disguised by a base class': disguises(
    '`delete RangeError.prototype.name`, with the same name at `Error.prototype`',
    () => RangeError.prototype,
    'name',
    { from: () => Error.prototype, asAccessor: false }
  ),
  'deletion disguised by a getter of a base class': disguises(
    '`delete Uint16Array.prototype.constructor`, with a getter of it at `%TypedArray%.prototype`',
    () => Uint16Array.prototype,
    'constructor',
    { from: () => prototypeOf(Uint16Array.prototype), asAccessor: true }
  ),
  'legacy accessor': addsLegacyAccessor(),
  'hidden stack': hidesStack(),
  'stamped prototype': stamps(),
  'frozen prototype': freezes(),
  'new prototype of a prototype': reparents(
    '`Object.setPrototypeOf(DataView.prototype, ...)`',
    () => DataView.prototype
  ),
  'new prototype of a function': reparents(
    '`Object.setPrototypeOf(Array.prototype.map, ...)`',
    () => Array.prototype.map
  ),
  'array iterator': replaces("the array iterators' `next`", arrayIterator, 'next'),
  'every iterator': adds('a property of %Iterator.prototype%', () => prototypeOf(arrayIterator())),
  'map iterator': adds("a property of the map iterators' prototype", () => prototypeOf(new Map()[Symbol.iterator]())),
  'string iterator': adds("a property of the string iterators' prototype", () => prototypeOf(''[Symbol.iterator]())),
  'regexp string iterator': adds("a property of the prototype of `matchAll`'s results", () =>
    prototypeOf('a'.matchAll(/a/g))
  ),
  'generator prototype': adds("a property of the generators' prototype", generator),
  'async function prototype': adds("a property of the async functions' prototype", asyncFunction),
  'async generator prototype': adds("a property of the async generator functions' prototype", asyncGenerator),
  'typed array prototype': replaces(
    '`%TypedArray%.prototype.set = ...`',
    () => prototypeOf(Uint8Array.prototype),
    'set'
  ),
  'DataView.prototype method': replaces('`DataView.prototype.getInt8 = ...`', () => DataView.prototype, 'getInt8'),
  'Intl prototype': adds('`Intl.DateTimeFormat.prototype.x = ...`', () => Intl.DateTimeFormat.prototype),
};
