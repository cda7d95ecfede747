// Every run sees the globals as the bundle left them, plus its own changes. Only the difference to that pristine state is
// kept for a run that is not executing, so a cached run costs what it changed and not a copy of the global object.
'use strict';
(function installGlobalsPerRun({ sandbox, prototypes }) {
  const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf, setPrototypeOf, hasOwn } = Object;
  const { ownKeys, deleteProperty } = Reflect;
  const { same } = prototypes;
  const NONE = Object.freeze([]);
  // Stands for the prototype of the global object among its keys.
  const PROTOTYPE = Symbol('prototype');
  const pristinePrototype = getPrototypeOf(sandbox);
  let pristine;
  let changed;
  let announced = false;
  let owner;

  // A global that its owner made non-configurable can be neither redefined nor deleted; it stays, as in the Node worker.
  function restore(key, descriptor) {
    try {
      if (key === PROTOTYPE) setPrototypeOf(sandbox, descriptor);
      else if (descriptor === undefined) deleteProperty(sandbox, key);
      else defineProperty(sandbox, key, descriptor);
    } catch {
      // See above.
    }
  }

  function capturePristine() {
    pristine = prototypes.descriptorsOf(sandbox);
    changed = prototypes.makeGuard(sandbox, getPrototypeOf(sandbox), pristine);
  }

  // Puts the pristine state back and returns what was different, as [key, descriptor or undefined][].
  function takeChanges() {
    if (!announced && !changed()) return NONE;
    announced = false;
    const changes = [];
    const prototype = getPrototypeOf(sandbox);
    if (prototype !== pristinePrototype) {
      changes.push([PROTOTYPE, prototype]);
      restore(PROTOTYPE, pristinePrototype);
    }
    for (const key of ownKeys(sandbox)) {
      const found = getOwnPropertyDescriptor(sandbox, key);
      const original = pristine.get(key);
      if (original !== undefined && same(found, original)) continue;
      changes.push([key, found]);
      restore(key, original);
    }
    for (const [key, original] of pristine) {
      if (hasOwn(sandbox, key)) continue;
      changes.push([key, undefined]);
      restore(key, original);
    }
    return changes;
  }

  // Something was defined on the global object that the guard cannot see.
  function announce() {
    announced = true;
  }

  // Takes globals and prototypes from whoever owns them. What nobody owns, such as a late microtask of a run that is
  // gone, leaves no trace either.
  function release() {
    if (pristine !== undefined) {
      // Prototypes first: a global that was deleted may seem to be there as long as they are changed.
      const shared = prototypes.takeChanges();
      const globals = takeChanges();
      if (owner !== undefined) Object.assign(owner, { changes: globals, prototypeChanges: shared });
    }
    owner = undefined;
  }

  // Makes `run` the owner of the globals; `run.changes` and `run.prototypeChanges` belong to this module.
  function switchTo(run) {
    if (owner === run) return;
    release();
    owner = run;
    if (run.changes?.length > 0) {
      announced = true;
      for (const [key, descriptor] of run.changes) restore(key, descriptor);
    }
    if (run.prototypeChanges !== undefined) prototypes.applyChanges(run.prototypeChanges);
    run.changes = undefined;
    run.prototypeChanges = undefined;
  }

  // Takes the globals from the run with this id, if it has them.
  function forget(runId) {
    if (owner?.runId === runId) release();
  }

  return {
    capturePristine,
    announce,
    switchTo,
    release,
    forget,
    isPristine: (key) => key === PROTOTYPE || pristine.has(key),
    pristineValues: () => [...pristine],
  };
});
