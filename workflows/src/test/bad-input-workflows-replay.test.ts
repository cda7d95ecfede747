/** Flags, events and values that a newer SDK or a newer server put into a history. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { temporal } from '@temporalio/proto';
import { TEST_BUNDLE } from '../tools/bundles';
import { timerFires } from '../workflows/testing';
import { activation, fireTimer, start, startedTimer } from './activate/activations';
import { ActivateProcess } from './activate/process';
import { burdock } from './bad-input/command';
import { PATIENCE_MS, flavour, useSuite } from './harness';
import { type HistoryEvent as IHistoryEvent, historyOf, typeOf } from './history';
import { type HistoryJson, Recordings, ended, jsonOf } from './replay/recordings';

const suite = useSuite();
const recordings = new Recordings();
const group = { skip: flavour === 'node' ? 'the Node worker has no such command' : false };
const { History, HistoryEvent } = temporal.api.history.v1;

interface Outcome {
  exitCode: number | null;
  outcome: string;
  message: string;
}

/** What `burdock replay` says of one file. */
async function replay(file: string): Promise<Outcome> {
  const child = burdock(['replay', '--bundle', TEST_BUNDLE, '--output', 'json', file]);
  const { code: exitCode } = await child.wait(PATIENCE_MS);
  assert.doesNotMatch(child.output, /panicked|stack backtrace/);
  const [line, ...others] = child.stdoutLines.map((text) => JSON.parse(text) as Outcome & { type: string });
  assert.deepEqual([line?.type, others.map(({ type }) => type)], ['history', ['summary']], child.tail());
  return { exitCode, outcome: line?.outcome ?? '', message: line?.message ?? '' };
}

/** The name of the error that the Node worker's replay ends with. */
async function errorUnderNode(events: IHistoryEvent[]): Promise<string> {
  const histories = [{ workflowId: 'w', history: History.create({ events }) }];
  for await (const { error } of Worker.runReplayHistories({ workflowBundle: { codePath: TEST_BUNDLE } }, histories)) {
    return error?.name ?? 'none';
  }
  throw new Error('no result');
}

/** The event with its own id, and those of events that it names, one higher where they are above `above`. */
function moved(event: IHistoryEvent, above: number): IHistoryEvent {
  const text = JSON.stringify(HistoryEvent.toObject(HistoryEvent.create(event), { longs: Number, bytes: String }));
  const raised = JSON.parse(text, (key, value: unknown) =>
    /(^e|[a-z]E)ventId$/.test(key) && typeof value === 'number' && value > above ? value + 1 : value
  ) as Record<string, unknown>;
  return HistoryEvent.fromObject(raised);
}

/** Error classes of `runReplayHistories` for the outcomes of `burdock replay`. */
const CLASSES: Record<string, string> = {
  ok: 'none',
  'workflow-task-failure': 'ReplayError',
  'unusable-history': 'ReplayError',
};

const UNKNOWN_FLAG = 99;
const UNKNOWN_TYPE = 9_999 as temporal.api.enums.v1.EventType;

describe('a flag that no SDK of this bundle knows', group, () => {
  it('fails the activation that brings it, and no other run', async () => {
    const process = new ActivateProcess();
    const timer = startedTimer(await process.answer(activation('known', [start('timerFires', 'w', 50)])));
    const flags = { availableInternalFlags: [2, UNKNOWN_FLAG] };
    const first = await process.answer(activation('first', [start('timerFires', 'w', 50)], 0, flags));
    assert.match(first.failed?.failure?.message ?? '', /Unknown SDK flag: 99/);
    const later = await process.answer(activation('known', [fireTimer(timer)], 50, flags));
    assert.match(later.failed?.failure?.message ?? '', /Unknown SDK flag: 99/);
    const known = { availableInternalFlags: [2] };
    startedTimer(await process.answer(activation('other', [start('timerFires', 'w', 50)], 0, known)));
    assert.equal((await process.close()).code, 0);
  });
});

describe('a history from a newer SDK or server', group, () => {
  let handle: WorkflowHandle;
  let json: HistoryJson;
  before(async () => {
    // What fails here fails on purpose.
    const logger = new DefaultLogger('ERROR', () => undefined);
    Runtime.install({ logger, telemetryOptions: { logging: { filter: 'off' } } });
    await suite.startWorker();
    handle = await ended(suite, timerFires, [20]);
    json = await jsonOf(suite, handle);
  });

  /** Replays under both workers, which must agree. */
  async function replayBoth(name: string, change: (events: IHistoryEvent[]) => IHistoryEvent[]): Promise<Outcome> {
    const events = change(await historyOf(handle));
    const outcome = await replay(recordings.write(`${name}.bin`, History.encode({ events }).finish()));
    assert.equal(CLASSES[outcome.outcome], await errorUnderNode(events), `${name}: ${outcome.message}`);
    return outcome;
  }

  /** The events with those of one type changed. */
  const changing = (type: string, change: (event: IHistoryEvent) => void) => (events: IHistoryEvent[]) => {
    const chosen = events.filter((event) => typeOf(event) === type);
    assert.ok(chosen.length > 0, type);
    chosen.forEach(change);
    return events;
  };

  /** The events with one of an unknown type before the first timer fires; what comes later moves by one. */
  const inserting = (workerMayIgnore: boolean) => (events: IHistoryEvent[]) => {
    const at = events.findIndex((event) => typeOf(event) === 'TIMER_FIRED');
    const eventId = events[at]?.eventId;
    assert.ok(eventId);
    const inserted = HistoryEvent.create({ eventId, eventType: UNKNOWN_TYPE, workerMayIgnore });
    return [...events.slice(0, at), inserted, ...events.slice(at).map((event) => moved(event, at))];
  };

  it('is replayed as it is', async () => {
    assert.equal((await replayBoth('same', (events) => events)).outcome, 'ok');
  });

  it('with an unknown flag fails the workflow task by its number', async () => {
    const change = changing('WORKFLOW_TASK_COMPLETED', ({ workflowTaskCompletedEventAttributes: attributes }) => {
      attributes!.sdkMetadata = { ...attributes!.sdkMetadata, langUsedFlags: [UNKNOWN_FLAG] };
    });
    const { exitCode, outcome, message } = await replayBoth('flag', change);
    assert.deepEqual([exitCode, outcome], [11, 'workflow-task-failure']);
    assert.match(message, /Unknown SDK flag: 99/);
  });

  it('with an event of an unknown number that may be skipped is replayed', async () => {
    const { exitCode, outcome } = await replayBoth('ignorable', inserting(true));
    assert.deepEqual([exitCode, outcome], [0, 'ok']);
  });

  it('with an event of an unknown number that may not be skipped is unusable', async () => {
    const { exitCode, outcome, message } = await replayBoth('strict', inserting(false));
    assert.deepEqual([exitCode, outcome], [11, 'unusable-history']);
    assert.match(message, /newer server/);
    assert.match(message, new RegExp(String(UNKNOWN_TYPE)));
  });

  it('with attributes that are none of its event type is unusable', async () => {
    const change = changing('TIMER_FIRED', (event) => {
      delete event.timerFiredEventAttributes;
    });
    const { exitCode, message } = await replayBoth('bare', change);
    assert.equal(exitCode, 11, message);
  });

  /** The events of the JSON with those of one type changed by `change`. */
  function jsonWith(type: string, change: (event: Record<string, unknown>) => Record<string, unknown>): HistoryJson {
    assert.ok(json.events.some((event) => event['eventType'] === type));
    return { events: json.events.map((event) => (event['eventType'] === type ? change(event) : event)) };
  }

  it('with unknown names of enum values and unknown fields is replayed without them', async () => {
    const changed = jsonWith('EVENT_TYPE_WORKFLOW_EXECUTION_STARTED', (event) => {
      const attributes = event['workflowExecutionStartedEventAttributes'] as Record<string, unknown>;
      const initiator = 'CONTINUE_AS_NEW_INITIATOR_FROM_THE_FUTURE';
      const newer = { ...attributes, initiator, fieldFromTheFuture: { at: [1] } };
      return { ...event, anotherFromTheFuture: 'x', workflowExecutionStartedEventAttributes: newer };
    });
    const { exitCode, outcome, message } = await replay(recordings.writeJson('enum.json', changed));
    assert.deepEqual([exitCode, outcome], [0, 'ok'], message);
  });

  for (const mayIgnore of [false, undefined]) {
    it(`with an event type of an unknown name and workerMayIgnore ${mayIgnore} is unusable, by its name`, async () => {
      const changed = jsonWith('EVENT_TYPE_TIMER_FIRED', ({ eventId }) => ({
        eventId,
        eventType: 'EVENT_TYPE_CLOCK_STRUCK',
        ...(mayIgnore === undefined ? {} : { workerMayIgnore: mayIgnore }),
      }));
      const { exitCode, outcome, message } = await replay(recordings.writeJson('type.json', changed));
      assert.deepEqual([exitCode, outcome], [11, 'unusable-history']);
      assert.match(message, /EVENT_TYPE_CLOCK_STRUCK.*newer server/);
    });
  }

  it('with a value of the wrong kind is unreadable, by line', async () => {
    const changed = jsonWith('EVENT_TYPE_TIMER_FIRED', (event) => ({ ...event, eventType: true }));
    const { exitCode, outcome, message } = await replay(recordings.writeJson('kind.json', changed));
    assert.deepEqual([exitCode, outcome], [66, 'unreadable']);
    assert.match(message, /true is no value of `temporal\.api\.enums\.v1\.EventType` at line 1 column \d+/);
  });
});
