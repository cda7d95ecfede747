/** What the comparison of histories sees, and what it does not see. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { temporal } from '@temporalio/proto';
import { describeDifference, firstDifference } from '../../conformance/compare';
import { normaliseHistory } from '../../conformance/normalise';
import { outcomeOf } from '../../conformance/outcome';
import { Placeholders } from '../../conformance/placeholders';

type Event = temporal.api.history.v1.IHistoryEvent;
const { EventType, WorkflowTaskFailedCause } = temporal.api.enums.v1;
const { HistoryEvent } = temporal.api.history.v1;

const RUN_A = '0f8fad5b-d9cb-469f-a165-70867728950e';
const RUN_B = '7c9e6679-7425-40de-944b-e07fc1f90ae7';

const json = (value: unknown) => ({
  metadata: { encoding: Buffer.from('json/plain') },
  data: Buffer.from(JSON.stringify(value)),
});

/** What a run is made of here; each test changes one thing. */
interface Shape {
  id: string;
  runId: string;
  /** Failed or lost workflow tasks before the first one that completes. */
  idleTasks: number;
  seconds: number;
  identity: string;
  timerSeconds: number;
  encoding: string;
  result: unknown;
  langUsedFlags: number[];
  /** Whether both commands come with one workflow task. */
  together: boolean;
  taskFailure: { message: string; times: number; cause: number; stackTrace: string } | undefined;
  markerData: unknown;
}

const BASE: Shape = {
  id: 'case-a',
  runId: RUN_A,
  idleTasks: 0,
  seconds: 1000,
  identity: 'one',
  timerSeconds: 5,
  encoding: 'json/plain',
  result: { id: 'case-a', runId: RUN_A },
  langUsedFlags: [2],
  together: false,
  taskFailure: undefined,
  markerData: { seq: 1, attempt: 1, complete_time: { seconds: 1 } },
};

/** Events in order, numbered as a server would. */
class Recorder {
  readonly events: Event[] = [];
  constructor(private readonly shape: Shape) {}

  add(name: keyof typeof EventType, attributes: Partial<Event>): number {
    const eventId = this.events.length + 1;
    const seconds = this.shape.seconds + eventId;
    const event = { eventId, eventType: EventType[name], eventTime: { seconds }, taskId: seconds, ...attributes };
    this.events.push(HistoryEvent.fromObject(event));
    return eventId;
  }

  task(): number {
    const { identity, langUsedFlags } = this.shape;
    this.add('EVENT_TYPE_WORKFLOW_TASK_SCHEDULED', { workflowTaskScheduledEventAttributes: {} });
    this.add('EVENT_TYPE_WORKFLOW_TASK_STARTED', { workflowTaskStartedEventAttributes: { identity } });
    const sdkMetadata = { langUsedFlags, coreUsedFlags: [this.events.length], sdkVersion: identity };
    return this.add('EVENT_TYPE_WORKFLOW_TASK_COMPLETED', {
      workflowTaskCompletedEventAttributes: { identity, sdkMetadata },
    });
  }
}

function historyOf(change: Partial<Shape>): Event[] {
  const shape = { ...BASE, ...change };
  const history = new Recorder(shape);
  history.add('EVENT_TYPE_WORKFLOW_EXECUTION_STARTED', {
    workflowExecutionStartedEventAttributes: {
      workflowId: shape.id,
      originalExecutionRunId: shape.runId,
      identity: shape.identity,
    },
  });
  for (let index = 0; index < shape.idleTasks; index += 1) history.task();
  for (let index = 0; index < (shape.taskFailure?.times ?? 0); index += 1) {
    const { message = '', stackTrace = '', cause = 0 } = shape.taskFailure ?? {};
    const failure = { message, stackTrace, applicationFailureInfo: { type: 'Error' } };
    history.add('EVENT_TYPE_WORKFLOW_TASK_FAILED', { workflowTaskFailedEventAttributes: { cause, failure } });
  }
  const first = history.task();
  history.add('EVENT_TYPE_MARKER_RECORDED', {
    markerRecordedEventAttributes: {
      workflowTaskCompletedEventId: first as never,
      markerName: 'core_local_activity',
      details: { data: { payloads: [json(shape.markerData)] } },
    },
  });
  const second = shape.together ? first : history.task();
  const startedEventId = history.add('EVENT_TYPE_TIMER_STARTED', {
    timerStartedEventAttributes: {
      workflowTaskCompletedEventId: second as never,
      timerId: '1',
      startToFireTimeout: { seconds: shape.timerSeconds as never },
    },
  });
  history.add('EVENT_TYPE_TIMER_FIRED', {
    timerFiredEventAttributes: { timerId: '1', startedEventId: startedEventId as never },
  });
  const payload = { ...json(shape.result), metadata: { encoding: Buffer.from(shape.encoding) } };
  history.add('EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED', {
    workflowExecutionCompletedEventAttributes: {
      workflowTaskCompletedEventId: history.task() as never,
      result: { payloads: [payload] },
    },
  });
  return history.events;
}

function normalised(change: Partial<Shape>): unknown {
  const id = change.id ?? BASE.id;
  return normaliseHistory(id, historyOf(change), new Placeholders({ [id]: '<case>' }));
}

const differenceTo = (change: Partial<Shape>) => firstDifference(normalised({}), normalised(change));

describe('normalised histories', () => {
  const noise: [string, Partial<Shape>][] = [
    ['other ids, in payloads as well', { id: 'case-b', runId: RUN_B, result: { id: 'case-b', runId: RUN_B } }],
    ['other times', { seconds: 5000 }],
    ['another process and another version of the SDK', { identity: 'two' }],
    ['more workflow tasks, and so other numbers of events', { idleTasks: 2 }],
    ['times in the markers of local activities', { markerData: { seq: 1, attempt: 1, complete_time: { seconds: 2 } } }],
  ];
  for (const [what, change] of noise) {
    it(`are equal with ${what}`, () => assert.equal(differenceTo(change), undefined));
  }

  const findings: [string, Partial<Shape>, RegExp][] = [
    ['an attribute', { timerSeconds: 6 }, /^events\[2\]\.startToFireTimeout\.seconds$/],
    ['a payload', { result: { id: 'case-a', runId: RUN_A, more: 1 } }, /^events\[4\]\.result\..*\.data\(json\)\.more$/],
    ['the bytes of a payload that says the same', { result: { runId: RUN_A, id: 'case-a' } }, /payloads\[0\]\.data$/],
    ['an encoding', { encoding: 'json/protobuf' }, /payloads\[0\]\.payload\.encoding$/],
    ['an id where another one was', { result: { id: 'case-a', runId: RUN_B } }, /payloads\[0\]\.data\(json\)\.runId$/],
    ['commands that come with one workflow task', { together: true }, /^events\[2\]\.batch$/],
    ['what the marker of a local activity says', { markerData: { seq: 2 } }, /details\.data\..*\(json\)\.seq$/],
    ['the flags of the workflow SDK', { langUsedFlags: [] }, /langUsedFlags/],
  ];
  for (const [what, change, path] of findings) {
    it(`differ by ${what}`, () => assert.match(differenceTo(change)?.path ?? 'no difference', path));
  }

  const unhandled = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE;
  const failure = { message: 'broken', times: 1, cause: unhandled, stackTrace: 'at a' };

  it('differ by a failed workflow task, and by its message', () => {
    assert.match(differenceTo({ taskFailure: failure })?.path ?? '', /^taskFailures/);
    const other = firstDifference(
      normalised({ taskFailure: failure }),
      normalised({ taskFailure: { ...failure, message: 'not broken' } })
    );
    assert.deepEqual(other, { path: 'taskFailures[0].failure.message', node: 'broken', burdock: 'not broken' });
  });

  it('hold a failed workflow task once, without its stack', () => {
    const repeated = { ...failure, times: 3, stackTrace: 'at b' };
    const found = firstDifference(normalised({ taskFailure: failure }), normalised({ taskFailure: repeated }));
    assert.equal(found, undefined);
  });

  it('pass over workflow tasks that lost a race on the server', () => {
    const { WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND, WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND } =
      WorkflowTaskFailedCause;
    for (const cause of [
      WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
      WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND,
    ]) {
      assert.equal(differenceTo({ taskFailure: { ...failure, cause } }), undefined);
    }
  });

  it('number events over what is left, and so do references', () => {
    const { events } = normalised({ idleTasks: 1 }) as { events: Record<string, unknown>[] };
    const fired = events.find((event) => event['type'] === 'TIMER_FIRED');
    const started = events.find((event) => event['type'] === 'TIMER_STARTED');
    assert.equal(fired?.['startedEventId'], started?.['id']);
    assert.deepEqual(
      events.map((event) => event['id']),
      [1, 2, 3, 4, 5]
    );
  });
});

describe('the first difference', () => {
  it('is named by its path, and what is absent is named too', () => {
    const absent = { path: 'a[1].b', node: 2, burdock: '(absent)' };
    assert.deepEqual(firstDifference({ a: [1, { b: 2 }] }, { a: [1, {}] }), absent);
    assert.equal(firstDifference({ a: [1] }, { a: { 0: 1 } })?.path, 'a');
    assert.equal(firstDifference({}, { a: 1 })?.path, 'a');
    assert.equal(firstDifference({ ending: { returned: 1 } }, { ending: { threw: 2 } })?.path, 'ending');
    assert.equal(firstDifference({ a: null }, { a: null }), undefined);
  });

  it('is shown where long texts begin to differ', () => {
    const [node, burdock] = [`${'same '.repeat(500)}node`, `${'same '.repeat(500)}burdock`];
    const lines = describeDifference({ path: 'a', node, burdock }).split('\n');
    assert.equal(lines[0], 'at a');
    assert.match(lines[1] ?? '', /^ {4}Node: {4}\.\.\.(same )+node$/);
    assert.match(lines[2] ?? '', /^ {4}Burdock: \.\.\.(same )+burdock$/);
  });

  it('is found in bytes when JSON texts say the same', () => {
    assert.equal(firstDifference('{"a":1,"b":2}', '{"b":2,"a":1}', 'data')?.path, 'data');
  });

  it('keeps null and absence apart', () => {
    assert.deepEqual(firstDifference([null], []), { path: '[0]', node: null, burdock: '(absent)' });
  });
});

describe('outcomes', () => {
  it('hold the chain of causes and the fields of a class, and no stack', async () => {
    const cause = Object.assign(new TypeError('inner'), { retryState: 'TIMEOUT', identity: '1@host' });
    const outcome = await outcomeOf(Promise.reject(new Error('outer', { cause })));
    const inner = { name: 'TypeError', message: 'inner', fields: { retryState: 'TIMEOUT' } };
    assert.deepEqual(outcome, { failure: { name: 'Error', message: 'outer', cause: inner } });
  });

  it('keep apart what JSON would make the same', async () => {
    const value = { nan: Number.NaN, none: null, bytes: Uint8Array.of(1), big: 1n };
    assert.deepEqual(await outcomeOf(Promise.resolve(value)), {
      value: { nan: 'NaN', none: null, bytes: { base64: 'AQ==' }, big: '1n' },
    });
  });
});
