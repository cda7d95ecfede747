// The steps of an activation: which jobs go where, and in which order (contract 1.5 and 1.6).
import assert from 'node:assert/strict';
import test from 'node:test';
import { hostScript, makeSandbox } from './host.mjs';
import { loadGlobals } from './globals.mjs';

const { Long } = loadGlobals();
const TIMESTAMP = { seconds: Long.fromNumber(5), nanos: 7_000_000 };

/** An activator that writes down what is asked of it. */
function makeActivator({ flagged = true } = {}) {
  const calls = [];
  return {
    calls,
    info: { runId: 'r', unsafe: { isReplaying: false } },
    mutateWorkflowInfo(change) {
      this.info = change(this.info);
    },
    addKnownFlags: (flags) => calls.push(['flags', flags]),
    hasFlag(flag) {
      calls.push(['hasFlag', flag.id]);
      return flagged;
    },
    notifyHasPatch: ({ patchId }) => calls.push(['patch', patchId]),
    updateRandomSeed: ({ randomnessSeed }) => calls.push(['seed', randomnessSeed]),
    getAndResetSinkCalls: () => [],
    errorToFailure: (error) => ({ message: error.message, by: 'the run' }),
  };
}

function setUp(options) {
  const sandbox = makeSandbox();
  const activator = makeActivator(options);
  const current = { activator: undefined };
  const api = {
    initRuntime() {
      current.activator = activator;
    },
    initialize: (job) => activator.calls.push(['initialize', job.workflowId]),
  };
  sandbox.__TEMPORAL__ = { api };
  const executor = {
    open: (run) => (run.sandbox = { global: sandbox }),
    opened: (run) => (run.activator = current.activator),
    enter: (run) => (current.activator = run.activator),
    begin() {},
    close: () => (current.activator = undefined),
    destroy() {},
  };
  const runs = hostScript('runs')({
    executor,
    imports: hostScript('workflow_imports')(),
    sources: { sourceMap: {}, drop() {} },
    commandSites: { watch() {}, restart() {}, lines: () => [] },
    info: hostScript('workflow_info')({ Long }),
    failure: hostScript('failure')(),
    sinks: { encode: (call) => call },
    settings: {
      activityNames: [],
      taskQueue: 'q',
      namespace: 'n',
      failureErrorTypes: ['TypeError'],
      failureErrorTypesByWorkflowType: { t: ['RangeError'] },
    },
    native: {},
  });
  const initializeWorkflow = {
    workflowId: 'w',
    workflowType: 't',
    startTime: TIMESTAMP,
    workflowTaskTimeout: TIMESTAMP,
    randomnessSeed: Long.fromNumber(1),
  };
  runs.create(activation([{ initializeWorkflow }]));
  return { runs, activator, current };
}

const activation = (jobs, more = {}) => ({ runId: 'r', timestamp: TIMESTAMP, jobs, ...more });
const signal = (signalName) => ({ signalWorkflow: { signalName } });
const timer = (seq) => ({ fireTimer: { seq } });
const patch = (patchId) => ({ notifyHasPatch: { patchId } });
const seed = (randomnessSeed) => ({ updateRandomSeed: { randomnessSeed } });

test('without signals there is one batch, and the flag is not asked for', () => {
  const { runs, activator } = setUp({ flagged: false });
  const batches = runs.batches(activation([timer(1), timer(2)]));
  assert.deepEqual(
    batches.map(({ jobs }) => jobs),
    [[timer(1), timer(2)]]
  );
  assert.deepEqual(activator.calls, []);
});

test('patches come first and the last seed counts, both outside of the batch', () => {
  const { runs, activator } = setUp();
  const [batch] = runs.batches(activation([patch('p'), seed(1), signal('s'), seed(2), timer(1)]));
  assert.deepEqual(batch.jobs, [signal('s'), timer(1)]);
  assert.deepEqual(activator.calls, [
    ['hasFlag', 2],
    ['patch', 'p'],
    ['seed', 2],
  ]);
});

test('histories without the flag get signals in a batch of their own, and seeds as jobs', () => {
  const { runs, activator } = setUp({ flagged: false });
  const batches = runs.batches(activation([timer(1), signal('s'), patch('p'), seed(3)]));
  assert.deepEqual(
    batches.map(({ jobs }) => jobs),
    [[signal('s')], [timer(1), seed(3)]]
  );
  assert.deepEqual(activator.calls, [
    ['hasFlag', 2],
    ['patch', 'p'],
  ]);
});

test('a batch is a message of its own with the fields of its activation', () => {
  const { runs } = setUp();
  const whole = activation([timer(1)], { historyLength: 9 });
  const [batch] = runs.batches(whole);
  batch.jobs.shift();
  assert.deepEqual([whole.jobs.length, batch.historyLength, batch.runId], [1, 9, 'r']);
});

test('an activation moves the clock and what is known of the history', () => {
  const { runs, activator } = setUp();
  const isQuery = runs.begin(
    activation([timer(1)], {
      historyLength: 3,
      isReplaying: true,
      lastSdkVersion: '1.20.0',
      availableInternalFlags: [2],
    })
  );
  assert.equal(isQuery, false);
  assert.deepEqual([activator.now, activator.sdkVersion], [5007, '1.20.0']);
  assert.deepEqual([activator.info.historyLength, activator.info.unsafe.isReplaying], [3, true]);
  assert.deepEqual(activator.calls, [['flags', [2]]]);
});

test('queries look at the run as if it were replayed, and move nothing', () => {
  const { runs, activator } = setUp();
  assert.equal(runs.begin(activation([{ queryWorkflow: { queryType: 'x' } }])), true);
  assert.equal(activator.now, undefined);
  assert.deepEqual([activator.info.unsafe.isReplaying, activator.info.unsafe.isReplayingHistoryEvents], [true, false]);
});

test('what core never sends is refused', () => {
  const { runs } = setUp();
  const mixed = activation([{ queryWorkflow: {} }, timer(1)]);
  assert.throws(() => runs.begin(mixed), /Got both queries and other jobs in a single activation/);
  assert.throws(() => runs.begin(activation([timer(1)], { timestamp: null })), /Expected activation.timestamp/);
  assert.throws(() => runs.begin({ ...activation([timer(1)]), runId: 'another' }), /is not cached/);
});

test('the job of the start is initialized and stays in the list as a mark', () => {
  const { runs, activator } = setUp();
  const start = activation([{ initializeWorkflow: { workflowId: 'w' } }]);
  runs.initialize(start);
  assert.deepEqual(activator.calls, [['initialize', 'w']]);
  assert.deepEqual(runs.batches(start)[0].jobs, start.jobs);
});

test('a failure is written by the run, or by the host when there is none', () => {
  const { runs } = setUp();
  assert.equal(runs.failedCompletion('r', new Error('x')).failed.failure.by, 'the run');
  const { failure } = runs.failedCompletion('gone', new TypeError('y')).failed;
  assert.deepEqual([failure.message, failure.applicationFailureInfo.type], ['y', 'TypeError']);
});

test('every step puts the activator of its run in place', () => {
  const { runs, activator, current } = setUp();
  current.activator = { of: 'another run' };
  runs.begin(activation([timer(1)]));
  assert.equal(current.activator, activator);
  runs.forget('r');
  assert.equal(current.activator, undefined);
});
