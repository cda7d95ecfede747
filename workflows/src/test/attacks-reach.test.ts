/**
 * What workflow code can reach of the host, and what was decided about risky parts of the language. With
 * `BURDOCK_TEST_WRITES_ISOLATION=1` the lists of functions and the table of `docs/isolation.md` are written, not
 * compared.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { PACKAGE_DIR } from '../tools/bundles';
import { type Reach, decisions, passBy, reaches } from '../workflows/testing/attacks';
import { decided } from './attacks/decided';
import { readBlock, tableBlock, writeBlock } from './attacks/document';
import { flavour, useSuite } from './harness';

const writes = process.env['BURDOCK_TEST_WRITES_ISOLATION'] === '1';
const suite = useSuite();

const listFile = (context: string): string => path.join(PACKAGE_DIR, `src/test/attacks/host-functions-${context}.txt`);

/** The functions of the host that tell something when they are called. The SDK's own log lines need the time. */
const GIVEAWAYS = ['activator.getTimeOfDay: the time'];

// Under the Node worker the walk leads to `fs.readFile`, and calling all that it finds ends the worker.
describe('what can be reached', { skip: flavour === 'node' }, () => {
  for (const context of ['shared', 'per-workflow']) {
    describe(context, () => {
      const taskQueue = `${suite.taskQueue}-${context}`;
      let reach: Reach;

      before(async () => {
        const extraFlags = context === 'per-workflow' ? ['--context', context] : [];
        await suite.startWorker({ taskQueue, isolates: 1, extraFlags });
        const run = await suite.start(reaches, [], { taskQueue });
        await run.signal(passBy, 'a payload');
        reach = await run.result();
      });

      it('is a list of functions that is known', () => {
        const found = `${reach.functions.sort().join('\n')}\n`;
        if (writes) writeFileSync(listFile(context), found);
        assert.ok(reach.functions.length > 100, 'the walk came somewhere');
        assert.equal(found, readFileSync(listFile(context), 'utf8'));
      });

      it('tells neither the time nor anything random, but for the clock of log lines', () => {
        assert.deepEqual(reach.giveaways, GIVEAWAYS);
      });

      it('compiles no code outside of the realm of the run', () => assert.deepEqual(reach.compilers, []));

      it('is what was decided', async () => {
        const run = await suite.start(decisions, [], { taskQueue });
        const outcomes = Object.entries(decided).map(([name, { outcome }]) => [name, outcome]);
        assert.deepEqual(await run.result(), Object.fromEntries(outcomes));
      });
    });
  }
});

describe('docs/isolation.md', () => {
  it('has the decisions', () => {
    const rows = Object.entries(decided).map(([name, { outcome, why }]) => [`\`${name}\``, outcome, why]);
    const block = tableBlock(['what', 'outcome', 'why'], rows);
    if (writes) writeBlock('decisions', block);
    assert.equal(readBlock('decisions'), block);
  });
});
