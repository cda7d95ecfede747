/**
 * No run sees what another one did to what they share. The attacks are those of `workflows/testing/attacks`; what comes
 * of each stands in `docs/isolation.md`. `BURDOCK_TEST_WRITES_ISOLATION=1` writes it there instead of comparing.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Workflow, WorkflowHandle } from '@temporalio/client';
import { until } from '../support/poll';
import { DIST_DIR, PACKAGE_DIR, writeBundle } from '../tools/bundles';
import {
  type AttackResult,
  attackFamilies,
  attackNamed,
  attackNames,
  attacker,
  finish,
  inspector,
  proceed,
  seen,
  victim,
} from '../workflows/testing/attacks';
import { type Column, type Verdict, documented, isComplete, writeColumn } from './attacks/document';
import { permittedInShared } from './attacks/permitted';
import { PATIENCE_MS, type TestWorker, flavour, useSuite } from './harness';
import { eventsOf, historyOf } from './history';

const FOLDER = path.join(PACKAGE_DIR, 'src/workflows/testing/attacks');
const BUNDLE = path.join(DIST_DIR, 'attacks-bundle.js');
/** The attacks to try, by name, separated by commas; all if not set. */
const CHOSEN = process.env['BURDOCK_TEST_ATTACKS']?.split(',');
const writes = process.env['BURDOCK_TEST_WRITES_ISOLATION'] === '1';
const columns: Column[] = flavour === 'node' ? ['Node worker'] : ['shared', 'per-workflow'];
/** Where runs leak into each other, attacks are tried one at a time, and undone. */
const leaks = flavour === 'node';

const suite = useSuite();
const permitted = (column: Column): string[] => (column === 'shared' ? Object.keys(permittedInShared) : []);

async function tasksCompleted(handle: WorkflowHandle, count: number): Promise<void> {
  await until(`${count} completed workflow tasks`, leaks ? PATIENCE_MS / 4 : PATIENCE_MS, async () =>
    eventsOf(await historyOf(handle), 'WORKFLOW_TASK_COMPLETED').length >= count ? true : undefined
  );
}

function verdictOf({ refusal, atOnce, later }: AttackResult, visible: boolean): Verdict {
  if (visible) return 'visible';
  if (refusal !== null) return 'refused';
  if (later) return 'its own';
  return atOnce ? 'lost' : 'no effect';
}

function attacksUnder(column: Column): void {
  const taskQueue = `${suite.taskQueue}-${column.replace(' ', '-')}`;
  const verdicts = new Map<string, Verdict>();
  let watching: WorkflowHandle<typeof victim>;

  async function start<W extends Workflow>(workflow: W, ...args: Parameters<W>) {
    return suite.start(workflow, args, { taskQueue });
  }

  const inspect = async (): Promise<string[]> => (await start(inspector)).result();

  let worker: TestWorker | undefined;
  async function beginAnew(): Promise<void> {
    await worker?.kill();
    const extraFlags = column === 'per-workflow' ? ['--context', column] : [];
    worker = await suite.startWorker({ taskQueue, bundle: BUNDLE, isolates: 1, extraFlags });
    await watching?.terminate();
    watching = await start(victim);
  }

  before(beginAnew);

  /** Attacks between two looks of a run that was there before, and before the first one of a run that comes later. */
  async function attempt(name: string): Promise<Verdict> {
    const seenBefore = await watching.query(seen);
    const attacking = await start(attacker, name, leaks);
    // No query to the attacker: that would be an entry into it.
    await tasksCompleted(attacking, 1);
    // A timer of the attack has its effect in the next task.
    const timers = eventsOf(await historyOf(attacking), 'TIMER_STARTED').length;
    if (timers > 0) await tasksCompleted(attacking, 1 + timers);
    await watching.signal(proceed, name);
    if (attackNamed(name).needsSignal) {
      await attacking.signal(proceed, name);
      await tasksCompleted(attacking, 2);
      await watching.signal(proceed, name);
    }
    const seenAfter = await watching.query(seen);
    const seenLate = await inspect();
    await attacking.signal(finish);
    const result = await attacking.result();
    const visible = (seenAfter.includes(name) && !seenBefore.includes(name)) || seenLate.includes(name);
    return verdictOf(result, visible);
  }

  async function attemptAtAnyPrice(name: string): Promise<Verdict> {
    try {
      return await attempt(name);
    } catch {
      await beginAnew();
      return 'breaks others';
    }
  }

  for (const [title, family] of Object.entries(attackFamilies)) {
    describe(title, { concurrency: leaks ? 1 : 4 }, () => {
      for (const name of Object.keys(family)) {
        it(name, { skip: CHOSEN !== undefined && !CHOSEN.includes(name) }, async () => {
          const verdict = leaks ? await attemptAtAnyPrice(name) : await attempt(name);
          verdicts.set(name, verdict);
          if (!leaks) assert.equal(verdict === 'visible', permitted(column).includes(name), verdict);
          if (!writes) assert.equal(verdict, documented().get(name)?.[column]);
        });
      }
    });
  }

  it('nothing is left of any attack', { skip: leaks || CHOSEN !== undefined }, async () => {
    await watching.signal(finish);
    await watching.result();
    assert.deepEqual((await inspect()).sort(), permitted(column).sort());
  });

  after(() => {
    if (writes) writeColumn(column, verdicts);
  });
}

describe('attacks', () => {
  before(() =>
    writeBundle(path.join(FOLDER, 'index.ts'), BUNDLE, { preloadModules: [path.join(FOLDER, 'preloaded.ts')] })
  );
  for (const column of columns) describe(`in the column '${column}'`, () => attacksUnder(column));
});

describe('docs/isolation.md', () => {
  it('lists every attack as it describes itself', { skip: writes }, () => assert.ok(isComplete()));

  it('names what the shared executor permits', () => {
    const visible = [...documented()].filter(([, verdicts]) => verdicts.shared === 'visible').map(([name]) => name);
    assert.deepEqual(visible.sort(), Object.keys(permittedInShared).sort());
  });

  it('knows attacks that are many and have names of their own', () => {
    const count = Object.values(attackFamilies).reduce((sum, family) => sum + Object.keys(family).length, 0);
    assert.ok(count >= 55);
    assert.equal(attackNames.length, count);
  });
});
