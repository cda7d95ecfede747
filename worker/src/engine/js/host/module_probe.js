// Evaluates modules without a run, and notes what each of them needs of one: the clock, random numbers, anything else of a run.
// A module that needs nothing is the same for every run.
'use strict';
(function installModuleProbe({ native, global, current, modules, promiseTraces, stackTrace }) {
  const { ownKeys } = Reflect;
  const READS = { currentRandom: 'reads random numbers', random: 'reads random numbers' };

  // Stands for whatever a module wants of a run, so that those after it are evaluated too. What comes of it is thrown away.
  const anything = new Proxy(function () {}, {
    get: (_target, key) => (key === Symbol.toPrimitive ? () => '' : anything),
    apply: () => anything,
    construct: () => anything,
  });

  // Runs `body(require)` while its modules are kept in `evaluated`, at a time of the clock; what was seen of them.
  function observe(evaluated, clockMs, body) {
    const seen = {
      order: [],
      imports: new Map(),
      reasons: new Map(),
      clock: new Set(),
      definers: new Set(),
      threw: undefined,
      activator: undefined,
    };
    // Modules that are being evaluated, each within the one before.
    const stack = [];
    let requireName = '__webpack_require__';
    const depth = () => native.framesNamed(requireName);

    function note(reason) {
      const id = stack[depth() - 1] ?? stack.at(-1);
      if (!seen.reasons.has(id)) seen.reasons.set(id, reason);
    }

    // Which module has defined a global since the last look.
    let globalsCount = ownKeys(global).length;
    function lookAtGlobals(id) {
      const count = ownKeys(global).length;
      if (count !== globalsCount) seen.definers.add(id);
      globalsCount = count;
    }

    const cache = {
      get(id) {
        const importer = stack[depth() - 2];
        lookAtGlobals(importer ?? stack.at(-1));
        if (importer !== undefined) seen.imports.get(importer).add(id);
        return evaluated.get(id);
      },
      set(id, module) {
        const at = depth() - 1;
        stack.length = at;
        stack[at] = id;
        seen.order.push(id);
        seen.imports.set(id, new Set());
        evaluated.set(id, module);
      },
      delete(id) {
        seen.reasons.set(id, 'throws while it is evaluated');
        evaluated.delete(id);
      },
    };
    seen.activator = new Proxy(
      {},
      {
        get(_target, key) {
          if (key === 'now') {
            seen.clock.add(stack[depth() - 1] ?? stack.at(-1));
            return clockMs;
          }
          note(READS[key] ?? `needs a run (${String(key)})`);
          return key in READS ? () => 0.5 : anything;
        },
        set(_target, key) {
          note(`changes a run (${String(key)})`);
          return true;
        },
      }
    );
    const before = current.activator;
    current.activator = seen.activator;
    // A promise that comes of another one is waited for.
    native.setPromiseHooks(global, (_promise, parent) => parent !== undefined && note('waits for a promise'));
    // The frames below a module are those of who evaluates it.
    stackTrace.watchReads(() => note('reads a stack'));
    try {
      modules.evaluateFor(cache, (require) => {
        requireName = require.name;
        body(require);
      });
      lookAtGlobals(stack.at(-1));
    } catch (error) {
      seen.threw = error;
    } finally {
      stackTrace.watchReads(undefined);
      native.setPromiseHooks(global);
      promiseTraces?.watch(global, current);
      current.activator = before;
    }
    return seen;
  }

  return { observe };
});
