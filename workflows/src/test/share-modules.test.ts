/** `share-modules`: runs that share modules see what they would see if each had evaluated them for itself. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import type { coresdk } from '@temporalio/proto';
import { endChildrenOnSignals } from '../support/child';
import { DIST_DIR, PACKAGE_DIR, writeBundle } from '../tools/bundles';
import { activation, evict, fireTimer, start } from './activate/activations';
import { ActivateProcess, type Activation, type Completion } from './activate/process';
import { flavour } from './harness';
import { randomFrom, seedOf } from './sharing/random';
import { KINDS } from '../workflows/testing/sharing/state';

endChildrenOnSignals();
const group = { skip: flavour === 'node' ? 'the Node worker does not share modules' : false };
const SOURCES = path.join(PACKAGE_DIR, 'src/workflows/testing/sharing');
const BUNDLE = path.join(DIST_DIR, 'sharing-bundle.js');
const NEEDS_BUNDLE = path.join(DIST_DIR, 'sharing-needs-bundle.js');
/** Why each of the modules of that bundle is evaluated per run. */
const REASONS: Record<string, RegExp> = {
  'clock-used': /^reads the clock$/,
  random: /^reads random numbers$/,
  promise: /^waits for a promise$/,
  storage: /^needs a run/,
  error: /^keeps an error$/,
  stack: /^reads a stack$/,
  generator: /^holds Generator$/,
  info: /^needs a run \(info\)$/,
  importer: /^imports .*\/random\.ts$/,
  index: /^imports /,
};
const NAMES = Object.keys(KINDS);
const RUNS = 20;
/** What the log says when it was decided. */
const SHARED = 'modules are shared between runs';

type Job = coresdk.workflow_activation.IWorkflowActivationJob;

const signal = (step: number): Job => ({
  signalWorkflow: {
    signalName: 'poke',
    input: [{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(`${step}`) }],
  },
});

/** What a run does, activation by activation. */
interface Plan {
  runId: string;
  activations: Activation[];
}

/** A turn of a run: the place of the next activation, or its eviction and all activations up to there once more. */
interface Turn {
  run: number;
  evicted: boolean;
}

function planOf(run: number, names: string[], by: number): Plan {
  const runId = `run-${run}`;
  const jobs: Job[] = [start('changesModules', runId, names, by), fireTimer(1), signal(2), signal(3), signal(-1)];
  return { runId, activations: jobs.map((job, at) => activation(runId, [job], at * 10)) };
}

/** Takes the turns; every completion in the order in which it came, with the run that it is of. */
async function take(plans: Plan[], turns: Turn[], ...flags: string[]): Promise<string[]> {
  const burdock = new ActivateProcess('--bundle', BUNDLE, ...flags);
  const done = plans.map(() => 0);
  const completions: Completion[] = [];
  for (const { run, evicted } of turns) {
    const { runId, activations } = plans[run]!;
    const at = done[run]!++;
    if (evicted) completions.push(await burdock.answer(activation(runId, [evict])));
    const again = evicted ? activations.slice(0, at).map((earlier) => ({ ...earlier, isReplaying: true })) : [];
    completions.push(...(await burdock.answers([...again, activations[at]!])));
  }
  assert.deepEqual(await burdock.close(), { code: 0, lines: [] });
  return completions.map((completion) => JSON.stringify(completion));
}

function randomTurns(random: (below: number) => number, plans: Plan[]): Turn[] {
  const left = plans.map(({ activations }) => activations.length);
  const turns: Turn[] = [];
  for (;;) {
    const open = left.flatMap((count, run) => (count > 0 ? [run] : []));
    if (open.length === 0) return turns;
    const run = open[random(open.length)]!;
    left[run]! -= 1;
    turns.push({ run, evicted: random(8) === 0 });
  }
}

describe('shared modules', group, () => {
  before(async () => {
    await writeBundle(path.join(SOURCES, 'index.ts'), BUNDLE);
    await writeBundle(path.join(SOURCES, 'needs/index.ts'), NEEDS_BUNDLE);
  });

  it('a module that needs a run is evaluated for each, and the log tells why', async () => {
    const flags = ['--bundle', NEEDS_BUNDLE, '--share-modules', 'on', '--log-filter', 'debug'];
    // The decision follows from the bundle alone, whatever is random in V8.
    for (let process = 0; process < 5; process++) {
      const burdock = new ActivateProcess(...flags);
      await burdock.answer(activation('run', [start('needsRun', 'run', 3)]));
      const lines = (await burdock.close()).lines as { module?: string; reason?: string }[];
      const decided = lines.filter(({ module }) => module?.includes('/needs/'));
      const reasons = new Map(decided.map(({ module, reason }) => [path.basename(module!, '.ts'), reason]));
      assert.deepEqual([...reasons.keys()].sort(), Object.keys(REASONS).sort());
      for (const [name, reason] of reasons) assert.match(reason ?? '', REASONS[name]!, name);
    }
  });

  it('runs whose modules need a run get what they need', async () => {
    const results = [];
    for (const sharing of ['off', 'on', 'audit']) {
      const burdock = new ActivateProcess('--bundle', NEEDS_BUNDLE, '--share-modules', sharing);
      const runs = Array.from({ length: 5 }, (_, run) => `run-${run}`);
      const starts = runs.map((runId, at) => activation(runId, [start('needsRun', runId, at + 1)], at * 1_001));
      const fired = runs.map((runId, at) => activation(runId, [fireTimer(1)], at * 1_001 + 10));
      results.push(
        [...(await burdock.answers(starts)), ...(await burdock.answers(fired))].map((one) => JSON.stringify(one))
      );
    }
    assert.deepEqual(results[1], results[0]);
    assert.deepEqual(results[2], results[0]);
  });

  it('the module that keeps all this state is shared', async () => {
    const burdock = new ActivateProcess('--bundle', BUNDLE, '--share-modules', 'on', '--log-filter', 'debug');
    await burdock.answer(planOf(0, [], 1).activations[0]!);
    const { lines } = await burdock.close();
    const decision = (lines as { message?: string; per_run?: number }[]).find(({ message }) => message === SHARED);
    assert.equal(decision?.per_run, 0, JSON.stringify(lines));
  });

  it('each kind of state, changed by one run, is as it was for another one', async () => {
    // Every other run changes nothing: it sees the pristine state, whatever came before.
    const plans = NAMES.flatMap((name, at) => [planOf(2 * at, [name, name, name], at + 2), planOf(2 * at + 1, [], 1)]);
    const steps = plans[0]!.activations.length;
    const turns = Array.from({ length: steps }, () => plans.map((_, run) => ({ run, evicted: false }))).flat();
    const [off, on] = [
      await take(plans, turns, '--share-modules', 'off'),
      await take(plans, turns, '--share-modules', 'on'),
    ];
    const different = off.flatMap((completion, at) => (completion === on[at] ? [] : [plans[turns[at]!.run]!]));
    const kinds = new Set(different.map((plan) => NAMES[Math.floor(plans.indexOf(plan) / 2)]));
    assert.deepEqual([...kinds], []);
  });

  for (const sharing of ['on', 'audit']) {
    it(`runs that change state at random, in turns and with evictions: ${sharing}`, async () => {
      const seed = seedOf('BURDOCK_TEST_SHARING_SEED');
      const random = randomFrom(seed);
      const plans = Array.from({ length: RUNS }, (_, run) => {
        const names = Array.from({ length: random(12) }, () => NAMES[random(NAMES.length)]!);
        return planOf(run, names, 1 + random(50));
      });
      const turns = randomTurns(random, plans);
      const off = await take(plans, turns, '--share-modules', 'off');
      const on = await take(plans, turns, '--share-modules', sharing);
      assert.deepEqual(on, off, `BURDOCK_TEST_SHARING_SEED=${seed}`);
    });
  }

  for (const how of ['freeze', 'seal', 'prevent', 'fix']) {
    it(`a run that changes an object for good is seen by no other one: ${how}`, async () => {
      const burdock = new ActivateProcess('--bundle', BUNDLE, '--share-modules', 'on');
      const run = (runId: string, change: string, name: string) =>
        [start('fixesModules', runId, change, name), fireTimer(1)].map((job, at) => activation(runId, [job], at * 10));
      const runs = ['list', 'record', 'prototype'].flatMap((name) => [
        run(`before-${name}`, 'nothing', name),
        run(`fixing-${name}`, how, name),
        run(`after-${name}`, 'nothing', name),
      ]);
      for (const [first] of runs) await burdock.answer(first!);
      const results: string[] = [];
      for (const activations of runs) results.push(await lastOf(burdock, activations));
      const off = new ActivateProcess('--bundle', BUNDLE, '--share-modules', 'off');
      const expected: string[] = [];
      for (const [first] of runs) await off.answer(first!);
      for (const activations of runs) expected.push(await lastOf(off, activations));
      assert.deepEqual(results, expected);
    });
  }
});

/** The completion of the last activation. One that fails is tried again after a replay, as the server has it done. */
async function lastOf(burdock: ActivateProcess, activations: Activation[]): Promise<string> {
  const last = activations.at(-1)!;
  const completion = await burdock.answer(last);
  if (!completion.failed) return JSON.stringify(completion);
  await burdock.answer(activation(last.runId!, [evict]));
  const [, again] = await burdock.answers([
    ...activations.slice(0, -1).map((earlier) => ({ ...earlier, isReplaying: true })),
    last,
  ]);
  return JSON.stringify(again);
}
