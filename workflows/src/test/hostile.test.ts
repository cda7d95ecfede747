/** Workflow code that attacks what it shares with others harms itself at most. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import {
  add,
  commandsUnprintable,
  counter,
  countsRuns,
  finish,
  hear,
  heard,
  misusesQueries,
  seizesGlobal,
  seizureNames,
  startsTimer,
  throwsUnprintable,
  total,
  unprintables,
  usesNumericIds,
  waitsForTimer,
} from '../workflows/testing';
import { flavour, useSuite } from './harness';
import { taskFailure } from './history';

/** A run that an attack reached never answers: for tests that would wait for it for ever. */
const BOUNDED = { timeout: 30_000 };

const suite = useSuite();
before(() => suite.startWorker({ isolates: 1, workflowTimeout: '1s' }));

async function oneMore(taskQueue: string): Promise<void> {
  const run = await suite.start(countsRuns, [1], { taskQueue });
  assert.equal((await run.result()).runs, 1);
}

/** Runs `attack` between two activations of a run on the same isolate; the run must not notice. */
async function besideNeighbours(attack: () => Promise<void>, taskQueue = suite.taskQueue): Promise<void> {
  const cached = await suite.start(counter, [1], { taskQueue });
  assert.equal(await cached.query(total), 1);
  await attack();
  await oneMore(taskQueue);
  await cached.signal(add, 2);
  await cached.signal(finish);
  assert.equal((await cached.result()).sum, 3);
}

describe('the shared global object', () => {
  for (const how of seizureNames) {
    // The official worker does not survive these; its runs fail until it is restarted.
    const skip = flavour === 'node' && /Activator|Accessor/.test(how);
    it(`survives ${how}`, { ...BOUNDED, skip }, async () => {
      // A worker for each, for the attack that it does not survive.
      const taskQueue = `${suite.taskQueue}-${how}`;
      await suite.startWorker({ taskQueue, isolates: 1 });
      await besideNeighbours(async () => {
        const run = await suite.start(seizesGlobal, [how], { taskQueue });
        // While the attacker is cached.
        await oneMore(taskQueue);
        await run.signal('release');
        assert.match(await run.result(), /^(refused|done)$/);
      }, taskQueue);
    });
  }
});

// The Node worker's own host trips over such values.
describe('a value that cannot be turned into text', { skip: flavour === 'node' }, () => {
  for (const what of unprintables) {
    for (const workflow of [throwsUnprintable, commandsUnprintable]) {
      it(`${what} in ${workflow.name} fails the task alone`, BOUNDED, () =>
        besideNeighbours(async () => {
          const run = await suite.start(workflow, [what]);
          await taskFailure(run, /./);
          await run.terminate();
        })
      );
    }
  }
});

describe('values that the types exclude', () => {
  it('numbers as ids work as their decimal text', BOUNDED, async () => {
    const id = Date.now();
    const { result, handle } = await suite.execute(usesNumericIds, id);
    assert.deepEqual(result, { echoed: id, result: 'well done' });
    const child = await suite.client.workflow.getHandle(String(id)).describe();
    assert.equal(child.parentExecution?.workflowId, handle.workflowId);
  });
});

// The Node worker ends with an error.
describe('a query handler', { skip: flavour === 'node' }, () => {
  for (const query of [startsTimer, waitsForTimer]) {
    it(`that does what ${query.name} does fails, and its run goes on`, BOUNDED, async () => {
      const taskQueue = `${suite.taskQueue}-${query.name}`;
      const worker = await suite.startWorker({ taskQueue });
      const run = await suite.start(misusesQueries, [], { taskQueue });
      for (let signals = 1; signals <= 2; signals += 1) {
        await run.signal(hear);
        // A task of its own for the bad query: this one brings the signal along.
        assert.equal(await run.query(heard), signals);
        await assert.rejects(run.query(query));
        assert.equal(await run.query(heard), signals);
      }
      await run.signal(hear);
      assert.equal(await run.result(), 3);
      await worker.stop();
    });
  }
});
