/** Completions that cannot be sent, and converters with defects: an error of the workflow task, with type and line. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import type { Workflow, WorkflowHandle } from '@temporalio/client';
import { DIST_DIR, PACKAGE_DIR, writeBundle } from '../tools/bundles';
import {
  type Mistake,
  actsInQuery,
  asksAndActs,
  claimsAnotherRun,
  counter,
  finish,
  issuesBadCommand,
  mistakeNames,
  neighbour,
} from '../workflows/testing';
import {
  isGivenUnconvertible,
  passesUnconvertible,
  returnsUnconvertible,
  takesConverted,
} from '../workflows/testing/bad-conversions';
import { type TestWorker, flavour, useSuite } from './harness';
import { eventsOf, historyOf, historyWith, taskFailure } from './history';

const suite = useSuite();
const sourceOf = (file: string): string => path.join(PACKAGE_DIR, 'src/workflows/testing', file);

/** The number of the only line of `file` with this text, from 1. */
function lineOf(file: string, text: string): number {
  const found = readFileSync(sourceOf(file), 'utf8')
    .split('\n')
    .flatMap((line, index) => (line.includes(text) ? [index + 1] : []));
  assert.equal(found.length, 1, `${text} in ${file}`);
  return found[0] ?? 0;
}

/** What each mistake is called: the path of the value, and what is wrong with it. The bad command is the second one. */
const COMPLAINTS: Record<Mistake, RegExp> = {
  noVariant: /: `successful\.commands\[1\]` has no variant that this worker knows;/,
  unknownVariant: /: `successful\.commands\[1\]` has no variant that this worker knows;/,
  noObject: /: `successful\.commands\[1\]\.startTimer`: expected an object, found /,
  noMap: /: `successful\.commands\[1\]\.upsert\w+\.searchAttributes\.indexedFields`: expected an object, found /,
  noList: /: `successful\.commands\[1\]\.scheduleActivity\.arguments`: expected an array, found /,
  throwingGetter: /: .*refused on purpose.*;/,
  throwingProxy: /: .*refused on purpose.*;/,
  endlessFailure: /: .*nested deeper than 100 levels;/,
  objectAsTaskQueue: /: `successful\.commands\[1\]\.scheduleActivity\.taskQueue`: expected a string, found /,
};

/** The Node worker never answers a task with the first two, and sends the last one without the value. */
const NODE_DOES_NOT_REFUSE: readonly Mistake[] = ['noVariant', 'unknownVariant', 'objectAsTaskQueue'];

describe('a completion that cannot be sent', { concurrency: 3 }, () => {
  let worker: TestWorker;
  before(async () => {
    worker = await suite.startWorker();
  });

  for (const mistake of mistakeNames) {
    const skip = flavour === 'node' && NODE_DOES_NOT_REFUSE.includes(mistake);
    it(`for ${mistake} fails its task with the workflow's type and the line`, { skip }, async () => {
      const handle = await suite.start(issuesBadCommand, [mistake]);
      const { message } = await taskFailure(handle, /./);
      if (flavour === 'burdock') namesTypeAndLine(mistake, message ?? '');
      await goesNoFurther(handle);
      assert.equal((await suite.execute(neighbour, 3)).result, 6);
      assert.ok(worker.child.isRunning);
    });
  }

  const skip = flavour === 'node';

  it('because it is for another run fails its task, and the other run goes on', { skip }, async () => {
    const other = await suite.start(counter, [1]);
    await historyWith(other, 'WORKFLOW_TASK_COMPLETED');
    const handle = await suite.start(claimsAnotherRun, [other.firstExecutionRunId]);
    const { message } = await taskFailure(handle, /./);
    const { firstExecutionRunId: own } = handle;
    assert.equal(
      message,
      "The workflow task of 'claimsAnotherRun' produced a completion that cannot be sent: " +
        `it is for run ${other.firstExecutionRunId} instead of ${own}`
    );
    await goesNoFurther(handle);
    await other.signal(finish);
    assert.deepEqual(await other.result(), { sum: 1, unknownSignals: [] });
    assert.deepEqual(eventsOf(await historyOf(other), 'WORKFLOW_TASK_FAILED'), []);
  });

  // The Node worker never answers this query.
  it('because the handler of a query acts fails the query with the type', { skip }, async () => {
    const handle = await suite.start(actsInQuery, []);
    await historyWith(handle, 'WORKFLOW_TASK_COMPLETED');
    const reason = /of 'actsInQuery' .*cannot be sent: the handler of a query scheduled commands/;
    await assert.rejects(handle.query(asksAndActs), reason);
    assert.deepEqual(eventsOf(await historyOf(handle), 'WORKFLOW_TASK_FAILED'), []);
    await handle.terminate();
    assert.ok(worker.child.isRunning);
  });
});

function namesTypeAndLine(mistake: Mistake, message: string): void {
  assert.match(message, /^The workflow task of 'issuesBadCommand' produced a completion that cannot be sent: /);
  assert.match(message, COMPLAINTS[mistake]);
  // `push` is workflow code too, and nearest to the command.
  const nearest = mistake === 'objectAsTaskQueue' ? `  ${mistake}: () =>` : 'activator().pushCommand(';
  const line = lineOf('bad-completions.ts', nearest);
  assert.match(message, new RegExp(`; the command comes from .*bad-completions\\.ts:${line}:\\d+\\)$`));
}

/** Nothing of the refused completion may have reached the server. */
async function goesNoFurther(handle: WorkflowHandle): Promise<void> {
  const events = await historyOf(handle);
  assert.deepEqual(eventsOf(events, 'WORKFLOW_TASK_COMPLETED'), []);
  assert.deepEqual(eventsOf(events, 'TIMER_STARTED'), []);
  await handle.terminate();
}

describe('a payload converter with defects', { concurrency: 3 }, () => {
  const taskQueue = `burdock-test-converter-${randomUUID()}`;
  const bundle = path.join(DIST_DIR, 'bad-converter-bundle.js');
  before(async () => {
    await writeBundle(sourceOf('bad-conversions.ts'), bundle, { payloadConverterPath: sourceOf('bad-converter.ts') });
    await suite.startWorker({ taskQueue, bundle });
  });

  const start = <W extends Workflow>(workflow: W, ...args: Parameters<W>) => suite.start(workflow, args, { taskQueue });

  /** Expects a failed workflow task, and that the worker goes on with other runs. */
  async function failsItsTask(handle: WorkflowHandle, reason: RegExp): Promise<string> {
    const { message } = await taskFailure(handle, reason);
    await handle.terminate();
    assert.equal(await (await start(takesConverted, 'text')).result(), 'string');
    return message ?? '';
  }

  it('that throws on an argument fails the task', async () => {
    const handle = await start(takesConverted, { converts: 'throws', direction: 'from' });
    await failsItsTask(handle, /refused to convert from a payload/);
  });

  it('that makes nothing of an argument hands on undefined', async () => {
    assert.equal(await (await start(takesConverted, { converts: 'nothing', direction: 'from' })).result(), 'undefined');
  });

  it('that throws on a result fails the task', async () => {
    await failsItsTask(await start(returnsUnconvertible, 'throws'), /refused to convert to a payload/);
  });

  it('that makes nothing of a result completes the workflow without one', async () => {
    const handle = await start(returnsUnconvertible, 'nothing');
    assert.equal(await handle.result(), undefined);
    const [completed] = eventsOf(await historyOf(handle), 'WORKFLOW_EXECUTION_COMPLETED');
    assert.deepEqual(completed?.workflowExecutionCompletedEventAttributes?.result?.payloads ?? [], []);
  });

  it('that throws on an argument of an activity throws at the call', async () => {
    const result = await (await start(passesUnconvertible, 'throws')).result();
    assert.equal((result as { message?: string }).message, 'refused to convert to a payload');
  });

  it('that makes nothing of an argument of an activity fails the task', async () => {
    const message = await failsItsTask(await start(passesUnconvertible, 'nothing'), /./);
    if (flavour === 'node') return;
    const place = /of 'passesUnconvertible' .*`successful\.commands\[0\]\.\w+\.arguments\[0\]`: expected an object/;
    assert.match(message, place);
    const line = lineOf('bad-conversions.ts', 'the line that passes it');
    assert.match(message, new RegExp(`; the command comes from .*bad-conversions\\.ts:${line}:`));
  });

  // The Node worker sends an empty payload in the place of the text.
  it('that makes a text of a value fails the task', { skip: flavour === 'node' }, async () => {
    const cases: [WorkflowHandle, string][] = [
      [await start(returnsUnconvertible, 'text'), 'completeWorkflowExecution.result'],
      [await start(passesUnconvertible, 'text'), 'scheduleActivity.arguments[0]'],
    ];
    for (const [handle, place] of cases) {
      const message = await failsItsTask(handle, /cannot be sent/);
      assert.ok(message.includes(`\`successful.commands[0].${place}\`: expected an object`), message);
    }
  });

  it('that throws on the result of an activity fails the task', async () => {
    await failsItsTask(await start(isGivenUnconvertible, 'throws'), /refused to convert from a payload/);
  });

  it('that makes nothing of the result of an activity hands on undefined', async () => {
    assert.equal(await (await start(isGivenUnconvertible, 'nothing')).result(), 'undefined');
  });
});
