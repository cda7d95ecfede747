/** Payloads that cannot be decoded or are too large: the same class of outcome as in the Node worker. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import type { Workflow, WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { UNREADABLE } from './bad-input/payloads';
import { meetsUnreadable, neighbour, oversizedPlaces, sendsOversized } from '../workflows/testing';
import { add, addAndGet, counter, finish, total } from '../workflows/testing/messages';
import { type TestWorker, useSuite } from './harness';
import { eventsOf, historyOf, historyWith, taskFailure, typesOf } from './history';

const { WorkflowTaskFailedCause } = temporal.api.enums.v1;

const suite = useSuite();
let worker: TestWorker;
before(async () => {
  worker = await suite.startWorker();
});

/** Starts a workflow with arguments that are not of its types. */
const startWith = <W extends Workflow>(workflow: W, ...args: unknown[]) => suite.start(workflow, args as Parameters<W>);

/** The cause of the run's first failed workflow task. */
async function causeOf(handle: WorkflowHandle): Promise<string | undefined> {
  const [failed] = eventsOf(await historyOf(handle), 'WORKFLOW_TASK_FAILED');
  return WorkflowTaskFailedCause[failed?.workflowTaskFailedEventAttributes?.cause ?? 0];
}

/** Expects a failed workflow task of a run that goes on, and that the worker goes on with other runs. */
async function failsItsTask(handle: WorkflowHandle, reason: RegExp, cause: string): Promise<void> {
  await taskFailure(handle, reason);
  assert.equal(await causeOf(handle), `WORKFLOW_TASK_FAILED_CAUSE_${cause}`);
  assert.equal((await handle.describe()).status.name, 'RUNNING');
  await handle.terminate();
  assert.equal((await suite.execute(neighbour, 3)).result, 6);
  assert.ok(worker.child.isRunning);
}

const UNHANDLED = 'WORKFLOW_WORKER_UNHANDLED_FAILURE';

for (const [what, [unreadable, reason]] of Object.entries(UNREADABLE)) {
  describe(`a payload with ${what}`, { concurrency: 3 }, () => {
    /** A counter that has begun to wait. */
    async function counting(): Promise<WorkflowHandle<typeof counter>> {
      const handle = await suite.start(counter, [1]);
      await historyWith(handle, 'WORKFLOW_TASK_COMPLETED');
      return handle;
    }

    it('fails the task of the workflow that it is an argument of', async () => {
      await failsItsTask(await startWith(neighbour, unreadable), reason, UNHANDLED);
    });

    it('fails the task that a signal brings it with', async () => {
      const handle = await counting();
      await handle.signal<[unknown]>(add.name, unreadable);
      await failsItsTask(handle, reason, UNHANDLED);
    });

    it('has an update refused before it is accepted', async () => {
      const handle = await counting();
      const update = handle.executeUpdate<number, [unknown]>(addAndGet.name, { args: [unreadable] });
      await assert.rejects(update, (error: { cause?: Error }) => reason.test(error.cause?.message ?? ''));
      await handle.signal(finish);
      assert.deepEqual(await handle.result(), { sum: 1, unknownSignals: [] });
      const types = typesOf(await historyOf(handle));
      assert.ok(!types.has('WORKFLOW_EXECUTION_UPDATE_ACCEPTED') && !types.has('WORKFLOW_TASK_FAILED'));
    });

    it('fails the query, not the workflow', async () => {
      const handle = await counting();
      await assert.rejects(handle.query<number, [unknown]>(total.name, unreadable), reason);
      assert.equal(await handle.query(total), 1);
      await handle.signal(finish);
      assert.deepEqual(await handle.result(), { sum: 1, unknownSignals: [] });
      assert.ok(!typesOf(await historyOf(handle)).has('WORKFLOW_TASK_FAILED'));
    });
  });
}

describe('an activity whose answer cannot be decoded', () => {
  const taskQueue = `burdock-test-unreadable-${randomUUID()}`;
  const [, reason] = UNREADABLE['an unknown encoding'];
  before(async () => {
    const services = path.join(__dirname, 'bad-input/unreadable-activities.js');
    await suite.startWorker({ taskQueue, flavour: 'node', bundle: null, workflowSlots: 0, services });
  });

  for (const kind of ['returnsUnreadable', 'failsUnreadably'] as const) {
    it(`fails the task of the workflow when it ${kind}`, async () => {
      await failsItsTask(await suite.start(meetsUnreadable, [taskQueue, kind]), reason, UNHANDLED);
    });
  }
});

describe('a payload larger than the server takes', () => {
  /** More than the 2 MiB of a payload, and more than the 4 MiB of a message. */
  const SIZES = [3_000_000, 5_000_000];

  for (const place of oversizedPlaces) {
    for (const bytes of SIZES) {
      it(`fails the task that sends ${bytes} bytes as ${place}`, async () => {
        const handle = await suite.start(sendsOversized, [place, bytes]);
        await failsItsTask(handle, /TMPRL1103.*exceeded the error limit/, 'PAYLOADS_TOO_LARGE');
      });
    }
  }
});
