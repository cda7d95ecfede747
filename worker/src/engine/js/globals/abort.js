// AbortController and AbortSignal (WHATWG DOM, section 3.1) and the DOMException that is the default reason.
(function installAbort(native, host) {
  'use strict';
  const { codedError, defineInterface, invalidArgument, Event, EventTarget } = host;

  // The legacy numeric codes that Web IDL still assigns to the two names used here.
  const CODES = { AbortError: 20, TimeoutError: 23 };

  class DOMException {
    #name;
    #message;
    constructor(message = '', name = 'Error') {
      this.#message = `${message}`;
      this.#name = `${typeof name === 'object' && name !== null ? (name.name ?? 'Error') : name}`;
      Error.captureStackTrace?.(this, DOMException);
    }
    static describe(value) {
      return #name in value ? `${typeof value.stack === 'string' ? value.stack : value}` : undefined;
    }
    get name() {
      return this.#name;
    }
    get message() {
      return this.#message;
    }
    get code() {
      return CODES[this.#name] ?? 0;
    }
  }
  const { describe } = DOMException;
  delete DOMException.describe;
  Object.setPrototypeOf(DOMException.prototype, Error.prototype);
  defineInterface(DOMException, 'DOMException');

  const abortError = () => new DOMException('This operation was aborted', 'AbortError');
  let mayConstruct = false; // signals are made by controllers and by the static methods alone

  class AbortSignal extends EventTarget {
    #aborted = false;
    #reason = undefined;
    #handler = null;
    #dependents = new Set();

    constructor() {
      if (!mayConstruct) throw codedError(TypeError, 'ERR_ILLEGAL_CONSTRUCTOR', 'Illegal constructor');
      super();
    }

    static create() {
      mayConstruct = true;
      try {
        return new AbortSignal();
      } finally {
        mayConstruct = false;
      }
    }

    // Marks every signal first and only then runs listeners, so that all of them see the final state.
    static trigger(signal, reason) {
      if (signal.#aborted) return;
      const marked = [];
      AbortSignal.#mark(signal, reason, marked);
      for (const each of marked) each.dispatchEvent(new Event('abort'));
    }
    static #mark(signal, reason, marked) {
      if (signal.#aborted) return;
      signal.#aborted = true;
      signal.#reason = reason;
      marked.push(signal);
      for (const dependent of signal.#dependents) AbortSignal.#mark(dependent, reason, marked);
      signal.#dependents.clear();
    }

    static abort(reason = abortError()) {
      const signal = create();
      signal.#aborted = true;
      signal.#reason = reason;
      return signal;
    }

    static any(signals) {
      const sources = [...signals];
      for (const [index, source] of sources.entries()) {
        if (source === null || typeof source !== 'object' || !(#aborted in source)) {
          throw invalidArgument(`signals[${index}]`, 'an instance of AbortSignal', source);
        }
      }
      const result = create();
      const done = sources.find((source) => source.#aborted);
      if (done !== undefined) {
        result.#aborted = true;
        result.#reason = done.#reason;
      } else {
        for (const source of sources) source.#dependents.add(result);
      }
      return result;
    }

    static timeout() {
      throw new Error('AbortSignal.timeout is not available in workflow code: use sleep() and an AbortController');
    }

    get aborted() {
      return this.#aborted;
    }
    get reason() {
      return this.#reason;
    }
    throwIfAborted() {
      if (this.#aborted) throw this.#reason;
    }
    get onabort() {
      return this.#handler?.callback ?? null;
    }
    set onabort(callback) {
      if (this.#handler !== null) this.removeEventListener('abort', this.#handler.listener);
      this.#handler = null;
      if (typeof callback !== 'function') return;
      this.#handler = { callback, listener: (event) => Reflect.apply(callback, this, [event]) };
      this.addEventListener('abort', this.#handler.listener);
    }
  }
  const { create, trigger } = AbortSignal;
  for (const internal of ['create', 'trigger']) delete AbortSignal[internal];
  defineInterface(AbortSignal, 'AbortSignal');

  class AbortController {
    #signal = create();
    get signal() {
      return this.#signal;
    }
    abort(reason = abortError()) {
      trigger(this.#signal, reason);
    }
  }
  defineInterface(AbortController, 'AbortController');
  return { AbortController, AbortSignal, DOMException, describeException: describe };
});
