/** What was decided about parts of the language that have to do with memory, threads, time or code from elsewhere. */

interface Decision {
  readonly outcome: string;
  readonly why: string;
}

const works = (why: string): Decision => ({ outcome: 'works', why });
const absent = (why: string): Decision => ({ outcome: 'absent', why });
const refused = (outcome: string, why: string): Decision => ({ outcome, why });

const NOT_UNDER_NODE = 'not there under the Node worker either';
const GARBAGE = 'when garbage is collected is no part of history; the SDK itself refuses it';
const AT_ONCE =
  "compiled at once: the promise is settled within the run's own activation, never by a background thread";

export const decided: Readonly<Record<string, Decision>> = {
  'new WeakRef({})': refused(
    'DeterminismViolationError: WeakRef cannot be used in Workflows because v8 GC is non-deterministic',
    GARBAGE
  ),
  'new FinalizationRegistry(...)': refused(
    'DeterminismViolationError: FinalizationRegistry cannot be used in Workflows because v8 GC is non-deterministic',
    GARBAGE
  ),
  'new WeakMap()': works('what it forgets nobody can see'),
  'new SharedArrayBuffer(8)': works('memory of the run alone: there is no thread and no channel to share it with'),
  'Atomics.add(...)': works('one thread, so it is plain arithmetic'),
  'Atomics.notify(...)': works('nobody can be waiting'),
  'Atomics.wait(...)': refused(
    'TypeError: Atomics.wait cannot be called in this context',
    'it would stop every run of the isolate, and its timeout is a real clock'
  ),
  'Atomics.waitAsync(...)': refused(
    'TypeError: Atomics.waitAsync is not available to workflows: use `condition` or `sleep`',
    'its timeout is a real clock, and it wakes up outside of every activation'
  ),
  'new WebAssembly.Module(...)': works('the same bytes give the same results'),
  'WebAssembly.validate(...)': works('the same bytes give the same results'),
  'WebAssembly.compile(...)': works(AT_ONCE),
  'WebAssembly.instantiate(...)': works(AT_ONCE),
  'WebAssembly.compileStreaming(...)': absent('there is nothing to stream from'),
  'new WebAssembly.Memory({ shared: true })': works('as a SharedArrayBuffer'),
  "import('node:fs')": refused(
    'Error: Not supported',
    'all code is in the bundle; webpack turns `import()` of a module into a lookup there'
  ),
  "import('data:...')": refused('Error: Not supported', 'as above'),
  "eval('1 + 1')": works(
    'protobufjs and others need it; the code runs in the realm of the run, which has nothing else to reach'
  ),
  "new Function('return 1')()": works('as `eval`'),
  'Temporal.Now': absent('V8 has it switched off; a host that switches it on has to replace its clock'),
  'new ShadowRealm()': absent('V8 has it switched off; its built-ins would not be those that are guarded'),
  Deno: absent("deno_core's runtime is not used, only its V8: no op exists"),
  __bootstrap: absent("deno_core's runtime is not used"),
  queueMicrotask: absent(NOT_UNDER_NODE),
  structuredClone: absent(NOT_UNDER_NODE),
  performance: absent(NOT_UNDER_NODE),
  crypto: absent(NOT_UNDER_NODE),
  gc: absent(NOT_UNDER_NODE),
};
