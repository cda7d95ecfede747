/** Attacks on modules: the SDK's, preloaded ones, a run's own, and webpack's runtime. */
import * as common from '@temporalio/common';
import * as sdk from '@temporalio/workflow';
import {
  type Attack,
  type Family,
  MARK,
  adds,
  foundIf,
  globals,
  hasOwn,
  hides,
  open,
  redefines,
  replaces,
} from './attack';
import * as preloaded from './preloaded';

// What webpack puts in the place of these names; there is nothing of the kind outside of a bundle.
declare const __webpack_require__: { d: unknown };
declare const __webpack_modules__: Record<string, unknown>;

const webpackRequire = (): unknown => __webpack_require__;
const factories = (): unknown => __webpack_modules__;
const anyFactory = (): string => Object.keys(__webpack_modules__).find((id) => id.endsWith('/preloaded.ts')) ?? '';
const moduleCache = (): Record<string, unknown> => open(globals['__webpack_module_cache__']);
const bundle = (): { api: unknown } => globals['__TEMPORAL__'] as { api: unknown };

let ownState = 'untouched';
const ownList: string[] = [];
const ownMap = new Map<string, string>();

function changes(does: string, change: () => void, changed: () => boolean): Attack {
  return { does, attack: change, trace: () => foundIf(changed()) };
}

const redefinesGetter = (): Attack =>
  redefines(
    'another getter for an export that is a getter',
    () => preloaded.holder,
    'inner',
    () => ({ get: () => ({ name: MARK }) }),
    () => foundIf(Object.getOwnPropertyDescriptor(preloaded.holder, 'inner')?.get?.call(undefined).name === MARK)
  );

function evictsModule(): Attack {
  const id = (): string => anyFactory();
  return {
    does: 'a module of its own in the place of a shared one',
    attack: () => void (moduleCache()[id()] = { exports: { [MARK]: true } }),
    trace: () => foundIf(hasOwn((moduleCache()[id()] as { exports: object }).exports, MARK)),
  };
}

export const moduleAttacks: Family = {
  'SDK export': replaces('`workflow.sleep = ...`', () => sdk, 'sleep'),
  'SDK export added': adds("a property of the SDK's exports", () => sdk),
  'common export': replaces('`common.encode = ...`', () => common, 'encodeErrorDetails'),
  'SDK class static': replaces('`CancellationScope.current = ...`', () => sdk.CancellationScope, 'current'),
  'SDK class prototype': replaces(
    '`CancellationScope.prototype.cancel = ...`',
    () => sdk.CancellationScope.prototype,
    'cancel'
  ),
  'SDK error prototype': hides('`ApplicationFailure.prototype.x`', () => common.ApplicationFailure.prototype),
  'SDK base class prototype': hides(
    '`Object.getPrototypeOf(ApplicationFailure.prototype).x`',
    () => Object.getPrototypeOf(common.ApplicationFailure.prototype) as unknown
  ),
  'SDK converter': replaces(
    '`defaultPayloadConverter.toPayload = ...`',
    () => common.defaultPayloadConverter,
    'toPayload'
  ),
  'SDK converter prototype': replaces(
    "the prototype of the default payload converter's class",
    () => Object.getPrototypeOf(common.defaultPayloadConverter) as unknown,
    'toPayload'
  ),
  'SDK logger': replaces('`log.info = ...`', () => sdk.log, 'info'),
  'SDK metric meter': adds('`metricMeter.x = ...`', () => sdk.metricMeter),
  'function of the bundle': replaces('`__TEMPORAL__.api.activate = ...`', () => bundle().api, 'activate'),
  'exports of the bundle': {
    ...adds('`globalThis.__TEMPORAL__ = {...}`', () => bundle()),
    attack: () => void (globals['__TEMPORAL__'] = { ...bundle(), [MARK]: true }),
  },
  'own let': changes(
    'a `let` of a module of its own',
    () => void (ownState = MARK),
    () => ownState === MARK
  ),
  'own list': changes(
    'an array of a module of its own',
    () => void ownList.push(MARK),
    () => ownList.length > 0
  ),
  'own map': changes(
    'a Map of a module of its own',
    () => void ownMap.set(MARK, ''),
    () => ownMap.size > 0
  ),
  'preloaded list': changes(
    'an array of a preloaded module',
    () => void preloaded.list.push(MARK),
    () => preloaded.list.length > 0
  ),
  'preloaded object': adds('an object inside an object of a preloaded module', () => preloaded.table.nested),
  'behind a getter': adds('an object behind a getter of a preloaded module', () => preloaded.holder.inner),
  'getter of a shared module': redefinesGetter(),
  'preloaded class': adds('a class of a preloaded module', () => preloaded.Preloaded),
  'preloaded class prototype': replaces('the prototype of that class', () => preloaded.Preloaded.prototype, 'method'),
  'static of a preloaded class': adds('an object in a static field of that class', () => preloaded.Preloaded.options),
  'preloaded pattern': changes(
    '`lastIndex` of an exported RegExp',
    () => void preloaded.pattern.test('abab'),
    () => preloaded.pattern.lastIndex > 0
  ),
  'preloaded Map': changes(
    'an exported Map of a preloaded module',
    () => void preloaded.map.set(MARK, ''),
    () => preloaded.map.size > 0
  ),
  'preloaded Set': changes(
    'an exported Set of a preloaded module',
    () => void preloaded.set.add(MARK),
    () => preloaded.set.size > 0
  ),
  'preloaded bytes': changes(
    'an exported Uint8Array of a preloaded module',
    () => void (preloaded.bytes[0] = 7),
    () => preloaded.bytes[0] === 7
  ),
  'preloaded closure': changes(
    'a `let` that a function of a preloaded module closes over',
    () => void preloaded.counter.increment(),
    () => preloaded.counter.count() > 0
  ),
  'preloaded closed pattern': changes(
    '`lastIndex` of a RegExp in its closure',
    () => void preloaded.search('abab'),
    () => preloaded.closedIndex() > 0
  ),
  'template object': adds('the strings of a template in a preloaded module', () => preloaded.template()),
  'module cache entry': changes(
    'a module of its own in the module cache',
    () => void (moduleCache()['burdock'] = { exports: {} }),
    () => moduleCache()['burdock'] !== undefined
  ),
  'module cache entry replaced': evictsModule(),
  'module cache': {
    ...adds('`globalThis.__webpack_module_cache__ = {...}`', moduleCache),
    attack: () => void (globals['__webpack_module_cache__'] = { [MARK]: { exports: {} } }),
  },
  'defined on the module cache': hides('`Object.defineProperty(__webpack_module_cache__, ...)`', moduleCache),
  'new prototype of the module cache': {
    does: '`Object.setPrototypeOf(__webpack_module_cache__, ...)`',
    attack: () => void Object.setPrototypeOf(moduleCache(), { [MARK]: true }),
    trace: () => foundIf(hasOwn(Object.getPrototypeOf(moduleCache()), MARK)),
  },
  'webpack function': replaces('`__webpack_require__.d = ...`', webpackRequire, 'd'),
  'webpack function property': adds('`__webpack_require__.x = ...`', webpackRequire),
  'webpack module factory': {
    does: '`__webpack_modules__[id] = ...`',
    attack() {
      const id = anyFactory();
      const original = __webpack_modules__[id] as (...args: unknown[]) => void;
      const poisoned = function (this: unknown, ...args: unknown[]): void {
        original.apply(this, args);
      };
      __webpack_modules__[id] = Object.defineProperty(poisoned, MARK, { value: original });
    },
    trace: () => foundIf(hasOwn(open(factories())[anyFactory()], MARK)),
    undo() {
      const id = anyFactory();
      __webpack_modules__[id] = open(__webpack_modules__[id])[MARK];
    },
  },
  'webpack module added': adds('`__webpack_modules__.x = ...`', factories),
};
