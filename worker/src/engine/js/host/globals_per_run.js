// Every run sees the globals as the bundle left them, plus its own changes. Only the difference to that pristine state is
// kept for a run that is not executing, so a cached run costs what it changed and not a copy of the global object.
'use strict';
(function installGlobalsPerRun({ sandbox }) {
  const { defineProperty, getOwnPropertyDescriptor } = Object;
  const { ownKeys, deleteProperty } = Reflect;
  let pristine;
  let owner;

  // `Object.is`, because the global NaN is no change either.
  const same = (a, b) =>
    Object.is(a.value, b.value) &&
    a.get === b.get &&
    a.set === b.set &&
    a.writable === b.writable &&
    a.enumerable === b.enumerable &&
    a.configurable === b.configurable;

  // A global that its owner made non-configurable can be neither redefined nor deleted; it stays, as in the Node worker.
  function restore(key, descriptor) {
    try {
      if (descriptor === undefined) deleteProperty(sandbox, key);
      else defineProperty(sandbox, key, descriptor);
    } catch {
      // See above.
    }
  }

  function capturePristine() {
    pristine = new Map();
    for (const key of ownKeys(sandbox)) pristine.set(key, getOwnPropertyDescriptor(sandbox, key));
  }

  // Puts the pristine state back and returns what was different, as [key, descriptor or undefined][].
  function takeChanges() {
    const changes = [];
    let seen = 0;
    for (const key of ownKeys(sandbox)) {
      const found = getOwnPropertyDescriptor(sandbox, key);
      const original = pristine.get(key);
      if (original !== undefined) seen++;
      if (original !== undefined && same(found, original)) continue;
      changes.push([key, found]);
      restore(key, original);
    }
    if (seen < pristine.size) {
      for (const [key, original] of pristine) {
        if (getOwnPropertyDescriptor(sandbox, key) !== undefined) continue;
        changes.push([key, undefined]);
        restore(key, original);
      }
    }
    return changes;
  }

  // Takes the globals from whoever owns them. What nobody owns, such as a late microtask of a run that is gone, leaves
  // no trace either.
  function release() {
    const changes = pristine === undefined ? undefined : takeChanges();
    if (owner !== undefined) owner.changes = changes;
    owner = undefined;
  }

  // Makes `run` the owner of the globals; `run.changes` belongs to this module.
  function switchTo(run) {
    if (owner === run) return;
    release();
    owner = run;
    if (run.changes === undefined) return;
    for (const [key, descriptor] of run.changes) restore(key, descriptor);
    run.changes = undefined;
  }

  // Takes the globals from the run with this id, if it has them.
  function forget(runId) {
    if (owner?.runId === runId) release();
  }

  return { capturePristine, switchTo, forget, pristineValues: () => [...pristine] };
});
