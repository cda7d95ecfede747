/** The generator of random programs, and what makes their histories comparable. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { temporal } from '@temporalio/proto';
import { arrange } from '../../conformance/random/arrange';
import { readFlags } from '../../conformance/random/flags';
import { generate } from '../../conformance/random/generate';
import { commandOf, tasksOf } from '../../conformance/random/plan';
import { type Operation, type PointAction, type Step, allSteps, partsOf } from '../../conformance/random/program';
import { typeOf } from './history';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
const { EventType } = temporal.api.enums.v1;

const SEEDS = Array.from({ length: 200 }, (_, index) => index + 1);
const programs = SEEDS.map((seed) => generate({ seed, localActivities: true }));

/** A record, so that the compiler misses an operation that is not listed. */
const OPERATIONS: Record<Operation, true> = {
  sleep: true,
  call: true,
  child: true,
  parallel: true,
  condition: true,
  forever: true,
  held: true,
  heldChild: true,
  point: true,
  scope: true,
  cancelScope: true,
  race: true,
  all: true,
  attempt: true,
  throw: true,
  patched: true,
  attribute: true,
  memo: true,
  add: true,
  tellParent: true,
  shape: true,
  context: true,
  say: true,
  continueAsNew: true,
};
const ACTIONS: Record<PointAction['kind'], true> = {
  signal: true,
  update: true,
  failingUpdate: true,
  rejectedUpdate: true,
  query: true,
  cancel: true,
};

function event(eventId: number, eventType: number, attributes: Partial<HistoryEvent> = {}): HistoryEvent {
  return { eventId: eventId as never, eventType, ...attributes };
}

const scheduled = (id: number): HistoryEvent => event(id, EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED);
const started = (id: number, of: number): HistoryEvent =>
  event(id, EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED, {
    activityTaskStartedEventAttributes: { scheduledEventId: of as never },
  });
const task = (id: number): HistoryEvent => event(id, EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED);
const run = (workflowId: string, events: HistoryEvent[] = []) => ({ workflowId, runId: workflowId, events });

describe('the generator of random programs', () => {
  it('makes the same program from the same seed', () => {
    for (const program of programs) assert.deepEqual(generate({ seed: program.seed, localActivities: true }), program);
  });

  it('makes another program from another seed', () => {
    assert.equal(new Set(programs.map(({ steps }) => JSON.stringify(steps))).size, programs.length);
  });

  it('uses every operation and every action of the driver', () => {
    const steps = programs.flatMap((program) => allSteps(program.steps));
    const used = new Set(steps.map(({ op }) => op));
    const actions = new Set(steps.flatMap((step) => (step.op === 'point' ? step.actions.map(({ kind }) => kind) : [])));
    assert.deepEqual([...used].sort(), Object.keys(OPERATIONS).sort());
    assert.deepEqual([...actions].sort(), Object.keys(ACTIONS).sort());
  });

  it('gives each step an id of its own', () => {
    for (const { steps } of programs) {
      const ids = allSteps(steps).map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length);
    }
  });

  it('keeps programs small', () => {
    const depthOf = (step: Step): number => 1 + Math.max(0, ...partsOf(step).map(depthOf));
    assert.ok(Math.max(...programs.map(({ steps }) => allSteps(steps).length)) < 100);
    assert.ok(Math.max(...programs.flatMap(({ steps }) => steps.map(depthOf))) < 20);
  });

  it('leaves out local activities where they are unwanted', () => {
    const isLocal = (step: Step): boolean => step.op === 'call' && step.plan.target === 'local';
    const without = SEEDS.map((seed) => generate({ seed, localActivities: false }));
    assert.ok(programs.some(({ steps }) => allSteps(steps).some(isLocal)));
    assert.ok(!without.some(({ steps }) => allSteps(steps).some(isLocal)));
  });

  it('awaits the driver nowhere where several things run at the same time', () => {
    const waits = ['point', 'condition', 'forever', 'held', 'heldChild'];
    const parallel = programs.flatMap(({ steps }) => allSteps(steps).filter(({ op }) => op === 'parallel'));
    assert.ok(parallel.length > 0);
    for (const step of allSteps(parallel)) assert.ok(!waits.includes(step.op), `${step.op} in a parallel step`);
  });

  it('takes no turn within a scope that has one', () => {
    const turns = ['sleep', 'call', 'child', 'parallel', 'held', 'heldChild', 'tellParent'];
    const steps = programs.flatMap((program) => allSteps(program.steps));
    const scopes = steps.filter((step) => step.op === 'scope' && step.kind === 'shortTimeout');
    assert.ok(scopes.length > 0);
    // What a point's handlers do comes later, on the driver's word.
    const inside = (step: Step): Step[] => (step.op === 'point' ? [step] : [step, ...partsOf(step).flatMap(inside)]);
    for (const step of scopes.flatMap(inside)) assert.ok(!turns.includes(step.op), `${step.op} in a scope with a turn`);
  });
});

describe('the plan of a run of random programs', () => {
  const flags = { count: 6, cache: undefined, context: undefined };

  it('meets every size of the cache with every executor within six programs', () => {
    const met = tasksOf({ ...flags, seed: 40 }).map((item) => `${item.maxCachedWorkflows} ${item.context}`);
    const all = [100, 0, 1].flatMap((size) => [`${size} shared`, `${size} per-workflow`]);
    assert.deepEqual(met.sort(), all.sort());
  });

  it('prints a command that means the same program', () => {
    for (const item of tasksOf({ ...flags, seed: 7 })) {
      const args = commandOf(item).split(' ').slice(2);
      assert.deepEqual(tasksOf(readFlags(args, 0)), [item]);
    }
  });

  it('takes a seed from the time only when it is told to', () => {
    assert.equal(readFlags(['--seed', 'random'], 1234).seed, 1234);
    assert.equal(readFlags([], 1234).seed, readFlags([], 99).seed);
  });

  it('refuses flags that are no numbers', () => {
    assert.throws(() => readFlags(['--seed', 'luck'], 0), /--seed is a whole number, not 'luck'/);
    assert.throws(() => readFlags(['--context', 'none'], 0), /--context is one of shared, per-workflow, not 'none'/);
  });
});

describe('the order of events that the server decides', () => {
  it('is that of their causes between two decisions of the workflow', () => {
    const events = [scheduled(1), scheduled(2), started(3, 2), task(4), started(5, 1), scheduled(6), started(7, 1)];
    const [arranged] = arrange([run('a', events)]);
    assert.deepEqual(
      arranged?.events.map(({ eventId }) => eventId),
      [4, 1, 2, 5, 3, 6, 7]
    );
  });

  it('keeps every event', () => {
    const events = [task(1), scheduled(2), started(3, 2)];
    const [arranged] = arrange([run('a', events)]);
    assert.deepEqual(arranged?.events.map(typeOf).sort(), events.map(typeOf).sort());
  });

  it('is that of their ids for workflows, and unchanged for the runs of one', () => {
    const second = { ...run('b'), runId: 'second' };
    const ids = arrange([run('b'), second, run('a')]).map(({ runId }) => runId);
    assert.deepEqual(ids, ['a', 'b', 'second']);
  });
});
