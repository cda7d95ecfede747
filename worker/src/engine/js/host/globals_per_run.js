// Every run sees the globals as the bundle left them, plus its own changes. Only the difference to that pristine state is
// kept for a run that is not executing, so a cached run costs what it changed and not a copy of the global object.
'use strict';
(function installGlobalsPerRun({ sandbox }) {
  const { defineProperty, getOwnPropertyDescriptor } = Object;
  const { ownKeys, deleteProperty } = Reflect;
  let pristine = new Map();
  let owner;

  const same = (a, b) =>
    a.value === b.value &&
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

  // Makes `run` the owner of the globals; `run.changes` belongs to this module.
  function switchTo(run) {
    if (owner === run) return;
    if (owner !== undefined) owner.changes = takeChanges();
    owner = run;
    if (run === undefined || run.changes === undefined) return;
    for (const [key, descriptor] of run.changes) restore(key, descriptor);
    run.changes = undefined;
  }

  // Forgets a run that is gone, with everything that it put on the global object.
  function forget(run) {
    if (owner !== run) return;
    takeChanges();
    owner = undefined;
  }

  return { capturePristine, switchTo, forget, pristineValues: () => [...pristine] };
});
