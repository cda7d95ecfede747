/** What an attack is, and the kinds that most of them are of. */

/** One attempt of a run to leave something where other runs could find it. */
export interface Attack {
  /** What the attacking run does; a line of `docs/isolation.md`. */
  readonly does: string;
  /** Whether the attack waits for a signal. */
  readonly needsSignal?: true;
  /** `signalled` resolves when the run gets its first signal. May throw: then the attack was refused. */
  attack(signalled: Promise<void>): void | Promise<void>;
  /** What a run sees of the attack. Must leave nothing itself, nor call what the attacker left. */
  trace(): string | undefined;
  /** Takes the trace away again, so that a host that permits an attack can go on to the next one. */
  undo?(): void;
}

/** Attacks by name. Names are unique over all families. */
export type Family = Readonly<Record<string, Attack>>;

/** The property by which attacks are known again. */
export const MARK = 'burdockAttack';

type Open = Record<PropertyKey, unknown>;

export const open = (value: unknown): Open => value as Open;
export const globals = open(globalThis);

const ownDescriptor = (holder: unknown, key: PropertyKey): PropertyDescriptor | undefined =>
  Object.getOwnPropertyDescriptor(holder as object, key);

export const hasOwn = (holder: unknown, key: PropertyKey): boolean => ownDescriptor(holder, key) !== undefined;

/** `found` when the condition holds. */
export const foundIf = (condition: boolean): string | undefined => (condition ? 'found' : undefined);

/** The own value of `key`, if it is a function that an attack made. */
export function marked(holder: unknown, key: PropertyKey): string | undefined {
  const value: unknown = ownDescriptor(holder, key)?.value;
  return foundIf(typeof value === 'function' && hasOwn(value, MARK));
}

/** A function that does what `inner` does and carries the mark. */
export function markedCall(inner: unknown): () => unknown {
  const apply = Reflect.apply;
  function wrapper(this: unknown, ...args: unknown[]): unknown {
    return apply(inner as () => unknown, this, args);
  }
  return Object.defineProperty(wrapper, MARK, { value: true });
}

/** Assigns a new property to what `find` returns. */
export function adds(does: string, find: () => unknown): Attack {
  return {
    does,
    attack: () => void (open(find())[MARK] = 'found'),
    trace: () => foundIf(hasOwn(find(), MARK)),
    undo: () => void Reflect.deleteProperty(find() as object, MARK),
  };
}

/** Defines a new property that no enumeration shows. */
export function hides(does: string, find: () => unknown): Attack {
  const hidden = { value: 'found', enumerable: false, configurable: true, writable: true };
  return { ...adds(does, find), attack: () => void Object.defineProperty(find(), MARK, hidden) };
}

/** Puts another descriptor in the place of a property. */
export function redefines(
  does: string,
  find: () => unknown,
  key: PropertyKey,
  make: (original: PropertyDescriptor | undefined) => PropertyDescriptor,
  trace: () => string | undefined
): Attack {
  let original: PropertyDescriptor | undefined;
  return {
    does,
    attack() {
      original = ownDescriptor(find(), key);
      Object.defineProperty(find(), key, make(original));
    },
    trace,
    undo() {
      if (original === undefined) Reflect.deleteProperty(find() as object, key);
      else Reflect.defineProperty(find() as object, key, original);
    },
  };
}

/** Assigns to a method a function that does the same and carries the mark. */
export function replaces(does: string, find: () => unknown, key: PropertyKey): Attack {
  let original: PropertyDescriptor | undefined;
  return {
    does,
    attack() {
      const holder = open(find());
      original = ownDescriptor(holder, key);
      holder[key] = markedCall(holder[key]);
    },
    trace: () => marked(find(), key),
    undo: () => void (original && Reflect.defineProperty(find() as object, key, original)),
  };
}

/** Deletes a property. */
export function deletes(does: string, find: () => unknown, key: PropertyKey): Attack {
  let original: PropertyDescriptor | undefined;
  return {
    does,
    attack() {
      original = ownDescriptor(find(), key);
      delete open(find())[key];
    },
    trace: () => foundIf(!hasOwn(find(), key)),
    undo: () => void (original && Reflect.defineProperty(find() as object, key, original)),
  };
}

/** Gives an object another prototype, one that carries the mark. */
export function reparents(does: string, find: () => unknown): Attack {
  let original: object | null = null;
  return {
    does,
    attack() {
      original = Object.getPrototypeOf(find()) as object | null;
      Object.setPrototypeOf(find(), Object.defineProperty(Object.create(original), MARK, { value: 'found' }) as object);
    },
    trace: () => {
      const prototype = Object.getPrototypeOf(find()) as object | null;
      return foundIf(prototype !== null && hasOwn(prototype, MARK));
    },
    undo: () => void Reflect.setPrototypeOf(find() as object, original),
  };
}

/** Deletes a property that is still found where the object inherits from: who merely reads sees no difference. */
export function disguises(
  does: string,
  find: () => unknown,
  key: PropertyKey,
  inherited: { from: () => object; asAccessor: boolean }
): Attack {
  let original: PropertyDescriptor | undefined;
  let originalAbove: PropertyDescriptor | undefined;
  return {
    does,
    attack() {
      const holder = open(find());
      const above = inherited.from();
      const value = holder[key];
      original = ownDescriptor(holder, key);
      originalAbove = ownDescriptor(above, key);
      const plain = { value, writable: true, configurable: true };
      Object.defineProperty(above, key, inherited.asAccessor ? { get: () => value, configurable: true } : plain);
      delete holder[key];
    },
    trace: () => foundIf(!hasOwn(find(), key)),
    undo() {
      if (originalAbove) Object.defineProperty(inherited.from(), key, originalAbove);
      else Reflect.deleteProperty(inherited.from(), key);
      if (original) Object.defineProperty(find(), key, original);
    },
  };
}
