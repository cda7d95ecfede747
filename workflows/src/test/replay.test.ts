/** `burdock replay`: does a bundle still do what histories say? */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { DIST_DIR, PACKAGE_DIR, TEST_BUNDLE, writeBundle } from '../tools/bundles';
import {
  activityCompletes,
  childCompletes,
  localActivityCompletes,
  throwsPlainError,
  timerCancelled,
  timerFires,
} from '../workflows/testing';
import { burdock } from './bad-input/command';
import { PATIENCE_MS, flavour, useSuite } from './harness';
import { taskFailure } from './history';
import { type HistoryJson, Recordings, bytesOf, ended, inOldSpelling, jsonOf } from './replay/recordings';

const suite = useSuite();
const recordings = new Recordings();
const group = { concurrency: 2, skip: flavour === 'node' ? 'the Node worker has no such command' : false };

const BEFORE = path.join(DIST_DIR, 'ordered-before-bundle.js');
const AFTER = path.join(DIST_DIR, 'ordered-after-bundle.js');
const AFTER_SOURCE = 'src/workflows/testing/versions/ordered-after.ts';

interface Line {
  type: 'history' | 'summary';
  name: string;
  outcome: string;
  workflowType?: string;
  workflowId?: string;
  events: number;
  message?: string;
  eventId?: number;
  history?: string;
  /** What the code did. */
  code?: string;
  source?: { file: string; line: number };
  outcomes: Record<string, number>;
}

/** The number of the only line with this text. */
function lineOf(file: string, text: string): number {
  return (
    readFileSync(file, 'utf8')
      .split('\n')
      .findIndex((line) => line.includes(text)) + 1
  );
}

/** Runs `burdock replay --output json`; the lines about histories, by name, and the summary. */
async function replay(
  bundle: string,
  ...args: string[]
): Promise<{ exitCode: number | null; lines: Line[]; summary: Line }> {
  const child = burdock(['replay', '--bundle', bundle, '--output', 'json', ...args]);
  const { code: exitCode, signal } = await child.wait(PATIENCE_MS);
  assert.doesNotMatch(child.output, /panicked|stack backtrace/);
  assert.equal(signal, null, child.tail());
  const all = child.stdoutLines.map((text) => JSON.parse(text) as Line);
  const summary = all.pop();
  assert.ok(summary?.type === 'summary', child.tail());
  return { exitCode, summary, lines: all.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** The outcome of the only history. */
async function replayOne(bundle: string, ...args: string[]): Promise<Line & { exitCode: number | null }> {
  const { exitCode, lines } = await replay(bundle, ...args);
  const [line, ...others] = lines;
  assert.ok(line);
  assert.deepEqual(others, []);
  return { ...line, exitCode };
}

before(async () => {
  const versions = path.join(PACKAGE_DIR, 'src/workflows/testing/versions');
  await writeBundle(path.join(versions, 'ordered-before.ts'), BEFORE);
  await writeBundle(path.join(versions, 'ordered-after.ts'), AFTER);
});

describe('histories of the same code', group, () => {
  const handles: WorkflowHandle[] = [];
  let folder: string;

  before(async () => {
    await suite.startWorker();
    handles.push(await ended(suite, timerFires, [20]));
    for (const workflow of [activityCompletes, timerCancelled, childCompletes, localActivityCompletes]) {
      handles.push(await ended(suite, workflow));
    }
    for (const [index, handle] of handles.entries()) {
      recordings.writeJson(`same/json/${index}.json`, await jsonOf(suite, handle));
      recordings.writeJson(`same/old/${index}.json`, inOldSpelling(await jsonOf(suite, handle)));
      recordings.write(`same/${index}.bin`, await bytesOf(handle));
    }
    recordings.write('same/readme.md', 'No history.');
    folder = path.join(recordings.folder, 'same');
  });

  it('a folder of JSON and bytes is replayed, and each one fits', async () => {
    const { exitCode, lines, summary } = await replay(TEST_BUNDLE, '--activity', 'echo', folder);
    assert.deepEqual(
      lines.map(({ outcome, message }) => [outcome, message]),
      lines.map(() => ['ok', undefined])
    );
    assert.equal(lines.length, 15);
    assert.equal(exitCode, 0);
    assert.deepEqual(
      [summary.outcomes['ok'], summary.events],
      [15, lines.reduce((sum, { events }) => sum + events, 0)]
    );
    assert.deepEqual(
      new Set(lines.map(({ workflowId }) => workflowId)),
      new Set(handles.map(({ workflowId }) => workflowId))
    );
  });

  it('a table tells the same to people', async () => {
    const child = burdock(['replay', '--bundle', TEST_BUNDLE, '--activity', 'echo', folder]);
    assert.equal((await child.wait(PATIENCE_MS)).code, 0, child.tail());
    assert.match(child.output, /^ok +\d+ events +timerFires +.*same\/json\/0\.json$/m);
    assert.match(child.output, /^15 histories: 15 ok\. \d+ events in /m);
  });

  it('histories are taken from the server by query, id and run', async () => {
    const server = ['--address', suite.address, '--activity', 'echo'];
    const [first] = handles;
    assert.ok(first);
    const one = await replayOne(TEST_BUNDLE, ...server, '--workflow-id', first.workflowId);
    assert.deepEqual([one.exitCode, one.outcome, one.workflowType], [0, 'ok', 'timerFires']);
    const absent = await replayOne(TEST_BUNDLE, ...server, '--workflow-id', 'no-such-workflow');
    assert.deepEqual([absent.exitCode, absent.outcome], [66, 'unreadable']);
    assert.match(absent.message ?? '', /NotFound/);
    const query = `TaskQueue = '${suite.taskQueue}' AND WorkflowType = 'timerFires'`;
    const found = await replay(TEST_BUNDLE, ...server, '--query', query);
    assert.deepEqual(
      found.lines.map(({ name, outcome }) => [name.split('/')[0], outcome]),
      [[first.workflowId, 'ok']]
    );
    const refused = burdock(['replay', '--bundle', TEST_BUNDLE, ...server, '--query', 'NoSuchAttribute = 1']);
    assert.equal((await refused.wait(PATIENCE_MS)).code, 64, refused.tail());
    assert.match(refused.output, /refused the query: .*NoSuchAttribute/);
  });
});

describe('histories of other code', group, () => {
  let oldOrder: HistoryJson;
  let source: string;

  before(async () => {
    source = path.join(PACKAGE_DIR, AFTER_SOURCE);
    const taskQueue = `${suite.taskQueue}-ordered`;
    await suite.startWorker({ taskQueue, bundle: BEFORE });
    oldOrder = await jsonOf(suite, await ended(suite, 'ordered', [], taskQueue));
    recordings.writeJson('other/ordered.json', oldOrder);
    recordings.writeJson('other/retired.json', await jsonOf(suite, await ended(suite, 'retired', [], taskQueue)));
    recordings.writeJson('other/longer.json', await jsonOf(suite, await ended(suite, 'longer', [], taskQueue)));
  });

  const file = (name: string): string => path.join(recordings.folder, 'other', name);

  it('a swapped step is named with its event, its command and its line', async () => {
    const line = await replayOne(AFTER, file('ordered.json'));
    assert.deepEqual([line.exitCode, line.outcome, line.eventId], [10, 'nondeterminism', 5]);
    assert.match(line.message ?? '', /TMPRL1100/);
    assert.equal(line.history, 'TimerStarted (timer 1)');
    assert.equal(line.code, 'ScheduleActivity (activity type echo, activity id 1)');
    assert.equal(line.source?.line, lineOf(source, 'the line that issues another command'));
    assert.ok(line.source?.file.endsWith(AFTER_SOURCE), line.source?.file);
  });

  it('code that ends too early is named with its last command', async () => {
    const line = await replayOne(AFTER, file('longer.json'));
    assert.deepEqual([line.exitCode, line.outcome], [10, 'nondeterminism']);
    assert.equal(line.history, 'TimerStarted (timer 2)');
  });

  it('a workflow type that the bundle lacks is said to be missing', async () => {
    const line = await replayOne(AFTER, file('retired.json'));
    assert.deepEqual([line.exitCode, line.outcome], [11, 'workflow-task-failure']);
    assert.match(line.message ?? '', /'retired'.*exported workflows: broken, longer, ordered/);
  });

  it('code that throws fails its workflow task at a line', async () => {
    const [started, ...rest] = oldOrder.events;
    const attributes = started?.['workflowExecutionStartedEventAttributes'] as Record<string, unknown>;
    const renamed = { ...attributes, workflowType: { name: 'broken' } };
    const events = [{ ...started, workflowExecutionStartedEventAttributes: renamed }, ...rest];
    const line = await replayOne(AFTER, recordings.writeJson('broken.json', { events }));
    assert.deepEqual([line.exitCode, line.outcome, line.message], [11, 'workflow-task-failure', 'broken on purpose']);
    assert.equal(line.source?.line, lineOf(source, "TypeError('broken on purpose')"));
  });

  it('events of a newer server are skipped where they may be, and named where not', async () => {
    const future = { eventType: 'EVENT_TYPE_FROM_THE_FUTURE', futureEventAttributes: {} };
    const replaced = oldOrder.events.map((event) =>
      event['eventType'] === 'EVENT_TYPE_TIMER_FIRED' ? { eventId: event['eventId'], ...future } : event
    );
    const strict = await replayOne(BEFORE, recordings.writeJson('future.json', { events: replaced }));
    assert.deepEqual([strict.exitCode, strict.outcome], [11, 'unusable-history']);
    assert.match(strict.message ?? '', /EVENT_TYPE_FROM_THE_FUTURE.*newer server/);
    const [last, count] = [oldOrder.events.at(-1), oldOrder.events.length];
    const ignorable = { eventId: count, ...future, workerMayIgnore: true };
    const events = [...oldOrder.events.slice(0, -1), ignorable, { ...last, eventId: count + 1 }];
    const skipped = await replayOne(BEFORE, recordings.writeJson('lenient.json', { events }));
    assert.deepEqual([skipped.exitCode, skipped.outcome], [0, 'ok']);
  });

  it('what cannot be read is named and hides nothing else', async () => {
    const broken = recordings.write('mixed/broken.json', '{"events": [');
    recordings.writeJson('mixed/nested/fine.json', oldOrder);
    recordings.writeJson('mixed/part.json', { events: oldOrder.events.slice(1) });
    const missing = path.join(recordings.folder, 'missing.json');
    const mixed = await replay(BEFORE, path.dirname(broken), missing);
    assert.equal(mixed.exitCode, 66);
    assert.deepEqual(
      mixed.lines.map(({ name, outcome }) => [path.basename(name), outcome]),
      [
        ['missing.json', 'unreadable'],
        ['broken.json', 'unreadable'],
        ['fine.json', 'ok'],
        ['part.json', 'unreadable'],
      ]
    );
    assert.match(mixed.lines[3]?.message ?? '', /begins with WorkflowTaskScheduled/);
  });

  it('the gravest outcome decides the exit code, and nothing at all is bad input', async () => {
    const all = await replay(AFTER, file('.'), path.join(recordings.folder, 'missing.json'));
    assert.equal(all.exitCode, 10);
    assert.deepEqual(all.summary.outcomes, {
      ok: 0,
      unreadable: 1,
      'unusable-history': 0,
      'workflow-task-failure': 1,
      nondeterminism: 2,
    });
    recordings.write('empty/readme.md', 'No history.');
    const none = burdock(['replay', '--bundle', AFTER, path.join(recordings.folder, 'empty')]);
    assert.equal((await none.wait(PATIENCE_MS)).code, 66);
    assert.match(none.stderr, /no history was found/);
  });
});

describe('the same histories under the Node worker', group, () => {
  /** Outcomes as the error classes that `runReplayHistories` reports. */
  const CLASSES: Record<string, string> = {
    ok: 'none',
    nondeterminism: 'DeterminismViolationError',
    'workflow-task-failure': 'ReplayError',
    'unusable-history': 'ReplayError',
  };

  async function errorUnderNode(codePath: string, handle: WorkflowHandle): Promise<string> {
    const history = await handle.fetchHistory();
    const histories = [{ workflowId: handle.workflowId, history }];
    for await (const { error } of Worker.runReplayHistories({ workflowBundle: { codePath } }, histories)) {
      return error?.name ?? 'none';
    }
    throw new Error('no result');
  }

  before(() => {
    // What fails here fails on purpose.
    Runtime.install({
      logger: new DefaultLogger('ERROR', () => undefined),
      telemetryOptions: { logging: { filter: 'off' } },
    });
  });

  it('end in the same class of outcome', async () => {
    const taskQueue = `${suite.taskQueue}-classes`;
    await suite.startWorker({ taskQueue, bundle: BEFORE });
    const handles: WorkflowHandle[] = [];
    for (const type of ['ordered', 'retired', 'longer']) handles.push(await ended(suite, type, [], taskQueue));
    const queue = `${suite.taskQueue}-plain-error`;
    await suite.startWorker({ taskQueue: queue });
    const failing = await suite.client.workflow.start(throwsPlainError, { taskQueue: queue, workflowId: queue });
    await taskFailure(failing, /thrown on purpose/);
    const cases = [BEFORE, AFTER].flatMap((bundle) => handles.map((handle) => ({ bundle, handle })));
    cases.push({ bundle: TEST_BUNDLE, handle: failing }, { bundle: AFTER, handle: failing });
    const seen = new Set<string>();
    for (const { bundle, handle } of cases) {
      const file = recordings.write('class.bin', await bytesOf(handle));
      const { outcome } = await replayOne(bundle, file);
      assert.equal(CLASSES[outcome], await errorUnderNode(bundle, handle), `${handle.workflowId} under ${bundle}`);
      seen.add(outcome);
    }
    await failing.terminate();
    assert.deepEqual(seen, new Set(['ok', 'nondeterminism', 'workflow-task-failure']));
  });
});
