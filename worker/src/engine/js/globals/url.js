// URL (WHATWG URL, section 6.1). Parsing is native; this is the interface around it.
(function installUrl(native, host) {
  'use strict';
  const { urlParse, urlSet } = native;
  const { codedError, defineInterface, missingArguments, searchParamsInternals } = host;
  const { linkedTo, reset } = searchParamsInternals;

  // The order in which urlParse and urlSet return the components.
  const PARTS = [
    'href',
    'protocol',
    'username',
    'password',
    'host',
    'hostname',
    'port',
    'pathname',
    'search',
    'hash',
    'origin',
  ];
  const [HREF, , , , , , , , SEARCH] = PARTS.keys();

  function invalidUrl(input, base) {
    const error = codedError(TypeError, 'ERR_INVALID_URL', 'Invalid URL');
    error.input = input;
    if (base !== undefined) error.base = base;
    return error;
  }

  class URL {
    #parts;
    #params = undefined;

    constructor(input, base = undefined) {
      if (arguments.length === 0) throw missingArguments('url');
      const text = `${input}`;
      const baseText = base === undefined ? undefined : `${base}`;
      this.#parts = urlParse(text, baseText);
      if (this.#parts === null) throw invalidUrl(text, baseText);
    }

    static canParse(input, base = undefined) {
      if (arguments.length === 0) throw missingArguments('url');
      return urlParse(`${input}`, base === undefined ? undefined : `${base}`) !== null;
    }

    static parse(input, base = undefined) {
      return URL.canParse(input, base) ? new URL(input, base) : null;
    }

    static partsOf(url) {
      return #parts in url ? url.#parts : undefined;
    }
    static read(url, index) {
      return url.#parts[index];
    }
    static write(url, index, value) {
      void url.#parts;
      const text = `${value}`;
      const parts = urlSet(url.#parts[HREF], PARTS[index], text);
      if (parts === null) {
        if (index === HREF) throw invalidUrl(text, undefined);
        return;
      }
      url.#parts = parts;
      if (url.#params !== undefined && (index === HREF || index === SEARCH)) {
        reset(url.#params, parts[SEARCH].slice(1));
      }
    }

    get searchParams() {
      void this.#parts;
      // The query goes through without its `?`, which linkedTo would otherwise strip from a query that begins with one.
      this.#params ??= linkedTo(`?${this.#parts[SEARCH].slice(1)}`, (query) => {
        this.#parts = urlSet(this.#parts[HREF], 'search', query) ?? this.#parts;
      });
      return this.#params;
    }
    toString() {
      return this.#parts[HREF];
    }
    toJSON() {
      return this.#parts[HREF];
    }
  }

  const { partsOf, read, write } = URL;
  for (const internal of ['partsOf', 'read', 'write']) delete URL[internal];
  for (const [index, part] of PARTS.entries()) {
    // Written as object accessors so that the functions carry the names `get href` and `set href`.
    const accessor = {
      get [part]() {
        return read(this, index);
      },
      set [part](value) {
        write(this, index, value);
      },
    };
    const { get, set } = Object.getOwnPropertyDescriptor(accessor, part);
    Object.defineProperty(URL.prototype, part, {
      get,
      set: part === 'origin' ? undefined : set,
      configurable: true,
      enumerable: true,
    });
  }
  defineInterface(URL, 'URL');
  const urlFields = (url) => {
    const parts = partsOf(url);
    return parts && Object.fromEntries(PARTS.map((part, index) => [part, parts[index]]));
  };
  return { URL, urlFields };
});
