/** Workflow code that attacks what it shares with others harms itself at most. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import {
  add,
  commandsUnprintable,
  counter,
  finish,
  hear,
  heard,
  misusesQueries,
  neighbour,
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

const suite = useSuite();
before(() => suite.startWorker({ isolates: 1, workflowTimeout: '1s' }));

/** Runs `attack` between two activations of a run on the same isolate; the run must not notice. */
async function besideNeighbours(attack: () => Promise<void>): Promise<void> {
  const cached = await suite.start(counter, [1]);
  assert.equal(await cached.query(total), 1);
  await attack();
  assert.equal((await suite.execute(neighbour, 21)).result, 42);
  await cached.signal(add, 2);
  await cached.signal(finish);
  assert.equal((await cached.result()).sum, 3);
}

describe('the shared global object', () => {
  for (const how of seizureNames) {
    it(`survives ${how}`, () =>
      besideNeighbours(async () => {
        const run = await suite.start(seizesGlobal, [how]);
        assert.equal((await suite.execute(neighbour, 1)).result, 2, 'while the run is cached');
        await run.signal('release');
        assert.match(await run.result(), /^(refused|done)$/);
      }));
  }
});

// The Node worker's own host trips over such values.
describe('a value that cannot be turned into text', { skip: flavour === 'node' }, () => {
  for (const what of unprintables) {
    for (const workflow of [throwsUnprintable, commandsUnprintable]) {
      it(`${what} in ${workflow.name} fails the task alone`, () =>
        besideNeighbours(async () => {
          const run = await suite.start(workflow, [what]);
          await taskFailure(run, /./);
          await run.terminate();
        }));
    }
  }
});

describe('values that the types exclude', () => {
  it('numbers as ids work as their decimal text', async () => {
    const id = Date.now();
    const { result, handle } = await suite.execute(usesNumericIds, id);
    assert.deepEqual(result, { echoed: id, result: 'well done' });
    const child = await suite.client.workflow.getHandle(String(id)).describe();
    assert.equal(child.parentExecution?.workflowId, handle.workflowId);
  });
});

describe('a query handler', () => {
  for (const query of [startsTimer, waitsForTimer]) {
    it(`that ${query.name} fails, and its run goes on`, async () => {
      const taskQueue = `${suite.taskQueue}-${query.name}`;
      const worker = await suite.startWorker({ taskQueue });
      const run = await suite.start(misusesQueries, [], { taskQueue });
      for (let signals = 1; signals <= 2; signals += 1) {
        await run.signal(hear);
        await assert.rejects(run.query(query));
        assert.equal(await run.query(heard), signals);
      }
      await run.signal(hear);
      assert.equal(await run.result(), 3);
      await worker.stop();
    });
  }
});
