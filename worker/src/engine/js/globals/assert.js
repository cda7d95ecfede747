// Node's `assert`: the function with all of its methods, and `assert.strict`. (CallTracker, deprecated, is left out.)
(function installAssert(native, host) {
  'use strict';
  const { kind } = native;
  const { AssertionError, assertThrows, codedError, inspect, invalidArgument, isDeepEqual, missingArguments } = host;
  const { NOTHING_THROWN, expectThrown, expectNothing, fail } = assertThrows;
  const { apply } = Reflect;

  function requireFunction(fn, name) {
    if (typeof fn !== 'function') throw invalidArgument(name, 'of type function', fn);
  }

  function checkTruth(args, stackStartFn) {
    const [value, message] = args;
    if (value) return;
    const generated = args.length === 0 ? 'No value argument passed to `assert.ok()`' : undefined;
    fail({ actual: value, expected: true, operator: '==', message, generated, stackStartFn });
  }

  function assert(...args) {
    checkTruth(args, assert);
  }
  function strict(...args) {
    checkTruth(args, strict);
  }

  // Each operator decides whether `actual` and `expected` are as wanted.
  const LOOSE_SIGN = { equal: '==', notEqual: '!=' };
  const COMPARISONS = {
    // eslint-disable-next-line eqeqeq -- these two are defined by ==
    equal: (left, right) => left == right || (Number.isNaN(left) && Number.isNaN(right)),
    notEqual: (left, right) => !COMPARISONS.equal(left, right),
    strictEqual: (left, right) => Object.is(left, right),
    notStrictEqual: (left, right) => !Object.is(left, right),
    deepEqual: (left, right) => isDeepEqual(left, right, false),
    notDeepEqual: (left, right) => !isDeepEqual(left, right, false),
    deepStrictEqual: (left, right) => isDeepEqual(left, right, true),
    notDeepStrictEqual: (left, right) => !isDeepEqual(left, right, true),
  };

  function makeComparison(name, holds) {
    const operator = LOOSE_SIGN[name] ?? name;
    const method = {
      [name](actual, expected, message) {
        if (arguments.length < 2) throw missingArguments('actual', 'expected');
        if (!holds(actual, expected)) fail({ actual, expected, operator, message, stackStartFn: method });
      },
    }[name];
    return method;
  }

  function runCatching(fn) {
    requireFunction(fn, 'fn');
    try {
      fn();
    } catch (error) {
      return error;
    }
    return NOTHING_THROWN;
  }

  const isThenable = (value) =>
    value !== null &&
    typeof value === 'object' &&
    typeof value.then === 'function' &&
    typeof value.catch === 'function';

  async function awaitCatching(promiseOrFunction) {
    let promise = promiseOrFunction;
    if (typeof promiseOrFunction === 'function') {
      promise = promiseOrFunction();
      if (!isThenable(promise)) {
        const text = 'Expected instance of Promise to be returned from the "promiseFn" function but got ';
        const got = promise === null || promise === undefined ? `${promise}` : `type ${typeof promise}`;
        throw codedError(TypeError, 'ERR_INVALID_RETURN_VALUE', `${text}${got}.`);
      }
    } else if (!isThenable(promise)) {
      throw invalidArgument('promiseFn', 'of type function or an instance of Promise', promise);
    }
    try {
      await promise;
    } catch (error) {
      return error;
    }
    return NOTHING_THROWN;
  }

  function checkPattern(text, regexp, message, wanted, method) {
    if (kind(regexp) !== 'regexp') throw invalidArgument('regexp', 'an instance of RegExp', regexp);
    const isText = typeof text === 'string';
    if (isText && apply(RegExp.prototype.test, regexp, [text]) === wanted) return;
    const said = wanted ? 'The input did not match' : 'The input was expected to not match';
    const generated = isText
      ? `${said} the regular expression ${inspect(regexp)}. Input:\n\n${inspect(text)}\n`
      : `The "string" argument must be of type string. Received type ${typeof text} (${inspect(text)})`;
    fail({ actual: text, expected: regexp, operator: method.name, message, generated, stackStartFn: method });
  }

  const methods = {
    fail(...args) {
      const [actual, expected, message, operator = '!='] = args;
      const stackStartFn = methods.fail;
      if (args.length > 1) return fail({ actual, expected, operator, message, stackStartFn });
      // With one argument it is the message.
      return fail({
        actual: undefined,
        expected: undefined,
        operator: 'fail',
        message: actual,
        generated: 'Failed',
        stackStartFn,
      });
    },
    throws(fn, ...rest) {
      expectThrown(runCatching(fn), rest, 'throws', methods.throws);
    },
    doesNotThrow(fn, ...rest) {
      expectNothing(runCatching(fn), rest, 'doesNotThrow', methods.doesNotThrow);
    },
    async rejects(promiseFn, ...rest) {
      expectThrown(await awaitCatching(promiseFn), rest, 'rejects', methods.rejects);
    },
    async doesNotReject(promiseFn, ...rest) {
      expectNothing(await awaitCatching(promiseFn), rest, 'doesNotReject', methods.doesNotReject);
    },
    match(string, regexp, message) {
      checkPattern(string, regexp, message, true, methods.match);
    },
    doesNotMatch(string, regexp, message) {
      checkPattern(string, regexp, message, false, methods.doesNotMatch);
    },
    ifError(value) {
      if (value === null || value === undefined) return;
      const said = typeof value === 'object' && typeof value.message === 'string' ? value.message : inspect(value);
      const text = said === '' && value.constructor ? value.constructor.name : said;
      fail({
        actual: value,
        expected: null,
        operator: 'ifError',
        message: `ifError got unwanted exception: ${text}`,
        stackStartFn: methods.ifError,
      });
    },
  };
  for (const [name, holds] of Object.entries(COMPARISONS)) methods[name] = makeComparison(name, holds);

  Object.defineProperty(assert, 'name', { value: 'ok' });
  Object.assign(assert, { ok: assert, AssertionError }, methods);
  Object.assign(strict, assert, {
    equal: assert.strictEqual,
    deepEqual: assert.deepStrictEqual,
    notEqual: assert.notStrictEqual,
    notDeepEqual: assert.notDeepStrictEqual,
  });
  assert.strict = strict;
  strict.strict = strict;
  return { assert };
});
