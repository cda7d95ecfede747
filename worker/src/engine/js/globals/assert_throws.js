// What assert.throws, rejects, doesNotThrow and doesNotReject do with the error that they got.
(function installAssertThrows(native, host) {
  'use strict';
  const { kind } = native;
  const { AssertionError, codedError, inspect, invalidArgument, isDeepEqual } = host;
  const { apply } = Reflect;

  const NOTHING_THROWN = Symbol('nothing thrown');
  const regexpTest = RegExp.prototype.test;
  const isRegExp = (value) => kind(value) === 'regexp';
  const isObject = (value) => value !== null && typeof value === 'object';

  // `message` replaces the generated text; an Error given as message is thrown itself.
  function fail({ actual, expected, operator, generated, message, stackStartFn }) {
    if (kind(message) === 'error') throw message;
    const error = new AssertionError({ actual, expected, operator, message: message ?? generated, stackStartFn });
    error.generatedMessage = !message;
    throw error;
  }

  // A class of errors of any realm, told from a validation function by its prototype chain.
  function isErrorClass(fn) {
    for (let proto = fn.prototype; isObject(proto); proto = Object.getPrototypeOf(proto)) {
      if (proto.constructor?.name === 'Error' && Object.hasOwn(proto, 'message')) return true;
    }
    return false;
  }

  const isInstance = (value, fn) => fn.prototype !== undefined && value instanceof fn;

  function checkPattern(thrown, expected, context) {
    const text = String(thrown);
    if (apply(regexpTest, expected, [text])) return;
    const generated = `The input did not match the regular expression ${inspect(expected)}. Input:\n\n${inspect(text)}\n`;
    fail({ ...context, actual: thrown, expected, generated });
  }

  // The properties that were compared, for the message.
  class Comparison {
    constructor(from, keys) {
      for (const key of keys) if (key in from) this[key] = from[key];
    }
  }

  function checkShape(thrown, expected, context) {
    if (!isObject(thrown) && typeof thrown !== 'function') {
      failComparison(thrown, expected, thrown, expected, context);
    }
    const keys = Object.keys(expected);
    if (kind(expected) === 'error') keys.push('name', 'message');
    else if (keys.length === 0) {
      const text = `The argument 'error' may not be an empty object. Received ${inspect(expected)}`;
      throw codedError(TypeError, 'ERR_INVALID_ARG_VALUE', text);
    }
    const matches = (key) => {
      if (
        typeof thrown[key] === 'string' &&
        isRegExp(expected[key]) &&
        apply(regexpTest, expected[key], [thrown[key]])
      ) {
        return true;
      }
      return key in thrown && isDeepEqual(thrown[key], expected[key], true);
    };
    if (keys.every(matches)) return;
    failComparison(thrown, expected, new Comparison(thrown, keys), new Comparison(expected, keys), context);
  }

  // The generated message compares `shownActual` with `shownExpected`; the error carries the values themselves.
  function failComparison(actual, expected, shownActual, shownExpected, context) {
    const comparison = { actual: shownActual, expected: shownExpected, operator: 'deepStrictEqual' };
    fail({ ...context, actual, expected, generated: new AssertionError(comparison).message });
  }

  function checkFunction(thrown, expected, context) {
    if (isInstance(thrown, expected)) return;
    if (isErrorClass(expected)) {
      const isError = kind(thrown) === 'error';
      const got = isError
        ? `"${thrown.name}"\n\nError message:\n\n${thrown.message}`
        : `"${inspect(thrown, { depthMax: -1 })}"`;
      const generated = `The error is expected to be an instance of "${expected.name}". Received ${got}`;
      fail({ ...context, actual: thrown, expected, generated });
    }
    const result = apply(expected, {}, [thrown]);
    if (result === true) return;
    const name = expected.name ? `"${expected.name}" ` : '';
    const caught = kind(thrown) === 'error' ? `\n\nCaught error:\n\n${inspect(thrown)}` : '';
    const generated = `The ${name}validation function is expected to return "true". Received ${inspect(result)}${caught}`;
    fail({ ...context, actual: thrown, expected, generated });
  }

  // `rest` is what the caller passed after the function: [expected][, message] or [message].
  function sortArguments(thrown, rest) {
    const [expected, message] = rest;
    if (typeof expected !== 'string') {
      if (
        expected !== undefined &&
        expected !== null &&
        typeof expected !== 'object' &&
        typeof expected !== 'function'
      ) {
        throw invalidArgument('error', 'of type function or an instance of Error, RegExp, or Object', expected);
      }
      return { expected, message };
    }
    if (rest.length >= 2) {
      throw invalidArgument('error', 'of type function or an instance of Error, RegExp, or Object', expected);
    }
    const said = isObject(thrown) ? thrown.message : thrown;
    if (said === expected) {
      const what = isObject(thrown) ? 'error message' : 'error';
      const text = `The "error/message" argument is ambiguous. The ${what} "${said}" is identical to the message.`;
      throw codedError(TypeError, 'ERR_AMBIGUOUS_ARGUMENT', text);
    }
    return { expected: undefined, message: expected };
  }

  function expectThrown(thrown, rest, operator, stackStartFn) {
    const { expected, message } = sortArguments(thrown, rest);
    const context = { operator, message, stackStartFn };
    if (thrown === NOTHING_THROWN) {
      const named = expected?.name ? ` (${expected.name})` : '';
      const said = message ? `: ${message}` : '.';
      const kindOfError = operator === 'rejects' ? 'rejection' : 'exception';
      const text = `Missing expected ${kindOfError}${named}${said}`;
      fail({ ...context, message: text, actual: undefined, expected });
    }
    if (!expected) return;
    if (typeof expected === 'function') checkFunction(thrown, expected, context);
    else if (isRegExp(expected)) checkPattern(thrown, expected, context);
    else checkShape(thrown, expected, context);
  }

  function isUnwanted(thrown, expected) {
    if (!expected) return true;
    if (isRegExp(expected)) return apply(regexpTest, expected, [String(thrown)]);
    if (typeof expected !== 'function') {
      throw invalidArgument('expected', 'of type function or an instance of RegExp', expected);
    }
    return isInstance(thrown, expected) || (!isErrorClass(expected) && apply(expected, {}, [thrown]) === true);
  }

  function expectNothing(thrown, rest, operator, stackStartFn) {
    if (thrown === NOTHING_THROWN) return;
    const [expected, message] = typeof rest[0] === 'string' ? [undefined, rest[0]] : rest;
    if (!isUnwanted(thrown, expected)) throw thrown;
    const said = message ? `: ${message}` : '.';
    const kindOfError = operator === 'doesNotReject' ? 'rejection' : 'exception';
    const text = `Got unwanted ${kindOfError}${said}\nActual message: "${thrown?.message}"`;
    fail({ actual: thrown, expected, operator, message: text, stackStartFn });
  }

  return { assertThrows: { NOTHING_THROWN, expectThrown, expectNothing, fail } };
});
