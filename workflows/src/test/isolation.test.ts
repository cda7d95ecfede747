/** Workflows that share an isolate, and its context, see nothing of each other. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import {
  type Sight,
  followsContext,
  forbiddenGlobals,
  isolated,
  leave,
  look,
  tampers,
  write,
} from '../workflows/testing';
import { flavour, useSuite } from './harness';

const suite = useSuite();
// One isolate, so that all runs meet in it.
before(() => suite.startWorker({ isolates: 1 }));

const untouched: Sight = {
  moduleCount: 0,
  moduleList: [],
  byString: null,
  bySymbol: null,
  hiddenProperty: null,
  accessor: null,
  consoleOwner: null,
  escapeOwner: null,
  hasUnescape: true,
  sdkModuleOwner: null,
  enumerated: [],
};

function marked(owner: string, times: number): Sight {
  return {
    moduleCount: times,
    moduleList: Array.from({ length: times }, () => owner),
    byString: owner,
    bySymbol: owner,
    hiddenProperty: owner,
    accessor: owner,
    consoleOwner: owner,
    escapeOwner: owner,
    hasUnescape: false,
    sdkModuleOwner: owner,
    enumerated: ['burdockByString', 'burdockAccessor'],
  };
}

/** Compares two views; the Node worker may lose accessors that a run defines on its globals, so there they do not count. */
function sees(actual: Sight, expected: Sight): void {
  const counted = (sight: Sight): Sight =>
    flavour === 'node' ? { ...sight, accessor: null, enumerated: sight.enumerated.slice(0, 1) } : sight;
  assert.deepEqual(counted(actual), counted(expected));
}

describe('isolation', () => {
  it('module state and globals stay with the run that wrote them', async () => {
    const runs = await Promise.all(Array.from({ length: 4 }, () => suite.start(isolated, [])));
    const [a, b, quiet, late] = runs;
    assert.ok(a && b && quiet && late);
    // Each write is an activation of its own, in turns, with a look at the others in between.
    for (let round = 1; round <= 3; round += 1) {
      for (const run of [a, b]) {
        await run.signal(write);
        sees(await run.query(look), marked(run.workflowId, round));
        sees(await quiet.query(look), untouched);
      }
      sees(await a.query(look), marked(a.workflowId, round));
    }
    for (const run of [quiet, late]) await run.signal(write);
    for (const run of runs) await run.signal(leave);
    const lasts = { [a.workflowId]: 3, [b.workflowId]: 3, [quiet.workflowId]: 1, [late.workflowId]: 1 };
    for (const run of runs) {
      const { first, last } = await run.result();
      sees(first, untouched);
      sees(last, marked(run.workflowId, lasts[run.workflowId] ?? 0));
    }
  });

  it('a run that starts after others ended finds everything untouched', async () => {
    const run = await suite.start(isolated, []);
    sees(await run.query(look), untouched);
    await run.terminate();
  });

  it('built-in objects and the SDK refuse changes', async () => {
    const { result } = await suite.execute(tampers);
    const names = Object.keys(result);
    assert.equal(names.length, 7);
    assert.deepEqual(result, Object.fromEntries(names.map((name) => [name, 'TypeError'])));
  });

  it('globals of the host are not there', async () => {
    assert.deepEqual((await suite.execute(forbiddenGlobals)).result, []);
  });

  it('AsyncLocalStorage follows awaits across interleaved workflows', async () => {
    const runs = await Promise.all(Array.from({ length: 10 }, () => suite.start(followsContext, [2])));
    const lost = await Promise.all(runs.map((run) => run.result()));
    assert.deepEqual(
      lost,
      runs.map(() => [])
    );
  });
});
