// Errors with a Node-style `code`, shared by the other host globals.
(function installErrors(native) {
  'use strict';
  const { getOwnPropertyDescriptor, getPrototypeOf } = Object;

  // An error of class `Base` whose stack header reads `Name [CODE]: message`, as Node prints its own.
  function codedError(Base, code, message) {
    const error = new Base(message);
    const { name } = error;
    Object.defineProperty(error, 'name', { value: `${name} [${code}]`, configurable: true, writable: true });
    Error.captureStackTrace?.(error, codedError);
    void error.stack; // the header is fixed when the stack is first read
    delete error.name;
    error.code = code;
    return error;
  }

  // The name of the nearest constructor on the prototype chain, found without running getters or proxy traps.
  function constructorName(value) {
    let object = value;
    for (let steps = 0; object !== null && steps < 100; steps++) {
      if (native.kind(object) === 'proxy') return '';
      const found = getOwnPropertyDescriptor(object, 'constructor')?.value;
      if (typeof found === 'function' && native.kind(found) !== 'proxy') {
        const name = getOwnPropertyDescriptor(found, 'name')?.value;
        if (typeof name === 'string' && name !== '') return name;
      }
      object = getPrototypeOf(object);
    }
    return '';
  }

  function received(value) {
    if (value === undefined || value === null) return `Received ${value}`;
    if (typeof value === 'function') {
      const name = native.kind(value) === 'proxy' ? '' : getOwnPropertyDescriptor(value, 'name')?.value;
      return typeof name === 'string' && name !== '' ? `Received function ${name}` : 'Received function ';
    }
    if (typeof value === 'object') {
      const name = constructorName(value);
      return name === '' ? 'Received an object' : `Received an instance of ${name}`;
    }
    const text = typeof value === 'bigint' ? `${value}n` : String(value);
    const short = text.length > 28 ? `${text.slice(0, 25)}...` : text;
    return `Received type ${typeof value} (${typeof value === 'string' ? `'${short}'` : short})`;
  }

  function invalidArgument(name, expected, value) {
    return codedError(
      TypeError,
      'ERR_INVALID_ARG_TYPE',
      `The "${name}" argument must be ${expected}. ${received(value)}`
    );
  }

  function missingArguments(...names) {
    const quoted = names.map((name) => `"${name}"`);
    const list = quoted.length === 1 ? `${quoted[0]} argument` : `${quoted.join(' and ')} arguments`;
    return codedError(TypeError, 'ERR_MISSING_ARGS', `The ${list} must be specified`);
  }

  function invalidThis(name) {
    return codedError(TypeError, 'ERR_INVALID_THIS', `Value of "this" must be of type ${name}`);
  }

  // Web IDL makes the members of an interface enumerable; class syntax does not.
  function defineInterface(Class, name) {
    for (const target of [Class, Class.prototype]) {
      for (const key of Object.getOwnPropertyNames(target)) {
        if (['constructor', 'prototype', 'name', 'length'].includes(key)) continue;
        Object.defineProperty(target, key, { enumerable: true });
      }
    }
    Object.defineProperty(Class.prototype, Symbol.toStringTag, { value: name, configurable: true });
  }

  return { codedError, constructorName, defineInterface, invalidArgument, invalidThis, missingArguments };
});
