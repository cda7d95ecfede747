// URL and URLSearchParams against Node's own.
import assert from 'node:assert';
import test from 'node:test';
import { loadGlobals, outcome, seededRandom } from './globals.mjs';

const ours = loadGlobals();
const theirs = { URL, URLSearchParams };
const PARTS = 'href protocol username password host hostname port pathname search hash origin'.split(' ');

// Runs one script on both implementations and compares the results, or the errors.
function same(script, name = String(script)) {
  const [left, right] = [ours, theirs].map((globals) => outcome(() => JSON.stringify(script(globals))));
  assert.deepStrictEqual(left, right, name);
}

test('parts of parsed URLs', () => {
  const inputs = [
    ['https://user:pa%20ss@example.com:8080/a/../b?q=1&q=2#h'],
    ['HTTP://EXAMPLE.com:80'],
    ['../x', 'http://host/a/b/c'],
    ['?only', new ours.URL('http://host/p?old#h')],
    ['mailto:me@host'],
    ['file:///dir/x'],
    ['http://[::1]:3000/'],
    [{ toString: () => 'http://object/' }],
    ['not a url'],
    ['/relative'],
    ['http://a b/'],
    ['x', 'also no url'],
    [''],
    [undefined],
  ];
  for (const [input, base] of inputs) {
    same(({ URL }) => {
      const url = new URL(input, base);
      return PARTS.map((part) => url[part]).concat(String(url), url.toJSON());
    }, String(input));
    same(({ URL }) => URL.canParse(input, base), String(input));
  }
});

test('an invalid URL carries its input', () => {
  const { input, base } = (() => {
    try {
      return new ours.URL('bad', 'base');
    } catch (error) {
      return error;
    }
  })();
  assert.deepStrictEqual([input, base], ['bad', 'base']);
});

test('each part can be set, and an invalid value is ignored', () => {
  const values = ['', 'x', '8080', 'https', 'ftp:', 'a b', '?q', '#f', '/p', 'h:1', '\ud800', 'http://new/'];
  for (const part of PARTS) {
    for (const value of values) {
      same(({ URL }) => {
        const url = new URL('http://u:p@host:1/path?query#hash');
        url[part] = value;
        return url.href;
      }, `${part}=${value}`);
    }
  }
});

test('the URL and its searchParams follow each other', () => {
  same(({ URL }) => {
    const url = new URL('http://h/?a=1#f');
    const { searchParams } = url;
    const seen = [url.searchParams === searchParams];
    searchParams.append('b', 'x y&z');
    seen.push(url.href);
    url.search = '?c=3';
    seen.push([...searchParams]);
    searchParams.delete('c');
    seen.push(url.href, url.search);
    url.href = 'http://other/?d=4';
    seen.push([...searchParams]);
    url.search = '??e=5';
    seen.push([...searchParams], searchParams.toString());
    searchParams.sort();
    return seen.concat(url.href);
  });
  same(({ URL }) => [...new URL('http://h/??a=1').searchParams]);
});

test('shape of the classes', () => {
  for (const name of ['URL', 'URLSearchParams']) {
    const keys = (Class) => Object.keys(Class.prototype).sort();
    assert.deepStrictEqual(keys(ours[name]), keys(theirs[name]));
    assert.strictEqual(Object.prototype.toString.call(Object.create(ours[name].prototype)), `[object ${name}]`);
    same((globals) => globals[name].name + globals[name].length);
    assert.throws(() => globalThis.Reflect.apply(ours[name].prototype.toString, {}, []), { name: 'TypeError' });
    assert.throws(() => ours[name]('http://h'), { name: 'TypeError' });
  }
  same(({ URLSearchParams }) => URLSearchParams.prototype[Symbol.iterator] === URLSearchParams.prototype.entries);
  const url = new ours.URL('http://h');
  assert.deepStrictEqual(Reflect.ownKeys(url), []);
  assert.deepStrictEqual(Object.getOwnPropertyNames(ours.URL).sort(), [
    'canParse',
    'length',
    'name',
    'parse',
    'prototype',
  ]);
});

test('URL.parse gives null instead of an error', () => {
  assert.strictEqual(ours.URL.parse('no url'), null);
  assert.strictEqual(ours.URL.parse('x', 'http://h/a/').href, 'http://h/a/x');
});

test('URLSearchParams from every kind of argument', () => {
  const inputs = [
    undefined,
    null,
    '',
    '?a=1',
    '??a=1',
    'a=1&b=2&a=3&&=&c&=d',
    'a=%zz%4&b=%41+%C3%A9%ff&%F0%9F%98%80=\ud83d\ude00',
    'a=\ud800',
    { a: 1, b: undefined, c: ['x', 'y'] },
    { '\ud800': 1, '\ufffd': 2 },
    [
      ['a', 1],
      ['b', 2],
    ],
    [new Set(['a', 'b'])],
    new Map([['k', 'v']]),
    new ours.URLSearchParams('z=1'),
    [['a']],
    [['a', 'b', 'c']],
    ['ab'],
    [null],
    42,
    () => {},
    Object.assign(() => {}, { f: 1 }),
    { [Symbol.iterator]: 1 },
    { [Symbol.iterator]: undefined, a: 1 },
    { [Symbol('s')]: 1 },
    Symbol('s'),
  ];
  for (const input of inputs) same(({ URLSearchParams }) => [...new URLSearchParams(input)], String(input?.toString()));
});

test('methods with missing or wrong arguments', () => {
  for (const method of ['append', 'delete', 'get', 'getAll', 'has', 'set']) {
    same(({ URLSearchParams }) => new URLSearchParams('a=1')[method]());
    same(({ URLSearchParams }) => new URLSearchParams('a=1')[method]('a') ?? null);
  }
  same(({ URLSearchParams }) => new URLSearchParams('a=1').forEach('no function'));
});

test('iteration is live', () => {
  same(({ URLSearchParams }) => {
    const params = new URLSearchParams('a=1&b=2');
    const seen = [];
    for (const [name] of params) {
      seen.push(name);
      if (name === 'a') params.append('c', 3);
      if (name === 'b') params.delete('a');
    }
    params.forEach((value, name, owner) => void seen.push(value, name, owner === params));
    const keys = params.keys();
    return seen.concat(keys[Symbol.iterator]() === keys, Object.prototype.toString.call(keys), [...params.values()]);
  });
});

// Node 20 decodes a text that has escapes of which one is malformed byte by byte, and keeps only the low byte of each
// other character (`unescapeBuffer`): 'é%%41' reads as U+FFFD and 'A'. The URL standard keeps those characters, and so
// do we; there Node is no measure.
function nodeGarbles(query) {
  const parts = query.split('&').flatMap((pair) => pair.split(/=(.*)/s));
  return parts.some((part) => {
    if (!/%[0-9a-f]{2}/i.test(part) || !/[^\0-\x7f]/.test(part)) return false;
    try {
      decodeURIComponent(part);
      return false;
    } catch {
      return true;
    }
  });
}

test('characters beside a malformed escape are kept, as the URL standard says', () => {
  const entries = JSON.stringify([...new ours.URLSearchParams('=\u{10ffff}=%%41&é%ff=1')]);
  assert.strictEqual(entries, '[["","\u{10ffff}=%A"],["é\ufffd","1"]]');
  assert.ok(nodeGarbles('=\u{10ffff}=%%41') && nodeGarbles('é%ff=1') && !nodeGarbles('é%41&%ff&é%'));
});

test('random operations', () => {
  const random = seededRandom('URLSearchParams');
  const words = [
    'a',
    'b',
    'key',
    '',
    ' ',
    '+',
    '%',
    '%41',
    '&',
    '=',
    '#',
    '?',
    'é',
    '😀',
    '\ud800',
    "!'()~*-._",
    '\n',
    'ß',
    '\u{10ffff}',
  ];
  const word = () => random.pick(words) + random.pick(words);
  for (let round = 0; round < 500; round++) {
    const startWords = () =>
      Array.from({ length: random.below(5) }, () => random.pick([word(), `${word()}=${word()}`])).join('&');
    let start = startWords();
    while (nodeGarbles(start)) start = startWords();
    const steps = Array.from({ length: random.below(8) }, () => [
      random.pick(['append', 'delete', 'get', 'getAll', 'has', 'set', 'sort']),
      ...Array.from({ length: 2 }, () => random.pick([random.pick(words), word()])),
    ]);
    same(
      ({ URLSearchParams }) => {
        const params = new URLSearchParams(start);
        const results = steps.map(([method, ...args]) => params[method](...args));
        return [results, [...params], params.toString(), params.size];
      },
      `start ${JSON.stringify(start)} steps ${JSON.stringify(steps)}`
    );
  }
});
