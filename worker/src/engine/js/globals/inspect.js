// `inspect(value)`: a value as text in the form that Node's console gives it. Safe on hostile values: it reads own
// property descriptors only (no getter, no proxy trap, no user method runs) and both depth and length are bounded.
// Known difference: long arrays of short values are not arranged in columns.
(function installInspect(native, host) {
  'use strict';
  const { kind, promiseState } = native;
  const { constructorName } = host;
  const { getOwnPropertyDescriptor, getPrototypeOf } = Object;
  const { apply, ownKeys } = Reflect;

  const LINE_CHARS = 70; // properties that need more than this are written one per line
  const STRING_LINE_CHARS = 76; // a string with line breaks that needs more than this is written in pieces
  const ENTRIES_MAX = 100; // of an array, a Map, a Set or a buffer
  const STRING_CHARS_MAX = 10_000;
  const OUTPUT_CHARS_MAX = 32_768;
  const INDEXED_KEYS_MAX = 10_000; // beyond it the named properties of an array-like are not looked for

  const call =
    (fn) =>
    (receiver, ...args) =>
      apply(fn, receiver, args);
  const getter = (prototype, key) => call(getOwnPropertyDescriptor(prototype, key).get);
  const typedArrayPrototype = getPrototypeOf(Uint8Array.prototype);
  const typedArrayLength = getter(typedArrayPrototype, 'length');
  const arrayBufferLength = getter(ArrayBuffer.prototype, 'byteLength');
  const sharedBufferLength = getter(SharedArrayBuffer.prototype, 'byteLength');
  const dataViewLength = getter(DataView.prototype, 'byteLength');
  const dataViewOffset = getter(DataView.prototype, 'byteOffset');
  const dataViewBuffer = getter(DataView.prototype, 'buffer');
  const mapSize = getter(Map.prototype, 'size');
  const setSize = getter(Set.prototype, 'size');
  const mapEntries = call(Map.prototype.entries);
  const setValues = call(Set.prototype.values);
  const dateTime = call(Date.prototype.getTime);
  const dateIso = call(Date.prototype.toISOString);
  const functionSource = call(Function.prototype.toString);
  const regexpSource = getter(RegExp.prototype, 'source');
  const REGEXP_FLAGS = [
    ['d', 'hasIndices'],
    ['g', 'global'],
    ['i', 'ignoreCase'],
    ['m', 'multiline'],
    ['s', 'dotAll'],
    ['u', 'unicode'],
    ['v', 'unicodeSets'],
    ['y', 'sticky'],
  ]
    .filter(([, key]) => key in RegExp.prototype)
    .map(([flag, key]) => [flag, getter(RegExp.prototype, key)]);
  // V8 has moved `stack` from a data property to an accessor pair; the accessor is safe, since it is the engine's.
  const stackGetter = getOwnPropertyDescriptor(new Error('probe'), 'stack')?.get;

  const UNBOXERS = [Number, String, Boolean, Symbol, BigInt].map((Type) => call(Type.prototype.valueOf));
  // The primitive inside a wrapper object of any realm.
  function unbox(object) {
    for (const valueOf of UNBOXERS) {
      try {
        return valueOf(object);
      } catch {
        // Another type of wrapper.
      }
    }
    return undefined;
  }

  const ESCAPES = { '\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r', '\\': '\\\\' };
  const hex = (text) => text.charCodeAt(0).toString(16).padStart(2, '0');

  function quote(text) {
    let mark = "'";
    if (text.includes("'")) mark = !text.includes('"') ? '"' : !text.includes('`') && !text.includes('${') ? '`' : "'";
    const body = text
      .replace(/[\x00-\x1f\x7f-\x9f\\]/g, (char) => ESCAPES[char] ?? `\\x${hex(char).toUpperCase()}`)
      .replace(/[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g, (char) =>
        char.length === 2 ? char : `\\u${hex(char)}`
      );
    return mark === "'" ? `'${body.replaceAll("'", "\\'")}'` : `${mark}${body}${mark}`;
  }

  // A long string inside an object is cut into its lines, joined by ` +`.
  function formatString(text, state) {
    const cut = text.length - STRING_CHARS_MAX;
    const shown = cut > 0 ? text.slice(0, STRING_CHARS_MAX) : text;
    const rest = cut > 0 ? `... ${cut} more character${cut > 1 ? 's' : ''}` : '';
    if (shown.length <= 16 || shown.length <= STRING_LINE_CHARS - state.indent || !shown.includes('\n')) {
      return quote(shown) + rest;
    }
    const lines = shown.match(/[^\n]*\n|[^\n]+$/g);
    return lines.map(quote).join(` +\n${' '.repeat(state.indent + 2)}`) + rest;
  }

  const formatNumber = (number) => (Object.is(number, -0) ? '-0' : `${number}`);

  function formatPrimitive(value, state) {
    if (typeof value === 'string') return formatString(value, state);
    if (typeof value === 'number') return formatNumber(value);
    if (typeof value === 'bigint') return `${value}n`;
    return String(value);
  }

  const propertyIsEnumerable = call(Object.prototype.propertyIsEnumerable);
  const ownValue = (object, key) => getOwnPropertyDescriptor(object, key)?.value;

  // V8 writes the stack when it is first read, which may run a `message` getter of the user's: the one exception.
  function ownStack(error) {
    try {
      const descriptor = getOwnPropertyDescriptor(error, 'stack');
      const stack = descriptor?.get === undefined ? descriptor?.value : stackGetter && apply(stackGetter, error, []);
      return typeof stack === 'string' ? stack : undefined;
    } catch {
      return undefined;
    }
  }

  // `Symbol.toStringTag` as a plain value anywhere on the prototype chain.
  function tagOf(value) {
    for (let object = value, steps = 0; object !== null && steps < 100; object = getPrototypeOf(object), steps++) {
      if (kind(object) === 'proxy') return '';
      const descriptor = getOwnPropertyDescriptor(object, Symbol.toStringTag);
      if (descriptor !== undefined) return typeof descriptor.value === 'string' ? descriptor.value : '';
    }
    return '';
  }

  // `Foo `, `Foo(2) `, `[Foo: null prototype] `, `Foo [tag] `: what stands before the brace.
  function prefix(value, fallback, size) {
    const name = constructorName(value);
    const sized = size === undefined ? '' : `(${size})`;
    const tag = tagOf(value);
    const shownTag = tag !== '' && tag !== name ? `[${tag}] ` : '';
    return name === '' ? `[${fallback}${sized}: null prototype] ${shownTag}` : `${name}${sized} ${shownTag}`;
  }

  function functionLabel(fn) {
    const source = functionSource(fn);
    const name = ownValue(fn, 'name');
    const named = typeof name === 'string' && name !== '';
    if (source.startsWith('class') && source.endsWith('}')) {
      const parent = getPrototypeOf(fn);
      const parentName = parent !== null && kind(parent) !== 'proxy' ? ownValue(parent, 'name') : '';
      const extending = typeof parentName === 'string' && parentName !== '' ? ` extends ${parentName}` : '';
      return `[class ${named ? name : '(anonymous)'}${extending}]`;
    }
    const type = constructorName(fn) || 'Function (null prototype)';
    return named ? `[${type}: ${name}]` : `[${type} (anonymous)]`;
  }

  // V8 writes the inherited name, `Error: ...`, at the head of the stack of a subclass that sets no name of its own.
  function withClassName(stack, name) {
    if (name === '' || stack.includes(name)) return stack;
    const [head] = /^[A-Z]\w*(?=:|$|\n)/.exec(stack) ?? [''];
    if (head === '') return stack;
    return `${name.includes(head) ? name : `${name} [${head}]`}${stack.slice(head.length)}`;
  }

  function errorLabel(error, state) {
    const message = ownValue(error, 'message');
    const header = typeof message === 'string' && message !== '' ? `Error: ${message}` : 'Error';
    const stack = withClassName(ownStack(error) || header, constructorName(error));
    const text = stack.includes('\n    at ') ? stack : `[${stack}]`;
    return state.indent === 0 ? text : text.replaceAll('\n', `\n${' '.repeat(state.indent)}`);
  }

  function formatKey(key) {
    if (typeof key === 'symbol') return `[${String(key)}]`;
    if (key === '__proto__') return "['__proto__']";
    return /^[a-zA-Z_][a-zA-Z_0-9]*$/.test(key) ? key : quote(key);
  }

  function formatSlot(descriptor, state, depth) {
    if (descriptor.get !== undefined) return descriptor.set === undefined ? '[Getter]' : '[Getter/Setter]';
    if (descriptor.set !== undefined) return '[Setter]';
    return indented(state, () => formatValue(descriptor.value, state, depth + 1));
  }

  function indented(state, write) {
    state.indent += 2;
    const text = write();
    state.indent -= 2;
    return text;
  }

  const isIndex = (key) => typeof key === 'string' && /^(0|[1-9]\d{0,9})$/.test(key);

  function propertyLines(value, state, depth, { indexed = false, hide = [] }) {
    const lines = [];
    for (const key of ownKeys(value)) {
      if ((indexed && isIndex(key)) || hide.includes(key)) continue;
      const descriptor = getOwnPropertyDescriptor(value, key);
      if (descriptor === undefined || !descriptor.enumerable) continue;
      if (state.left <= 0) {
        lines.push('...');
        break;
      }
      const name = formatKey(key);
      state.left -= name.length;
      lines.push(`${name}: ${formatSlot(descriptor, state, depth)}`);
    }
    return state.expand ? lines.sort() : lines;
  }

  const moreItems = (count) => `... ${count} more item${count > 1 ? 's' : ''}`;

  function indexedLines(value, length, state, depth) {
    const lines = [];
    let index = 0;
    while (index < length && lines.length < ENTRIES_MAX && state.left > 0) {
      const descriptor = getOwnPropertyDescriptor(value, index);
      if (descriptor !== undefined) {
        lines.push(formatSlot(descriptor, state, depth));
        index++;
        continue;
      }
      const from = index;
      while (index < length && index - from < INDEXED_KEYS_MAX && !Object.hasOwn(value, index)) index++;
      lines.push(`<${index - from} empty item${index - from > 1 ? 's' : ''}>`);
    }
    if (index < length) lines.push(moreItems(length - index));
    return lines;
  }

  function collectionLines(entries, size, state, write) {
    const lines = [];
    for (const entry of entries) {
      if (lines.length >= ENTRIES_MAX || state.left <= 0) {
        lines.push(moreItems(size - lines.length));
        break;
      }
      lines.push(indented(state, () => write(entry)));
    }
    return lines;
  }

  function bufferLines(buffer, length) {
    const shown = [...new Uint8Array(buffer, 0, Math.min(length, ENTRIES_MAX))];
    const more =
      length > ENTRIES_MAX ? ` ... ${length - ENTRIES_MAX} more byte${length > ENTRIES_MAX + 1 ? 's' : ''}` : '';
    const bytes = shown.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    return [`[Uint8Contents]: <${bytes}${more}>`, `byteLength: ${length}`];
  }

  // One entry per kind of object: { base } stands alone when there is nothing else to show, { open } precedes the
  // brace, { lines } come before the properties.
  const SHAPES = {
    array(value, state, depth) {
      const { length } = value;
      const name = prefix(value, 'Array', length);
      return {
        open: name === `Array(${length}) ` ? '' : name,
        braces: '[]',
        lines: indexedLines(value, length, state, depth),
        keys: { indexed: true },
        bare: length > INDEXED_KEYS_MAX,
      };
    },
    typedarray(value, state, depth) {
      const length = typedArrayLength(value);
      const lines = indexedLines(value, length, state, depth);
      const name = constructorName(value) || tagOf(value);
      return {
        open: `${name}(${length}) `,
        braces: '[]',
        lines,
        keys: { indexed: true },
        bare: length > INDEXED_KEYS_MAX,
      };
    },
    map(value, state, depth) {
      const size = mapSize(value);
      const write = ([key, held]) => `${formatValue(key, state, depth + 1)} => ${formatValue(held, state, depth + 1)}`;
      return { open: prefix(value, 'Map', size), lines: collectionLines(mapEntries(value), size, state, write) };
    },
    set(value, state, depth) {
      const size = setSize(value);
      const write = (held) => formatValue(held, state, depth + 1);
      return { open: prefix(value, 'Set', size), lines: collectionLines(setValues(value), size, state, write) };
    },
    promise(value, state, depth) {
      const [settled, result] = promiseState(value);
      if (settled === 'pending') return { open: prefix(value, 'Promise'), lines: ['<pending>'] };
      const text = indented(state, () => formatValue(result, state, depth + 1));
      return { open: prefix(value, 'Promise'), lines: [settled === 'rejected' ? `<rejected> ${text}` : text] };
    },
    error(value, state, depth) {
      const lines = [];
      for (const key of ['cause', 'errors']) {
        const descriptor = getOwnPropertyDescriptor(value, key);
        if (descriptor !== undefined && !descriptor.enumerable) {
          lines.push(`[${key}]: ${formatSlot(descriptor, state, depth)}`);
        }
      }
      return { base: errorLabel(value, state), lines, keys: { hide: ['name', 'message', 'stack'] }, linesLast: true };
    },
    date: (value) => ({ base: Number.isNaN(dateTime(value)) ? 'Invalid Date' : dateIso(value) }),
    regexp: (value) => ({
      base: `/${regexpSource(value)}/${REGEXP_FLAGS.map(([flag, isSet]) => (isSet(value) ? flag : '')).join('')}`,
    }),
    function: (value) => ({ base: functionLabel(value) }),
    boxed(value, state) {
      const primitive = unbox(value);
      const type = typeof primitive;
      const name = type === 'bigint' ? 'BigInt' : type[0].toUpperCase() + type.slice(1);
      return { base: `[${name}: ${formatPrimitive(primitive, state)}]`, keys: { indexed: type === 'string' } };
    },
    arraybuffer: (value) => ({
      open: prefix(value, 'ArrayBuffer'),
      lines: bufferLines(value, arrayBufferLength(value)),
    }),
    sharedarraybuffer: (value) => ({
      open: prefix(value, 'SharedArrayBuffer'),
      lines: bufferLines(value, sharedBufferLength(value)),
    }),
    dataview(value, state, depth) {
      const line = (key, read) => `${key}: ${indented(state, () => formatValue(read(value), state, depth + 1))}`;
      const lines = [
        line('byteLength', dataViewLength),
        line('byteOffset', dataViewOffset),
        line('buffer', dataViewBuffer),
      ];
      return { open: prefix(value, 'DataView'), lines };
    },
    weakmap: (value) => ({ open: prefix(value, 'WeakMap'), lines: ['<items unknown>'] }),
    weakset: (value) => ({ open: prefix(value, 'WeakSet'), lines: ['<items unknown>'] }),
    arguments: () => ({ open: '[Arguments] ' }),
    object(value) {
      const exception = host.describeException?.(value);
      if (exception !== undefined) return { base: `DOMException [${exception.replace(':', ']:')}` };
      const fields = host.urlFields?.(value);
      if (fields !== undefined) {
        return { open: 'URL ', lines: Object.entries(fields).map(([key, text]) => `${key}: ${quote(text)}`) };
      }
      const pairs = host.searchParamsInternals?.pairsOf(value);
      if (pairs !== undefined) {
        return { open: 'URLSearchParams ', lines: pairs.map(([key, text]) => `${quote(key)} => ${quote(text)}`) };
      }
      const name = prefix(value, 'Object');
      return { open: name === 'Object ' ? '' : name };
    },
  };

  function join(shape, lines, state) {
    const [left, right] = shape.braces ?? '{}';
    const base = shape.base === undefined ? '' : `${shape.base} `;
    const open = shape.open ?? '';
    if (lines.length === 0) return shape.base ?? `${open}${left}${right}`;
    // Up to three levels share a line when they fit on it.
    const ends = open.length + left.length + (shape.base?.length ?? 0);
    const width = lines.reduce((sum, line) => sum + line.length + 2, ends);
    const oneLine = !base.includes('\n') && !lines.some((line) => line.includes('\n'));
    if (!state.expand && oneLine && state.deepest - state.depth < 3 && width + state.indent <= LINE_CHARS) {
      return `${base}${open}${left} ${lines.join(', ')} ${right}`;
    }
    const gap = `\n${' '.repeat(state.indent)}`;
    return `${base}${open}${left}${gap}  ${lines.join(`,${gap}  `)}${gap}${right}`;
  }

  // Marks an object that a `[Circular *n]` inside of it points back to.
  function withReference(shape, index) {
    return { ...shape, base: shape.base === undefined ? `<ref *${index}>` : `<ref *${index}> ${shape.base}` };
  }

  function isEmpty(value, type) {
    if (type === 'array' && value.length > 0) return false;
    return (type === 'array' || type === 'object') && !ownKeys(value).some((key) => propertyIsEnumerable(value, key));
  }

  function tooDeep(value, type) {
    const name = type === 'array' ? 'Array' : constructorName(value);
    return name === '' ? '[Object: null prototype]' : `[${name}]`;
  }

  function formatObject(value, state, depth) {
    const type = kind(value);
    if (type === 'proxy') return typeof value === 'function' ? '[Function (Proxy)]' : '[Proxy]';
    if (state.seen.includes(value)) {
      if (!state.circular.has(value)) state.circular.set(value, state.circular.size + 1);
      return `[Circular *${state.circular.get(value)}]`;
    }
    const shapeOf = SHAPES[type] ?? SHAPES.object;
    const leaf = ['function', 'date', 'regexp', 'boxed', 'error'].includes(type);
    if (depth > state.depthMax && !leaf && !isEmpty(value, type)) return tooDeep(value, type);
    const deepestBefore = state.deepest;
    state.seen.push(value);
    state.deepest = depth;
    const shape = shapeOf(value, state, depth);
    const lines = shape.lines ?? [];
    if (!shape.bare && (depth <= state.depthMax || !leaf)) {
      const properties = propertyLines(value, state, depth, shape.keys ?? {});
      if (shape.linesLast) lines.unshift(...properties);
      else lines.push(...properties);
    }
    state.seen.pop();
    state.depth = depth;
    if (lines.length === 0) state.deepest = deepestBefore;
    const index = state.circular.get(value);
    return join(index === undefined ? shape : withReference(shape, index), lines, state);
  }

  function formatValue(value, state, depth) {
    if (state.left <= 0) return '...';
    const object = value !== null && (typeof value === 'object' || typeof value === 'function');
    const text = object ? formatObject(value, state, depth) : formatPrimitive(value, state);
    state.left -= object ? 4 : text.length + 2;
    return text;
  }

  function truncate(text) {
    const cut = text.length - OUTPUT_CHARS_MAX;
    return cut > 0 ? `${text.slice(0, OUTPUT_CHARS_MAX)}... ${cut} more character${cut > 1 ? 's' : ''}` : text;
  }

  // `expand` puts every property on a line of its own and sorts them, for comparing two values line by line.
  function inspect(value, { depthMax = 2, expand = false } = {}) {
    const state = {
      depthMax,
      expand,
      indent: 0,
      depth: 0,
      deepest: 0,
      left: OUTPUT_CHARS_MAX,
      seen: [],
      circular: new Map(),
    };
    try {
      return truncate(formatValue(value, state, 0));
    } catch {
      return '[value that cannot be inspected]';
    }
  }

  return { inspect, formatNumber, truncate, unbox };
});
