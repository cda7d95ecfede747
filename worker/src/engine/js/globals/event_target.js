// Event and EventTarget (WHATWG DOM, section 2), without a tree: one target, no capturing or bubbling path.
(function installEventTarget(native, host) {
  'use strict';
  const { codedError, defineInterface, invalidArgument, invalidThis, missingArguments } = host;
  const { apply } = Reflect;

  const dictionary = (value, name) => {
    if (value === undefined || value === null) return {};
    if (typeof value === 'object' || typeof value === 'function') return value;
    throw invalidArgument(name, 'of type object', value);
  };

  class Event {
    #type;
    #bubbles;
    #cancelable;
    #composed;
    #target = null;
    #dispatching = false;
    #prevented = false;
    #stopped = false;
    #stoppedNow = false;
    #passive = false;

    constructor(type, options = undefined) {
      if (arguments.length === 0) throw missingArguments('type');
      const { bubbles, cancelable, composed } = dictionary(options, 'options');
      this.#type = `${type}`;
      this.#bubbles = Boolean(bubbles);
      this.#cancelable = Boolean(cancelable);
      this.#composed = Boolean(composed);
    }

    // Calls the listeners in turn; `visit` runs one and returns nothing.
    static dispatch(event, target, listeners, visit) {
      if (event.#dispatching) {
        throw codedError(Error, 'ERR_EVENT_RECURSION', `The event "${event.#type}" is already being dispatched`);
      }
      event.#dispatching = true;
      event.#target = target;
      for (const listener of listeners) {
        if (listener.removed) continue;
        event.#passive = listener.passive;
        visit(listener);
        event.#passive = false;
        if (event.#stoppedNow) break;
      }
      event.#dispatching = false;
      event.#stopped = event.#stoppedNow = false;
      return !event.#prevented;
    }
    static isEvent(value) {
      return value !== null && typeof value === 'object' && #type in value;
    }

    get type() {
      return this.#type;
    }
    get target() {
      return this.#target;
    }
    get srcElement() {
      return this.#target;
    }
    get currentTarget() {
      return this.#dispatching ? this.#target : null;
    }
    get bubbles() {
      return this.#bubbles;
    }
    get cancelable() {
      return this.#cancelable;
    }
    get composed() {
      return this.#composed;
    }
    get defaultPrevented() {
      return this.#prevented;
    }
    get returnValue() {
      return !this.#prevented;
    }
    get cancelBubble() {
      return this.#stopped;
    }
    set cancelBubble(value) {
      if (value) this.#stopped = true;
    }
    get eventPhase() {
      return this.#dispatching ? Event.AT_TARGET : Event.NONE;
    }
    get isTrusted() {
      void this.#type;
      return false;
    }
    // A clock here would make workflow code differ between the first run and a replay.
    get timeStamp() {
      void this.#type;
      return 0;
    }
    composedPath() {
      return this.#dispatching ? [this.#target] : [];
    }
    preventDefault() {
      if (this.#cancelable && !this.#passive) this.#prevented = true;
    }
    stopPropagation() {
      this.#stopped = true;
    }
    stopImmediatePropagation() {
      this.#stopped = this.#stoppedNow = true;
    }
  }

  const { dispatch, isEvent } = Event;
  for (const internal of ['dispatch', 'isEvent']) delete Event[internal];
  defineInterface(Event, 'Event');
  for (const [phase, value] of ['NONE', 'CAPTURING_PHASE', 'AT_TARGET', 'BUBBLING_PHASE'].entries()) {
    for (const target of [Event, Event.prototype]) {
      Object.defineProperty(target, value, { value: phase, enumerable: true });
    }
  }

  // A throwing listener must not stop the others. Its error becomes an unhandled rejection, which the engine turns
  // into a failure of the workflow task.
  function callListener({ callback }, event, target) {
    try {
      if (typeof callback === 'function') apply(callback, target, [event]);
      else callback.handleEvent(event);
    } catch (error) {
      Promise.reject(error);
    }
  }

  class EventTarget {
    #listeners = new Map(); // type -> listeners in order of registration

    addEventListener(type, callback, options = undefined) {
      void this.#listeners;
      if (arguments.length < 2) throw missingArguments('type', 'listener');
      const settings = typeof options === 'boolean' ? { capture: options } : dictionary(options, 'options');
      const { once, capture, passive, signal } = settings;
      if (callback === null || callback === undefined) return;
      if (typeof callback !== 'function' && typeof callback !== 'object') {
        throw invalidArgument('listener', 'an instance of EventListener', callback);
      }
      if (signal?.aborted) return;
      const key = `${type}`;
      const list = this.#listeners.get(key) ?? [];
      if (list.some((held) => held.callback === callback && held.capture === Boolean(capture))) return;
      const listener = { callback, once: Boolean(once), capture: Boolean(capture), passive: Boolean(passive) };
      this.#listeners.set(key, [...list, listener]);
      signal?.addEventListener('abort', () => this.#remove(key, listener), { once: true });
    }

    removeEventListener(type, callback, options = undefined) {
      void this.#listeners;
      if (arguments.length < 2) throw missingArguments('type', 'listener');
      const key = `${type}`;
      const capture = Boolean(typeof options === 'boolean' ? options : options?.capture);
      const found = this.#listeners.get(key)?.find((held) => held.callback === callback && held.capture === capture);
      if (found !== undefined) this.#remove(key, found);
    }

    dispatchEvent(event) {
      if (!(#listeners in this)) throw invalidThis('EventTarget');
      if (!isEvent(event)) throw invalidArgument('event', 'an instance of Event', event);
      return dispatch(event, this, this.#listeners.get(event.type) ?? [], (listener) => {
        if (listener.once) this.#remove(event.type, listener);
        callListener(listener, event, this);
      });
    }

    // Lists are replaced, never changed, so that a running dispatch keeps the one it began with.
    #remove(type, listener) {
      listener.removed = true;
      const rest = (this.#listeners.get(type) ?? []).filter((held) => held !== listener);
      if (rest.length === 0) this.#listeners.delete(type);
      else this.#listeners.set(type, rest);
    }
  }
  defineInterface(EventTarget, 'EventTarget');
  return { Event, EventTarget };
});
