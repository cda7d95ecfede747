// Calls every function of a realm with shared objects as its receiver and as its arguments. Whatever it changes of them has to be
// found by the comparison, and to be undone.

(function checkEveryFunction({ native, state, sandbox }) {
  const SAMPLES = `({
    object: { x: 1, y: [1] },
    bare: Object.create(null),
    array: [3, 1, 2],
    doubles: [2.5, 1.5],
    holey: [, 1, , 2],
    sparse: Object.assign([], { 100000: 1 }),
    map: new Map([['x', 1], [1, 2]]),
    set: new Set(['x', 1]),
    date: new Date(86400000),
    pattern: /x/g,
    sticky: /1/y,
    bytes: new Uint8Array([3, 1, 2]),
    floats: new Float64Array([2.5, 1.5]),
    bigints: new BigInt64Array([2n, 1n]),
    buffer: new ArrayBuffer(8),
    view: new DataView(new ArrayBuffer(8)),
    part: new Uint8Array(new ArrayBuffer(16), 4, 4),
    number: new Intl.NumberFormat('en'),
    fn: function named(a) { return a; },
    arrow: () => 1,
    klass: class { static s = 1; },
    instance: new (class { f = 1; })(),
    boxed: Object('text'),
    mapped: (function () { return arguments; })(1, 2),
  })`;
  const { ownKeys } = Reflect;
  const isReference = (value) => value !== null && (typeof value === 'object' || typeof value === 'function');

  // Every function that the realm's globals lead to, with a name for the report.
  function functionsOf(root) {
    const found = new Map();
    const seen = new Set([root]);
    const pending = [[root, '']];
    const roots = 'function*(){}, async () => {}, async function*(){}, [][Symbol.iterator](), new Map().entries()';
    for (const object of sandbox.eval(`[${roots}]`)) pending.push([object, 'hidden']);
    while (pending.length > 0) {
      const [object, path] = pending.pop();
      if (typeof object === 'function' && object !== sandbox.eval) found.set(object, path);
      const next = [[Object.getPrototypeOf(object), `${path}.__proto__`]];
      for (const key of ownKeys(object)) {
        const { value, get, set } = Object.getOwnPropertyDescriptor(object, key);
        for (const part of [value, get, set]) next.push([part, `${path}.${String(key)}`]);
      }
      for (const [part, name] of next) {
        if (!isReference(part) || seen.has(part)) continue;
        seen.add(part);
        pending.push([part, name]);
      }
    }
    return found;
  }

  let id = 0;
  let samples;
  let receivers;
  let snapshots;

  function share() {
    native.dropShared(id);
    samples = sandbox.eval(SAMPLES);
    const roots = [samples];
    id += 1;
    native.findShared(roots)[0].forEach(state.complete);
    // A look at a function makes its prototype, which is one more object.
    for (let attempt = 0; attempt < 5; attempt++) {
      receivers = native.findShared(roots)[0];
      snapshots = receivers.map(state.snapshot);
      if (native.copyShared(id, roots, receivers)) return;
    }
    throw new Error(`the samples were not copied: ${native.findShared(roots)[2]}`);
  }

  const failures = [];
  let changes = 0;

  // What the call has changed is what the comparison finds; true if it could be undone.
  function check(name) {
    const flagged = new Set(native.changedShared(id)?.[0]);
    const differences = receivers.map((object, place) => state.difference(object, snapshots[place]));
    let clean = true;
    differences.forEach((difference, place) => {
      if (difference === undefined) return;
      changes += 1;
      if (!flagged.has(place)) failures.push(`${name}: ${native.kind(receivers[place])} was changed unseen`);
      if (difference.irrevocable) clean = false;
    });
    if (!clean) return false;
    differences.forEach((difference, place) => {
      if (difference !== undefined) state.putBack(receivers[place], difference, snapshots[place]);
    });
    const after = receivers.findIndex((object, place) => state.difference(object, snapshots[place]) !== undefined);
    if (after >= 0) {
      const what = JSON.stringify(state.difference(receivers[after], snapshots[after]));
      failures.push(`${name}: ${native.kind(receivers[after])} was not put back: ${what}`);
      return false;
    }
    return native.settleShared(id);
  }

  const anything = () => 7;
  const descriptor = { value: 5, writable: true, enumerable: true, configurable: true };
  const ARGUMENTS = [[], ['x', 9], [0, 1], [1n, 2n], [anything], ['x', descriptor], [null], [{ x: 4, z: descriptor }]];

  function call(callee, receiver, args) {
    try {
      Reflect.apply(callee, receiver, args);
    } catch {
      // Most functions do not take such arguments.
    }
  }

  native.noteKnown(sandbox);
  share();
  let calls = 0;
  const functions = functionsOf(sandbox);
  for (const [callee, path] of functions) {
    for (const kind of Object.keys(samples)) {
      for (const args of ARGUMENTS) {
        call(callee, samples[kind], args);
        call(callee, undefined, [samples[kind], ...args]);
        calls += 2;
      }
      if (!check(`${path} on ${kind}`)) share();
    }
  }
  return JSON.stringify({ functions: functions.size > 700, calls: calls > 100_000, changes: changes > 500, failures });
});
