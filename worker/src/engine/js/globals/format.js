// `format(...args)`: console text in the form of Node's util.format.
(function installFormat(native, host) {
  'use strict';
  const { kind } = native;
  const { inspect, formatNumber, truncate } = host;
  const { getOwnPropertyDescriptor, getPrototypeOf } = Object;
  const DETAIL_DEPTH = 4; // of %o

  // Whether String(object) would run a toString that the user wrote, found without running getters or proxy traps.
  function hasUserToString(object) {
    for (let holder = object, steps = 0; holder !== null && steps < 100; holder = getPrototypeOf(holder), steps++) {
      if (kind(holder) === 'proxy') return false;
      const descriptor = getOwnPropertyDescriptor(holder, 'toString');
      if (descriptor === undefined) continue;
      if (typeof descriptor.value !== 'function') return false;
      return !/\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(descriptor.value));
    }
    return false;
  }

  const isObject = (value) => value !== null && typeof value === 'object';

  function toText(value) {
    if (typeof value === 'number') return formatNumber(value);
    if (typeof value === 'bigint') return `${value}n`;
    if (typeof value === 'function' && kind(value) === 'proxy') return inspect(value);
    if (!isObject(value)) return String(value);
    return hasUserToString(value) ? String(value) : inspect(value, { depthMax: 0 });
  }

  const toNumber = (value, parse) => {
    if (typeof value === 'symbol') return 'NaN';
    return formatNumber(parse(value));
  };

  const DIRECTIVES = {
    s: toText,
    d: (value) => (typeof value === 'bigint' ? `${value}n` : toNumber(value, Number)),
    i: (value) => (typeof value === 'bigint' ? `${value}n` : toNumber(value, (raw) => parseInt(raw, 10))),
    f: (value) => toNumber(value, parseFloat),
    j: toJson,
    o: (value) => inspect(value, { depthMax: DETAIL_DEPTH }),
    O: (value) => inspect(value),
    c: () => '',
  };

  function toJson(value) {
    try {
      return String(JSON.stringify(value));
    } catch (error) {
      if (error?.message?.includes('circular')) return '[Circular]';
      throw error;
    }
  }

  // %s and its like may call methods of the user's objects, and those may throw.
  function applyDirective(letter, value) {
    try {
      return DIRECTIVES[letter](value);
    } catch {
      return '[value that cannot be formatted]';
    }
  }

  function substitute(template, args) {
    let used = 0;
    const text = template.replace(/%([sdifjoOc%])/g, (directive, letter) => {
      if (letter === '%') return '%';
      return used < args.length ? applyDirective(letter, args[used++]) : directive;
    });
    return { text, used };
  }

  function format(...args) {
    let text = '';
    let rest = args;
    if (typeof args[0] === 'string') {
      if (args.length === 1) return truncate(args[0]);
      const replaced = substitute(args[0], args.slice(1));
      text = replaced.text;
      rest = args.slice(1 + replaced.used);
    } else if (args.length > 0) {
      text = inspect(args[0]);
      rest = args.slice(1);
    }
    for (const value of rest) text += ` ${typeof value === 'string' ? value : inspect(value)}`;
    return truncate(text);
  }

  return { format };
});
