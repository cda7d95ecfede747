/** Makes a program from a seed. The rules that keep its history free of luck are those of `program.ts`. */
import { Prng } from './prng';
import {
  type AttributeName,
  type CallPlan,
  type Leaf,
  type Operation,
  type PointAction,
  type Program,
  type Step,
  type StepId,
  allSteps,
} from './program';

/** Where in a program a step stands, which decides what it may be. */
interface Place {
  depth: number;
  /** How many workflows are above this one. */
  generation: number;
  /** The scopes around the step. */
  scopes: readonly StepId[];
  /**
   * `any`, `calm`: nothing that takes a turn, since something around it has the turn; `plain`: nothing that awaits the
   * driver or may wait forever, since several such bodies run at the same time.
   */
  mood: 'any' | 'calm' | 'plain';
}

type Weights = readonly (readonly [Operation, number])[];

const MAX_DEPTH = 3;
const MAX_GENERATION = 2;
const MAX_POINTS = 6;

/** What takes no time; may stand everywhere. */
const INSTANT: Weights = [
  ['add', 4],
  ['throw', 1],
  ['cancelScope', 4],
  ['patched', 3],
  ['attribute', 2],
  ['memo', 2],
  ['shape', 2],
  ['say', 1],
];
/** What ends by itself. */
const ENDING: Weights = [
  ['sleep', 5],
  ['call', 9],
];
/** What only the driver or a cancellation ends. */
const WAITING: Weights = [
  ['point', 9],
  ['condition', 4],
  ['forever', 2],
];
/** What has steps inside. */
const NESTED: Weights = [
  ['race', 6],
  ['all', 6],
  ['scope', 6],
  ['attempt', 7],
  ['context', 2],
];
/** What takes a turn and awaits more than a moment. */
const BUSY: Weights = [
  ['parallel', 4],
  ['child', 6],
  ['held', 4],
  ['heldChild', 3],
];

export interface GeneratorOptions {
  seed: number;
  /** Without a cache sdk-core cancels local activities. */
  localActivities: boolean;
}

class Generator {
  private readonly prng: Prng;
  private lastId = 0;
  private points = 0;
  private budget: number;

  constructor(private readonly options: GeneratorOptions) {
    this.prng = new Prng(options.seed);
    this.budget = this.prng.between(6, 26);
  }

  program(): Program {
    const { prng } = this;
    const steps = this.sturdy(this.sequence({ depth: 0, generation: 0, scopes: [], mood: 'any' }, 3, 7));
    return { seed: this.options.seed, lastPointFirst: prng.oneIn(2), steps: this.withContinuation(steps) };
  }

  /** Lets most of the steps fail without an end of the whole. */
  private sturdy(steps: Step[]): Step[] {
    const wrap = (step: Step): Step => ({ op: 'attempt', id: this.id(), body: [step], rescue: [], always: [] });
    return steps.map((step) => (allSteps([step]).length === 1 && this.prng.oneIn(3) ? step : wrap(step)));
  }

  /** Puts a `continueAsNew` between the steps, now and then. */
  private withContinuation(steps: Step[]): Step[] {
    if (!this.prng.oneIn(5)) return steps;
    const at = this.prng.between(0, steps.length);
    return [...steps.slice(0, at), { op: 'continueAsNew', id: this.id() }, ...steps.slice(at)];
  }

  private id(): StepId {
    this.lastId += 1;
    return this.lastId;
  }

  private sequence(place: Place, least: number, most: number): Step[] {
    const length = Math.min(this.prng.between(least, most), Math.max(1, this.budget));
    const steps: Step[] = [];
    while (steps.length < length) {
      steps.push(this.step(place));
      // What follows is never reached.
      if (steps.at(-1)?.op === 'throw') break;
    }
    return steps;
  }

  private inner(place: Place, changes: Partial<Place> = {}): Step[] {
    return this.sequence({ ...place, depth: place.depth + 1, ...changes }, 1, 3);
  }

  private branches(place: Place): Step[][] {
    return Array.from({ length: this.prng.between(2, 3) }, () => this.inner(place));
  }

  private weights({ depth, mood, generation, scopes }: Place): Weights {
    const isRoom = depth < MAX_DEPTH && this.budget > 1;
    const weights = [
      ...INSTANT,
      ...(mood === 'calm' ? [] : ENDING),
      ...(mood === 'plain' ? [] : WAITING),
      ...(mood !== 'plain' && isRoom ? NESTED : []),
      ...(mood === 'any' && isRoom ? BUSY : []),
      ...(generation > 0 && mood === 'any' ? ([['tellParent', 3]] as const) : []),
    ];
    const isPossible = (op: Operation): boolean => {
      if (op === 'point') return this.points < MAX_POINTS;
      if (op === 'child' || op === 'heldChild') return generation < MAX_GENERATION;
      return op !== 'cancelScope' || scopes.length > 0;
    };
    return weights.filter(([op]) => isPossible(op));
  }

  private step(place: Place): Step {
    this.budget -= 1;
    const op = this.prng.pickWeighted(this.weights(place));
    switch (op) {
      case 'sleep':
      case 'call':
      case 'child':
        return this.leaf(op, place);
      case 'race':
      case 'all':
      case 'scope':
      case 'attempt':
      case 'context':
      case 'patched':
      case 'parallel':
      case 'held':
      case 'heldChild':
        return this.nested(op, place);
      default:
        return this.simple(op, place);
    }
  }

  private leaf(op: Leaf['op'], place: Place): Leaf {
    const { prng } = this;
    const id = this.id();
    if (op === 'sleep') return { op, id, ms: prng.between(1, 20) };
    if (op === 'call') return { op, id, plan: this.callPlan() };
    const own = { depth: place.depth + 1, generation: place.generation + 1, scopes: [], mood: place.mood } as const;
    const plain = this.sequence(own, 1, 4);
    const steps = prng.oneIn(2) ? this.sturdy(plain) : plain;
    const body = place.mood === 'any' && prng.oneIn(2) ? this.withContinuation(steps) : steps;
    return { op, id, body, policy: prng.pick(['TERMINATE', 'REQUEST_CANCEL']) };
  }

  private callPlan(): CallPlan {
    const { prng } = this;
    const targets = ['common', 'own', ...(this.options.localActivities ? (['local'] as const) : [])] as const;
    const failures = prng.oneIn(3) ? prng.between(1, 2) : 0;
    const attempts = failures > 0 && prng.oneIn(2) ? prng.between(1, failures) : failures + 1;
    return {
      target: prng.pick(targets),
      failures,
      attempts,
      nonRetryable: prng.oneIn(5),
      backoffMs: prng.between(1, 20),
    };
  }

  private simple(op: Operation, place: Place): Step {
    const { prng } = this;
    const id = this.id();
    switch (op) {
      case 'point':
        return { op, id, actions: this.actions(place) };
      case 'condition': {
        const patience = place.mood === 'calm' ? (['none', 'long'] as const) : (['none', 'short', 'long'] as const);
        return { op, id, atLeast: prng.between(0, 4), patience: prng.pick(patience) };
      }
      case 'forever':
        return { op, id, kind: prng.pick(['timer', 'condition', 'untaken']) };
      case 'cancelScope':
        return { op, id, scope: prng.pick(place.scopes) };
      case 'throw':
        return {
          op,
          id,
          type: prng.pick(['Red', 'Blue']),
          message: `thrown by step ${id}`,
          nonRetryable: prng.oneIn(2),
        };
      case 'attribute':
        return this.attribute(id);
      case 'memo':
        return {
          op,
          id,
          key: `key-${prng.between(1, 3)}`,
          value: prng.pick([id, 'ä text', { deep: [id, null] }, null]),
        };
      case 'tellParent':
        return { op, id, add: prng.between(1, 3) };
      case 'shape':
        return { op, id, of: prng.pick(['uuid', 'random', 'time', 'info']) };
      case 'say':
        return { op, id, text: `step ${id}` };
      default:
        return { op: 'add', id, amount: prng.between(1, 3) };
    }
  }

  private attribute(id: StepId): Step {
    const { prng } = this;
    const values = {
      BurdockStage: prng.pick(['first', 'zweite', null]),
      BurdockScore: prng.pick([prng.between(-5, 5), null]),
      BurdockFlag: prng.pick([true, false, null]),
      BurdockTags: prng.pick([['red'], ['red', 'grün'], null]),
    };
    const name = prng.pick(Object.keys(values) as AttributeName[]);
    return { op: 'attribute', id, name, typed: prng.oneIn(2), value: values[name] };
  }

  private nested(op: Operation, place: Place): Step {
    const { prng } = this;
    const id = this.id();
    switch (op) {
      case 'race':
        return { op, id, branches: this.branches(place), losers: prng.pick(['cancelled', 'awaited', 'left']) };
      case 'all':
        return { op, id, settled: prng.oneIn(2), branches: this.branches(place) };
      case 'attempt':
        return {
          op,
          id,
          body: this.inner(place),
          rescue: this.rescue(place),
          always: prng.oneIn(3) ? this.inner(place) : [],
        };
      case 'context':
        return { op, id, body: this.inner(place) };
      case 'parallel':
        return { op, id, leaves: this.leaves(place) };
      case 'held':
        return { op, id, cancellation: this.cancellation(), end: prng.pick(['cancelled', 'completed', 'failed']) };
      case 'heldChild':
        return this.heldChild(id, place);
      case 'scope':
        return this.scope(id, place);
      default: {
        const body = place.depth < MAX_DEPTH ? this.inner(place) : [];
        return { op: 'patched', id, patch: `patch-${prng.between(1, 3)}`, deprecated: prng.oneIn(4), body };
      }
    }
  }

  private scope(id: StepId, place: Place): Step {
    // What cannot be cancelled would wait for a turn that only a cancellation frees.
    const kinds =
      place.mood === 'calm'
        ? (['cancellable', 'longTimeout'] as const)
        : (['cancellable', 'nonCancellable', 'shortTimeout', 'longTimeout'] as const);
    const kind = this.prng.pick(kinds);
    const scopes = [...place.scopes, id];
    return {
      op: 'scope',
      id,
      kind,
      body: this.inner(place, { scopes, ...(kind === 'shortTimeout' ? { mood: 'calm' } : {}) }),
    };
  }

  /** Steps after a failure, mostly shielded from the cancellation that it may be. */
  private rescue(place: Place): Step[] {
    if (place.mood !== 'any' || this.prng.oneIn(3)) return this.inner(place);
    return [{ op: 'scope', id: this.id(), kind: 'nonCancellable', body: this.inner(place) }];
  }

  /** At most one local activity, since the order of their markers would be luck. */
  private leaves(place: Place): Leaf[] {
    const { prng } = this;
    const ops: readonly Leaf['op'][] =
      place.generation < MAX_GENERATION ? ['sleep', 'call', 'call', 'child'] : ['sleep', 'call'];
    const leaves = Array.from({ length: prng.between(2, 4) }, () =>
      this.leaf(prng.pick(ops), { ...place, mood: 'plain' })
    );
    const locals = leaves.filter((leaf) => leaf.op === 'call' && leaf.plan.target === 'local');
    for (const leaf of locals.slice(1)) if (leaf.op === 'call') leaf.plan.target = 'own';
    return leaves;
  }

  /** A child that is quiet until it is cancelled, and then may do something more. */
  private heldChild(id: StepId, place: Place): Step {
    const { prng } = this;
    const own: Place = { depth: MAX_DEPTH, generation: place.generation + 1, scopes: [], mood: 'plain' };
    const forever: Step = { op: 'forever', id: this.id(), kind: prng.pick(['timer', 'condition', 'untaken']) };
    const cleanup: Step = { op: 'scope', id: this.id(), kind: 'nonCancellable', body: this.sequence(own, 1, 2) };
    const rescued: Step = { op: 'attempt', id: this.id(), body: [forever], rescue: [cleanup], always: [] };
    const hasCleanup = prng.oneIn(2);
    const body: Step[] = [{ op: 'sleep', id: this.id(), ms: 1 }, hasCleanup ? rescued : forever];
    // Nobody waits for the end of a child whose parent is closed, so it has to come at once.
    const policy = hasCleanup ? 'TERMINATE' : prng.pick(['TERMINATE', 'REQUEST_CANCEL'] as const);
    return { op: 'heldChild', id, cancellation: this.cancellation(), body, policy };
  }

  private cancellation(): 'WAIT_CANCELLATION_COMPLETED' | 'TRY_CANCEL' | 'ABANDON' {
    return this.prng.pick(['WAIT_CANCELLATION_COMPLETED', 'WAIT_CANCELLATION_COMPLETED', 'TRY_CANCEL', 'ABANDON']);
  }

  private actions(place: Place): PointAction[] {
    const { prng } = this;
    this.points += 1;
    const actions: PointAction[] = [];
    if (prng.oneIn(4)) actions.push({ kind: 'query', fails: prng.oneIn(3) });
    if (prng.oneIn(5)) actions.push({ kind: 'rejectedUpdate' });
    if (prng.oneIn(6)) actions.push({ kind: 'cancel', whom: prng.pick(['owner', 'root']) });
    const add = prng.between(0, 2);
    if (prng.oneIn(6)) return [...actions, { kind: 'failingUpdate', message: `update of point ${this.points} fails` }];
    const kind = prng.pick(['signal', 'update'] as const);
    const hasBody = prng.oneIn(3) && this.budget > 0;
    const body = hasBody ? this.sequence({ ...place, depth: MAX_DEPTH, scopes: [], mood: 'plain' }, 1, 2) : undefined;
    return [...actions, { kind, add, ...(body ? { body } : {}) }];
  }
}

/** The program of a seed; the same one every time. */
export function generate(options: GeneratorOptions): Program {
  return new Generator(options).program();
}
