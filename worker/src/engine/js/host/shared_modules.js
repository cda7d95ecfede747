// Modules of the bundle that all runs of the context share. They are evaluated once, without a run. What a run changes in their
// objects and variables belongs to that run: it is taken back when another run is entered, and made again when its run comes back.
// Nothing is frozen or wrapped; what was changed is found by comparing every word with a copy (`engine/sharing`).
//
// A module that needs a run while it is evaluated, or that holds what cannot be put back, is evaluated for every run, and so is
// every module that imports it.
'use strict';
(function installSharedModules({ native, global, globals, modules, probe, state, weak, sandboxGlobals, audit }) {
  const ATTEMPTS_MAX = 10;
  // Two times that no module has by itself, one before every run and one after it, to tell what a module makes of the clock.
  const CLOCKS_MS = [946_684_800_123, 4_102_444_800_456];
  const { getPrototypeOf } = Object;
  let sharedObjects = new WeakSet();
  let instance;
  let nextId = 1;
  let owner;
  // Why modules are evaluated per run, by id; '' stands for the whole bundle.
  const perRun = new Map();
  let off;
  let making = false;
  let moving = false;
  let stateful;

  function seal() {
    stateful = new Set(sandboxGlobals.statefulPrototypes(global));
    if (!native.noteKnown(global)) off = 'this build of V8 is not laid out as expected';
    weak.watch((object) => sharedObjects.has(object));
  }

  // Modules that import one that is evaluated per run are too.
  function close({ order, imports, reasons, definers }) {
    for (const [id, reason] of reasons) if (!perRun.has(id)) perRun.set(id, reason);
    // Globals of shared modules are there before any other module is evaluated.
    const first = order.findIndex((id) => perRun.has(id));
    for (const id of definers) {
      if (first >= 0 && order.indexOf(id) > first && !perRun.has(id))
        perRun.set(id, `defines a global after ${order[first]}`);
    }
    for (let grown = true; grown; ) {
      grown = false;
      for (const id of order) {
        const cause = perRun.has(id) ? undefined : [...imports.get(id)].find((imported) => perRun.has(imported));
        if (cause === undefined) continue;
        perRun.set(id, `imports ${cause}`);
        grown = true;
      }
    }
  }

  // Evaluates by `body` without a run; what was seen, the modules, and what it did to globals.
  function evaluate(clockMs, body) {
    const evaluated = new Map();
    const visitor = { changes: undefined, prototypeChanges: undefined };
    globals.switchTo(visitor);
    const seen = probe.observe(evaluated, clockMs, body);
    globals.release();
    return { seen, evaluated, globals: visitor.changes ?? [], prototypes: visitor.prototypeChanges };
  }

  const importAll = () => {
    global.__TEMPORAL__.importWorkflows();
    global.__TEMPORAL__.importInterceptors();
  };

  // What stands against sharing anything at all.
  function objection({ seen, prototypes, globals: changes }) {
    if (seen.threw !== undefined) return `a module throws: ${seen.threw}`;
    if (prototypes !== undefined) return 'modules change built-ins while they are evaluated';
    if (changes.some(([key]) => globals.isPristine(key))) return 'modules change globals while they are evaluated';
    return undefined;
  }

  function make() {
    const { seen: everything, ...rest } = evaluate(CLOCKS_MS[0], importAll);
    off = objection({ seen: everything, ...rest });
    if (off !== undefined) return undefined;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      close(everything);
      const ids = everything.order.filter((id) => !perRun.has(id));
      if (ids.length === 0) break;
      const made = makeOf(ids);
      if (made !== undefined || off !== undefined) return made;
    }
    off = 'no module can be shared';
    return undefined;
  }

  // An instance of these modules, or none if it is known by now why one of them, or all, cannot be shared.
  function makeOf(ids) {
    const at = (clockMs) => {
      const found = evaluate(clockMs, (require) => ids.forEach((id) => require(id)));
      off = objection(found);
      return off === undefined ? { found, made: adopt(found) } : {};
    };
    const { found, made } = at(CLOCKS_MS[0]);
    if (made === undefined || found.seen.clock.size === 0) return made;
    // Modules that read the clock are shared if all they do with it is to keep it.
    const { made: other } = at(CLOCKS_MS[1]);
    if (other === undefined) return undefined;
    const clock = clockOf(made, other);
    native.dropShared(made.id);
    if (Array.isArray(clock)) return Object.assign(other, { clock });
    const readers = clock === undefined ? found.seen.clock : [clock];
    for (const id of readers) perRun.set(id, found.seen.clock.has(id) ? 'reads the clock' : 'depends on the clock');
    return undefined;
  }

  // The variables in which two instances hold their clocks. Where they differ otherwise, the id of the module if it is known.
  function clockOf(a, b) {
    if (a.receivers.length !== b.receivers.length) return undefined;
    const place = a.snapshots.findIndex((snapshot, index) => !state.alike(snapshot, b.snapshots[index]));
    if (place >= 0) return b.ids[b.places[place]];
    const found = native.clockVariables(a.id, b.id, ...CLOCKS_MS);
    return typeof found === 'number' ? b.ids[b.contexts[found]] : found;
  }

  // Makes an instance of what was evaluated, or notes in `perRun` why it cannot be one.
  function adopt({ seen, evaluated, globals: changes }) {
    const ids = importedFirst(seen);
    const roots = [...ids.map((id) => evaluated.get(id)), changes];
    const before = perRun.size;
    let [receivers, places, refused] = native.findShared(roots);
    const errors = receivers.some((object) => native.kind(object) === 'error');
    for (let at = 0; at < refused.length && !errors; at += 2) {
      perRun.set(ids[refused[at]], `holds ${describe(refused[at + 1])}`);
    }
    receivers.forEach((object, at) => {
      // Its stack tells who evaluated the module, and leads to what it was called with.
      if (native.kind(object) === 'error') perRun.set(ids[places[at]], 'keeps an error');
      else if (errors) return;
      else if (object === seen.activator) perRun.set(ids[places[at]], 'keeps its run');
      else if (native.kind(object) !== 'proxy' && stateful.has(getPrototypeOf(object)))
        perRun.set(ids[places[at]], `holds ${describe(object)}`);
    });
    if (perRun.size > before) return undefined;
    receivers.forEach(state.complete);
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      let contexts;
      [receivers, places, , contexts] = native.findShared(roots);
      for (const object of receivers) sharedObjects.add(object);
      const snapshots = receivers.map(state.snapshot);
      const id = nextId++;
      if (!native.copyShared(id, roots, receivers)) continue;
      return { id, modules: evaluated, ids, places, contexts, receivers, snapshots, changes, spoiled: false };
    }
    return undefined;
  }

  // Modules with those that they import in front of them: what several lead to belongs to the one that it comes from.
  function importedFirst({ order, imports }) {
    const ordered = new Set();
    const entered = new Set();
    const pending = [...order].reverse();
    while (pending.length > 0) {
      const id = pending.at(-1);
      const before = entered.has(id)
        ? []
        : [...imports.get(id)].filter((other) => imports.has(other) && !entered.has(other));
      entered.add(id);
      if (before.length > 0) pending.push(...before.reverse());
      else ordered.add(pending.pop());
    }
    return [...ordered];
  }

  const describe = (object) => {
    const name = native.kind(object);
    return name === 'object' ? Object.prototype.toString.call(object).slice(8, -1) : name;
  };

  // Takes back what was changed since the pristine state, and returns it.
  function takeChanges() {
    const entries = weak.takeChanges();
    const found = native.changedShared(instance.id);
    if (found === undefined) return entries && { entries, objects: [], variables: undefined };
    const [places, variables] = found;
    const objects = [];
    for (const place of places) {
      const difference = state.difference(instance.receivers[place], instance.snapshots[place]);
      if (difference === undefined) continue;
      if (difference.irrevocable) return spoil(place);
      objects.push([place, difference]);
    }
    for (const [place, difference] of objects) {
      state.putBack(instance.receivers[place], difference, instance.snapshots[place]);
    }
    if (variables !== undefined) native.setVariables(instance.id, variables, true);
    if (!native.settleShared(instance.id)) return spoil();
    if (audit) auditAll();
    return { entries, objects, variables };
  }

  // Every shared object is as it was when it was evaluated; anything else is a defect of this host.
  function auditAll() {
    instance.receivers.forEach((object, place) => {
      const snapshot = instance.snapshots[place];
      const difference = snapshot && state.difference(object, snapshot);
      if (difference === undefined) return;
      const what = JSON.stringify(Object.keys(difference));
      throw new Error(
        `A run left ${what} changed in a shared ${describe(object)} of ${instance.ids[instance.places[place]]}`
      );
    });
  }

  function applyChanges({ entries, objects, variables }) {
    for (const [place, difference] of objects) state.put(instance.receivers[place], difference);
    if (variables !== undefined) native.setVariables(instance.id, variables, false);
    if (entries !== undefined) weak.applyChanges(entries);
  }

  // A run has changed what cannot be put back: no other run may see this instance. Its runs are replayed with another one.
  function spoil(place) {
    if (place === undefined) off = 'a change of a module could not be taken back';
    else perRun.set(instance.ids[instance.places[place]], 'a run changed it for good');
    giveUp();
    return undefined;
  }

  function giveUp() {
    instance.spoiled = true;
    native.dropShared(instance.id);
    instance = undefined;
    sharedObjects = new WeakSet();
  }

  function release() {
    // Stopped in the middle, by the watchdog or for lack of memory: whose changes are in place is not known any more.
    if (moving && instance !== undefined) giveUp();
    if (instance !== undefined) {
      moving = true;
      const changes = takeChanges();
      if (owner !== undefined) owner.moduleChanges = changes;
    }
    moving = false;
    owner = undefined;
  }

  // Makes `run` the one whose changes are in place.
  function switchTo(run) {
    if (owner === run) return;
    release();
    if (run.modules === undefined || run.modules.spoiled) return;
    owner = run;
    moving = true;
    modules.use(run.modules.modules);
    if (run.clock !== undefined) native.setClock(instance.id, instance.clock, run.clock);
    run.clock = undefined;
    if (run.moduleChanges !== undefined) applyChanges(run.moduleChanges);
    run.moduleChanges = undefined;
    moving = false;
  }

  // The instance for a new run, whose globals get what the modules have defined.
  function open(run, nowMs) {
    release();
    if (off === undefined && instance === undefined) {
      // An evaluation that was stopped is not tried again: the run that it was stopped in tells why.
      if (making) off = 'the evaluation of the modules was stopped';
      making = true;
      instance = off === undefined ? make() : undefined;
      making = false;
      native.reportSharing(off, instance?.ids.length ?? 0, instance?.receivers.length ?? 0, [...perRun].flat());
    }
    run.modules = instance;
    modules.use(instance?.modules ?? new Map());
    run.clock = instance?.clock?.length > 0 ? nowMs : undefined;
    if (instance !== undefined && instance.changes.length > 0) run.changes = [...instance.changes];
  }

  function forget(runId) {
    if (owner?.runId === runId) release();
  }

  function check(run) {
    if (run.modules?.spoiled) {
      throw new Error(
        'The shared modules of the run were given up, because of another run: it is replayed with other ones'
      );
    }
  }

  return { seal, open, switchTo, release, forget, check };
});
