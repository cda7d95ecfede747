// AbortController, AbortSignal, Event and EventTarget against Node's own.
import assert from 'node:assert';
import test from 'node:test';
import { describeError, loadGlobals, outcome } from './globals.mjs';

const ours = loadGlobals();
const theirs = { AbortController, AbortSignal, DOMException, Event, EventTarget };

function same(script) {
  const [left, right] = [ours, theirs].map((globals) => outcome(() => JSON.stringify(script(globals))));
  assert.deepStrictEqual(left, right);
}

test('aborting tells listeners once and keeps the first reason', () => {
  same(({ AbortController }) => {
    const controller = new AbortController();
    const seen = [controller.signal.aborted, controller.signal.reason === undefined];
    controller.signal.addEventListener('abort', (event) =>
      seen.push(event.type, event.target === controller.signal, controller.signal.aborted)
    );
    controller.signal.onabort = function () {
      seen.push(this === controller.signal);
    };
    controller.abort('first');
    controller.abort('second');
    return [...seen, controller.signal.reason, controller.signal === controller.signal];
  });
});

test('the default reason', () => {
  same(({ AbortController, DOMException }) => {
    const controller = new AbortController();
    controller.abort();
    const { reason } = controller.signal;
    return [describeError(reason), reason instanceof DOMException, String(reason), Object.keys(reason)];
  });
  const controller = new ours.AbortController();
  controller.abort();
  assert.match(controller.signal.reason.stack, /^AbortError: This operation was aborted\n {4}at /);
});

test('throwIfAborted, AbortSignal.abort and AbortSignal.any', () => {
  same(({ AbortSignal }) => AbortSignal.abort('r').throwIfAborted());
  same(({ AbortSignal }) => describeError(AbortSignal.abort().reason));
  same(({ AbortController, AbortSignal }) => {
    const [first, second] = [new AbortController(), new AbortController()];
    const any = AbortSignal.any([first.signal, second.signal]);
    const seen = [any.aborted];
    any.addEventListener('abort', () => seen.push('any', any.reason));
    second.abort(2);
    first.abort(1);
    return [...seen, any.aborted, AbortSignal.any([second.signal]).reason, AbortSignal.any([]).aborted];
  });
  assert.throws(() => ours.AbortSignal.any([{}]), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => ours.AbortSignal.timeout(1), /not available in workflow code/);
});

test('a signal cannot be made directly, and methods want their receiver', () => {
  same(({ AbortSignal }) => new AbortSignal());
  assert.throws(() => Reflect.apply(ours.AbortController.prototype.abort, {}, []), { name: 'TypeError' });
});

test('onabort can be replaced and removed', () => {
  same(({ AbortController }) => {
    const { signal } = new AbortController();
    const seen = [signal.onabort];
    const controller = new AbortController();
    const target = controller.signal;
    target.onabort = () => seen.push('old');
    target.onabort = () => seen.push('new');
    controller.abort();
    target.onabort = null;
    return [...seen, target.onabort];
  });
});

test('listeners: order, duplicates, once, objects, removal, signal', () => {
  same(({ AbortController, Event, EventTarget }) => {
    const target = new EventTarget();
    const seen = [];
    const first = () => seen.push('first');
    const object = {
      handleEvent(event) {
        seen.push(this === object, event.type);
      },
    };
    const controller = new AbortController();
    target.addEventListener('go', first);
    target.addEventListener('go', first);
    target.addEventListener('go', first, true);
    target.addEventListener('go', object);
    target.addEventListener('go', () => seen.push('once'), { once: true });
    target.addEventListener('go', () => seen.push('until aborted'), { signal: controller.signal });
    target.addEventListener('go', null);
    target.dispatchEvent(new Event('go'));
    seen.push('|');
    controller.abort();
    target.removeEventListener('go', first);
    target.dispatchEvent(new Event('go'));
    seen.push('|');
    target.removeEventListener('go', first, { capture: true });
    target.removeEventListener('go', object);
    target.dispatchEvent(new Event('go'));
    return seen;
  });
});

test('listeners added or removed while an event runs', () => {
  same(({ Event, EventTarget }) => {
    const target = new EventTarget();
    const seen = [];
    const late = () => seen.push('late');
    const gone = () => seen.push('gone');
    target.addEventListener('go', () => {
      seen.push('first');
      target.removeEventListener('go', gone);
    });
    target.addEventListener('go', gone);
    target.dispatchEvent(new Event('go'));
    target.addEventListener('go', late);
    target.dispatchEvent(new Event('go'));
    return seen;
  });
});

test('events: options, prevention and stopping', () => {
  same(({ Event, EventTarget }) => {
    const target = new EventTarget();
    const seen = [];
    target.addEventListener('go', (event) => {
      seen.push(event.currentTarget === target, event.eventPhase, event.composedPath().length);
      if (event.cancelable) event.preventDefault();
      event.stopImmediatePropagation();
    });
    target.addEventListener('go', () => seen.push('never'));
    for (const cancelable of [true, false]) {
      const event = new Event('go', { cancelable, bubbles: true, composed: 1 });
      seen.push(target.dispatchEvent(event), event.defaultPrevented, event.returnValue, event.bubbles, event.composed);
      seen.push(event.currentTarget, event.target === target, event.eventPhase, event.composedPath().length);
    }
    return seen;
  });
  for (const script of [
    ({ Event }) => new Event(),
    ({ Event }) => new Event(12).type,
    ({ EventTarget }) => new EventTarget().addEventListener('x'),
    ({ EventTarget }) => new EventTarget().dispatchEvent({ type: 'x' }),
  ]) {
    same((globals) => {
      try {
        return script(globals);
      } catch (error) {
        return [error.name, error.code];
      }
    });
  }
});

test('a passive listener cannot prevent', () => {
  const target = new ours.EventTarget();
  target.addEventListener('go', (event) => event.preventDefault(), { passive: true });
  assert.strictEqual(target.dispatchEvent(new ours.Event('go', { cancelable: true })), true);
});

test('time does not leak into events', () => {
  assert.strictEqual(new ours.Event('x').timeStamp, 0);
});

test('a throwing listener does not stop the others and surfaces as an unhandled rejection', async () => {
  const unhandled = new Promise((resolve) => {
    const held = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.once('unhandledRejection', (reason) => {
      for (const listener of held) process.on('unhandledRejection', listener);
      resolve(reason);
    });
  });
  const target = new ours.EventTarget();
  const seen = [];
  target.addEventListener('go', () => {
    throw new Error('from the listener');
  });
  target.addEventListener('go', () => seen.push('second'));
  target.dispatchEvent(new ours.Event('go'));
  assert.deepStrictEqual(seen, ['second']);
  assert.strictEqual((await unhandled).message, 'from the listener');
});
