/** The migration path: workflows here, activities on Node workers of the same task queue, and the other way round. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { conversation } from '../workflows';
import { replyReceived } from '../workflows/messages';
import { add, addAndGet, counter, finish, patchedFlow } from '../workflows/testing';
import { eventsOf, historyOf, historyWith, typesOf } from './history';
import { type WorkerOptions, useSuite } from './harness';

const suite = useSuite();

type Half = Omit<WorkerOptions, 'taskQueue'>;
const workflowsOnly: Half = { activitySlots: 0 };
const activitiesOnly: Half = { workflowSlots: 0, bundle: null };

const cases: { name: string; tested: Half; node: Half }[] = [
  { name: 'workflows on the worker under test, activities on Node', tested: workflowsOnly, node: activitiesOnly },
  { name: 'activities on the worker under test, workflows on Node', tested: activitiesOnly, node: workflowsOnly },
];

it('workflows move from a Node worker to the worker under test and back', async () => {
  const taskQueue = `moving-${randomUUID()}`;
  const handle = await suite.start(counter, [], { taskQueue });
  const patchedHandle = await suite.start(patchedFlow, [], { taskQueue });
  for (const [round, flavour] of (['node', undefined, 'node'] as const).entries()) {
    const worker = await suite.startWorker({ taskQueue, ...(flavour ? { flavour } : {}) });
    await handle.signal(add, 1);
    assert.equal(await handle.executeUpdate(addAndGet, { args: [10] }), 11 * (round + 1));
    if (round === 0) await historyWith(patchedHandle, 'TIMER_FIRED');
    if (round === 1) await patchedHandle.signal('goOn');
    if (round > 0) assert.deepEqual(await patchedHandle.result(), { first: true, again: true, later: true });
    if (round === 2) await handle.signal(finish);
    if (round === 2) assert.equal((await handle.result()).sum, 33);
    await worker.stop();
  }
  for (const moved of [handle, patchedHandle]) {
    assert.ok(!typesOf(await historyOf(moved)).has('WORKFLOW_TASK_FAILED'));
  }
});

describe('a task queue shared with a Node worker', { concurrency: true }, () => {
  for (const { name, tested, node } of cases) {
    it(name, async () => {
      const taskQueue = `migration-${randomUUID()}`;
      const workers = await Promise.all([
        suite.startWorker({ ...tested, taskQueue }),
        suite.startWorker({ ...node, taskQueue, flavour: 'node' }),
      ]);
      const handle = await suite.start(conversation, [{ leadId: `migration-${randomUUID()}` }], { taskQueue });
      await handle.signal(replyReceived, { text: 'please stop' });
      const { outcome, history } = await handle.result();
      assert.equal(outcome, 'declined');
      assert.deepEqual(history, { messages: 1, replies: 1, calls: 0 });
      const events = await historyOf(handle);
      const identities = (
        type: string,
        key: 'activityTaskStartedEventAttributes' | 'workflowTaskStartedEventAttributes'
      ) => new Set(eventsOf(events, type).map((event) => event[key]?.identity));
      const activities = identities('ACTIVITY_TASK_STARTED', 'activityTaskStartedEventAttributes');
      const workflows = identities('WORKFLOW_TASK_STARTED', 'workflowTaskStartedEventAttributes');
      assert.equal(activities.size, 1);
      assert.equal(workflows.size, 1);
      assert.notDeepEqual(activities, workflows, 'each half ran on its own worker');
      await Promise.all(workers.map((worker) => worker.stop()));
    });
  }
});
