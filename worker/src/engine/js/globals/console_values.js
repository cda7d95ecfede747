// `valuesToJson(values)`: the arguments of a console call as a JSON array. Like all that shows values to people it runs no
// code of their owner: own data properties alone are read, and what JSON lacks is written as `inspect` shows it.
(function installConsoleValues(native, host) {
  'use strict';
  const { kind } = native;
  const { inspect } = host;
  const { getOwnPropertyDescriptor, keys } = Object;
  const DEPTH_MAX = 16;
  // Values of one call: an object that is in many places is written in each.
  const VALUES_MAX = 10_000;
  const TEXT_MAX = 100_000;

  let copied = 0;

  // undefined: not a value that JSON has.
  function scalar(value) {
    switch (typeof value) {
      case 'string':
        return value;
      case 'boolean':
        return value;
      case 'number':
        return Number.isFinite(value) ? value : inspect(value);
      case 'undefined':
        return null;
      case 'object':
        return value === null ? null : undefined;
      default:
        return inspect(value);
    }
  }

  function property(object, key, above) {
    const descriptor = getOwnPropertyDescriptor(object, key);
    if (descriptor === undefined) return null;
    return 'value' in descriptor ? copy(descriptor.value, above) : '[Getter]';
  }

  // `above` are the objects that contain this one.
  function copy(value, above) {
    if (++copied > VALUES_MAX) throw new RangeError('more than fits into a line');
    const plain = scalar(value);
    if (plain !== undefined) return plain;
    if (above.includes(value)) return '[Circular]';
    if (above.length >= DEPTH_MAX) return inspect(value);
    const containers = [...above, value];
    switch (kind(value)) {
      case 'array':
        if (value.length > VALUES_MAX) return inspect(value);
        return Array.from({ length: value.length }, (_, index) => property(value, index, containers));
      case 'object': {
        // Without a prototype: a property that is named `toJSON` or `__proto__` is one like any other.
        const plainObject = Object.create(null);
        for (const key of keys(value)) plainObject[key] = property(value, key, containers);
        return plainObject;
      }
      default:
        return inspect(value);
    }
  }

  function valueToJson(value) {
    copied = 0;
    try {
      const text = JSON.stringify(copy(value, []));
      if (text.length <= TEXT_MAX) return text;
    } catch {
      // Too deep or too large for JSON; inspect knows limits.
    }
    return JSON.stringify(inspect(value));
  }

  const valuesToJson = (values) => `[${values.map(valueToJson).join(',')}]`;

  return { valuesToJson };
});
