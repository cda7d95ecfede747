// Loads the host globals into a fresh context, with the natives played by Node's own built-ins.
import { readFileSync } from 'node:fs';
import util from 'node:util';
import vm from 'node:vm';

const FOLDER = new URL('../src/engine/js/globals/', import.meta.url);

// The order in which the engine installs them: each file may use what the earlier ones export.
export const ORDER = [
  'errors',
  'long',
  'inspect',
  'format',
  'console_values',
  'console',
  'encoding',
  'buffer',
  'url_search_params',
  'url',
  'event_target',
  'abort',
  'async_local_storage',
  'deep_equal',
  'assertion_error',
  'assert_throws',
  'assert',
];

const URL_PARTS = 'href protocol username password host hostname port pathname search hash origin'.split(' ');
const urlParts = (url) => URL_PARTS.map((part) => url[part]);

const KINDS = [
  ['proxy', util.types.isProxy],
  ['function', (value) => typeof value === 'function'],
  ['array', Array.isArray],
  ['date', util.types.isDate],
  ['regexp', util.types.isRegExp],
  ['error', util.types.isNativeError],
  ['map', util.types.isMap],
  ['set', util.types.isSet],
  ['promise', util.types.isPromise],
  ['typedarray', util.types.isTypedArray],
  ['dataview', util.types.isDataView],
  ['arraybuffer', (value) => util.types.isAnyArrayBuffer(value) && !util.types.isSharedArrayBuffer(value)],
  ['sharedarraybuffer', util.types.isSharedArrayBuffer],
  ['weakmap', util.types.isWeakMap],
  ['weakset', util.types.isWeakSet],
  ['arguments', util.types.isArgumentsObject],
  ['boxed', util.types.isBoxedPrimitive],
];

function promiseState(promise) {
  const shown = util.inspect(promise, { depth: 0 });
  if (shown.includes('<pending>')) return ['pending', undefined];
  // Node offers no way to look into a settled promise; the tests register what it holds.
  return settledPromises.get(promise) ?? ['fulfilled', undefined];
}
export const settledPromises = new WeakMap();

export function makeNatives(printed = []) {
  let continuation;
  const lossy = (text) => Buffer.from(text, 'utf8').toString('utf8');
  return {
    urlParse(href, base) {
      try {
        return urlParts(new URL(href, base));
      } catch {
        return null;
      }
    },
    urlSet(href, part, value) {
      try {
        const url = new URL(href);
        url[part] = value;
        return urlParts(url);
      } catch {
        return null;
      }
    },
    utf8Encode: (text) => new TextEncoder().encode(text),
    utf8EncodeInto(text, target) {
      const { read, written } = new TextEncoder().encodeInto(lossy(text), target);
      return [read, written];
    },
    utf8Decode(bytes, fatal, ignoreBOM) {
      try {
        return new TextDecoder('utf-8', { fatal, ignoreBOM }).decode(bytes);
      } catch {
        return null;
      }
    },
    kind: (value) => KINDS.find(([, test]) => test(value))?.[0] ?? 'object',
    promiseState,
    getContinuationData: () => continuation,
    setContinuationData(value) {
      continuation = value;
    },
    print(level, line) {
      printed.push([level, line]);
    },
    printsValues: () => false,
  };
}

// What the files export, from a context of its own unless `context` is given.
export function loadGlobals({ natives = makeNatives(), context = vm.createContext({}) } = {}) {
  const provided = {};
  for (const name of ORDER) {
    const file = new URL(`${name}.js`, FOLDER);
    const install = vm.runInContext(readFileSync(file, 'utf8'), context, { filename: file.pathname });
    Object.assign(provided, install(natives, provided));
  }
  return provided;
}

// A small seeded generator (mulberry32), so that a failing random test can be repeated.
export function seededRandom(name) {
  const seed = Number(process.env.BURDOCK_TEST_SEED ?? Date.now() % 2 ** 31);
  console.log(`${name}: BURDOCK_TEST_SEED=${seed}`);
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit) => Math.floor(next() * limit);
  return { next, below, pick: (list) => list[below(list.length)] };
}

// How a call ended, in a form that compares across realms.
export function outcome(call) {
  try {
    return { returned: call() };
  } catch (error) {
    return { threw: describeError(error) };
  }
}

export const describeError = (error) =>
  error !== null && typeof error === 'object'
    ? { name: error.name, code: error.code, message: error.message }
    : { error };
