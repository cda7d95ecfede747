/** Attacks on the objects that the host lends to every run, and on the realm behind them. */
import { type Attack, type Family, MARK, adds, foundIf, globals, hasOwn, hides, open, replaces } from './attack';

type Activator = {
  registeredActivityNames: Set<string>;
  workflowSandboxDestructors: unknown[];
  hasFlag(flag: object): boolean;
  signalWorkflow(job: object): void;
};

const activator = (): Activator => globals['__TEMPORAL_ACTIVATOR__'] as Activator;
const prototypeOf = (value: unknown): object => Object.getPrototypeOf(value) as object;
const assertion = (): unknown => globals['assert'];
const storage = (): { prototype: object } => globals['AsyncLocalStorage'] as { prototype: object };
const parameters = (): URLSearchParams => new URLSearchParams('a=1');
const signal = (): object => new AbortController().signal;

/** What `body` throws. */
function thrownBy(body: () => unknown): object {
  try {
    body();
  } catch (err) {
    return err as object;
  }
  throw new Error('Nothing was thrown');
}

function abortEvent(): object {
  const controller = new AbortController();
  let event: unknown;
  controller.signal.addEventListener('abort', (dispatched) => (event = dispatched));
  controller.abort();
  return event as object;
}

/** The global object of the host's realm, if its `Function` makes functions there. */
const outerGlobal = (): unknown =>
  (open(prototypeOf(URL))['constructor'] as FunctionConstructor)('return globalThis')();

type Watched = 'hasFlag' | 'signalWorkflow';
/** What the host handed to methods of this run's activator first. */
const handed: { [method in Watched]?: object } = {};

function watch(method: Watched): void {
  if (hasOwn(activator(), method)) return;
  const original = activator()[method] as (argument: object) => unknown;
  const watching = function (this: unknown, argument: object): unknown {
    handed[method] ??= argument;
    return original.call(this, argument);
  };
  Object.defineProperty(activator(), method, { value: watching });
}

/** Marks something that hangs on what the host hands to a method of the activator. */
function intercepts(does: string, method: Watched, pick: (argument: object) => object | undefined): Attack {
  const picked = (): object | undefined => {
    const argument = handed[method];
    return argument === undefined ? undefined : pick(argument);
  };
  return {
    does,
    needsSignal: true,
    async attack(signalled) {
      watch(method);
      await signalled;
      open(picked())[MARK] = 'found';
    },
    trace() {
      watch(method);
      return foundIf(hasOwn(picked() ?? {}, MARK));
    },
  };
}

function registersActivity(): Attack {
  return {
    does: '`activator.registeredActivityNames.add(...)`',
    attack: () => void activator().registeredActivityNames.add(MARK),
    trace: () => foundIf(activator().registeredActivityNames.has(MARK)),
    undo: () => void activator().registeredActivityNames.delete(MARK),
  };
}

const destructors = (): unknown[] => (globals['__temporal_globalSandboxDestructors'] as unknown[] | undefined) ?? [];

function addsDestructor(): Attack {
  const destructor = Object.defineProperty(() => undefined, MARK, { value: 'found' });
  return {
    does: '`__temporal_globalSandboxDestructors.push(...)`',
    attack: () => void destructors().push(destructor),
    trace: () => foundIf(destructors().some((entry) => hasOwn(entry, MARK))),
    undo: () => void destructors().pop(),
  };
}

export const hostAttacks: Family = {
  'URL static': adds('`URL.x = ...`', () => URL),
  'URL.prototype': adds('`URL.prototype.x = ...`', () => URL.prototype),
  'URLSearchParams.prototype': replaces(
    '`URLSearchParams.prototype.get = ...`',
    () => URLSearchParams.prototype,
    'get'
  ),
  'URLSearchParams iterator': adds("the prototype of `URLSearchParams`' iterators", () =>
    prototypeOf(parameters().keys())
  ),
  'TextEncoder.prototype': replaces('`TextEncoder.prototype.encode = ...`', () => TextEncoder.prototype, 'encode'),
  'TextDecoder.prototype': hides('`TextDecoder.prototype.x`', () => TextDecoder.prototype),
  'AbortController.prototype': replaces(
    '`AbortController.prototype.abort = ...`',
    () => AbortController.prototype,
    'abort'
  ),
  'AbortSignal class': adds('`signal.constructor.x = ...`', () => signal().constructor),
  'AbortSignal.prototype': adds("a property of the signals' prototype", () => prototypeOf(signal())),
  'EventTarget.prototype': adds("a property of the event targets' prototype", () => prototypeOf(prototypeOf(signal()))),
  'Event.prototype': adds("a property of the events' prototype", () => prototypeOf(abortEvent())),
  'assert member': replaces('`assert.ok = ...`', assertion, 'ok'),
  'assert.strict': adds('`assert.strict.x = ...`', () => open(assertion())['strict']),
  'AssertionError.prototype': adds('`assert.AssertionError.prototype.x = ...`', () =>
    prototypeOf(thrownBy(() => (assertion() as (value: unknown) => void)(false)))
  ),
  'console member': replaces('`console.log = ...`', () => console, 'log'),
  'property of console.log': adds('`console.log.x = ...`', () => console.log),
  'AsyncLocalStorage class': adds('`AsyncLocalStorage.x = ...`', storage),
  'AsyncLocalStorage.prototype': replaces('`AsyncLocalStorage.prototype.run = ...`', () => storage().prototype, 'run'),
  'host Object.prototype': hides('`Object.prototype` behind `URL`', () => prototypeOf(URL.prototype)),
  'host Object': adds('`Object` behind `URL`', () => prototypeOf(URL.prototype).constructor),
  'host Function.prototype': hides('`Function.prototype` behind `URL`', () => prototypeOf(URL)),
  'host Array.prototype': hides('`Array.prototype` behind `URLSearchParams`', () =>
    prototypeOf(parameters().getAll('a'))
  ),
  'host Error.prototype': hides("`TypeError.prototype` behind `URL`'s errors", () =>
    prototypeOf(thrownBy(() => new URL(':')))
  ),
  'host typed array': hides('`Uint8Array.prototype` behind `TextEncoder`', () =>
    prototypeOf(new TextEncoder().encode('a'))
  ),
  'host method': adds(
    '`Object.keys` behind `URL`',
    () => (prototypeOf(URL.prototype).constructor as typeof Object).keys
  ),
  'host global': adds("the global object of the host's realm", outerGlobal),
  'host clock function': adds('`activator.getTimeOfDay.x = ...`', () => open(activator())['getTimeOfDay']),
  'source map': adds('`activator.sourceMap.x = ...`', () => open(activator())['sourceMap']),
  'list of the source map': adds(
    '`activator.sourceMap.sources.x = ...`',
    () => open(open(activator())['sourceMap'])['sources']
  ),
  'registered activities': registersActivity(),
  'shared destructors': addsDestructor(),
  'SDK flag of the host': intercepts('the flag that the host asks `activator.hasFlag` for', 'hasFlag', (flag) => flag),
  'job prototype': intercepts("the prototype of an activation's job", 'signalWorkflow', prototypeOf),
  'payload prototype': intercepts("the prototype of a job's payload", 'signalWorkflow', (job) => {
    const [payload] = open(job)['input'] as unknown[];
    return payload === undefined ? undefined : prototypeOf(payload);
  }),
  'job default': intercepts(
    "the default of a job's unset list",
    'signalWorkflow',
    (job) => open(prototypeOf(job))['input'] as object
  ),
  'static of the activator': adds('`activator.constructor.x = ...`', () => activator().constructor),
  'activator prototype': hides('`Object.getPrototypeOf(activator).x`', () => prototypeOf(activator())),
};
