/**
 * What a random program is: a tree of steps as JSON, which the workflow `runProgram` executes. Its driver needs no
 * script of its own, because what it sends stands at the points where the program waits for it.
 *
 * The rule that makes every program's history the same in two runs: at any moment at most one thing is awaited that
 * ends by itself (a short timer, an activity, a child). The workflow sees to that by turns; the driver sends something
 * only when nothing of that kind is under way. Everything else that is awaited either ends by the driver or never.
 */

/** Unique within the program, children included; names children and points as well. */
export type StepId = number;

/** What the driver does at a point. Only `signal`, `update` and `failingUpdate` let the program go on. */
export type PointAction =
  /** Adds to the counter; the handler may have steps of its own. */
  | { kind: 'signal'; add: number; body?: Step[] }
  /** The same by an update, which returns the counter. */
  | { kind: 'update'; add: number; body?: Step[] }
  /** An update whose handler fails. */
  | { kind: 'failingUpdate'; message: string }
  /** An update that its validator refuses. */
  | { kind: 'rejectedUpdate' }
  /** A query, which fails if it is told to. */
  | { kind: 'query'; fails: boolean }
  /** Cancels the workflow at whose point it stands, or the first one of the family. */
  | { kind: 'cancel'; whom: 'owner' | 'root' };

export type CallTarget =
  /** An activity of the Node worker that all programs share. */
  | 'common'
  /** An activity of the worker under test. */
  | 'own'
  /** A local activity of the worker under test. */
  | 'local';

/** How often an activity fails before it succeeds; with fewer attempts it fails. */
export interface CallPlan {
  target: CallTarget;
  failures: number;
  attempts: number;
  nonRetryable: boolean;
  /** Milliseconds until the first repetition. */
  backoffMs: number;
}

export type CancellationKind = 'WAIT_CANCELLATION_COMPLETED' | 'TRY_CANCEL' | 'ABANDON';
export type EndOfActivity = 'cancelled' | 'completed' | 'failed';
export type AttributeName = 'BurdockStage' | 'BurdockScore' | 'BurdockFlag' | 'BurdockTags';

/** The things that end by themselves. */
export type Leaf =
  | { op: 'sleep'; id: StepId; ms: number }
  | { op: 'call'; id: StepId; plan: CallPlan }
  | { op: 'child'; id: StepId; body: Step[]; policy: 'TERMINATE' | 'REQUEST_CANCEL' };

export type Step =
  | Leaf
  /** Leaves that run at the same time, all of them awaited. */
  | { op: 'parallel'; id: StepId; leaves: Leaf[] }
  /** Until the counter is high enough; `short` gives up soon, `long` never in practice. */
  | { op: 'condition'; id: StepId; atLeast: number; patience: 'none' | 'short' | 'long' }
  /** What never ends unless it is cancelled: a timer, a condition, or an activity that no worker takes. */
  | { op: 'forever'; id: StepId; kind: 'timer' | 'condition' | 'untaken' }
  /** An activity that runs until it is cancelled. */
  | { op: 'held'; id: StepId; cancellation: CancellationKind; end: EndOfActivity }
  /** A child that is awaited while it waits for the driver or for its cancellation. */
  | {
      op: 'heldChild';
      id: StepId;
      cancellation: CancellationKind;
      body: Step[];
      policy: 'TERMINATE' | 'REQUEST_CANCEL';
    }
  /** Waits for the driver. */
  | { op: 'point'; id: StepId; actions: PointAction[] }
  | { op: 'scope'; id: StepId; kind: 'cancellable' | 'nonCancellable' | 'shortTimeout' | 'longTimeout'; body: Step[] }
  /** Cancels the scope that the step with this id is in, if it is running. */
  | { op: 'cancelScope'; id: StepId; scope: StepId }
  | { op: 'race'; id: StepId; branches: Step[][]; losers: 'cancelled' | 'awaited' | 'left' }
  | { op: 'all'; id: StepId; settled: boolean; branches: Step[][] }
  | { op: 'attempt'; id: StepId; body: Step[]; rescue: Step[]; always: Step[] }
  | { op: 'throw'; id: StepId; type: string; message: string; nonRetryable: boolean }
  | { op: 'patched'; id: StepId; patch: string; deprecated: boolean; body: Step[] }
  | {
      op: 'attribute';
      id: StepId;
      name: AttributeName;
      typed: boolean;
      value: string | number | boolean | string[] | null;
    }
  | { op: 'memo'; id: StepId; key: string; value: unknown }
  | { op: 'add'; id: StepId; amount: number }
  /** Signals the parent, whose counter grows once the child is over. */
  | { op: 'tellParent'; id: StepId; add: number }
  /** What is random or depends on the time, as far as it is the same in every run. */
  | { op: 'shape'; id: StepId; of: 'uuid' | 'random' | 'time' | 'info' }
  /** Runs the body in an asynchronous context and notes whether it is still there. */
  | { op: 'context'; id: StepId; body: Step[] }
  | { op: 'say'; id: StepId; text: string }
  /** Only at the top of a program: what follows is done by the next run. */
  | { op: 'continueAsNew'; id: StepId };

export type Operation = Step['op'];

export interface Program {
  seed: number;
  /** The policy for the driver's choice among several points. */
  lastPointFirst: boolean;
  steps: Step[];
}

/** What each step did, in the order in which they ended. */
export type TraceEntry = [id: StepId, outcome: unknown];

/** The argument of `runProgram`. */
export interface ProgramInput {
  steps: Step[];
  activityQueue: string;
  /** What an earlier run of the chain left. */
  counter?: number;
  trace?: TraceEntry[];
}

export interface ProgramResult {
  counter: number;
  trace: TraceEntry[];
}

/** The answer of the query `progress`. */
export interface Progress extends ProgramResult {
  /** Whether something is under way that ends by itself. */
  busy: boolean;
  /** The child that the program is waiting for, if that is what it is busy with. */
  child: string | null;
  /** Whether that child is to be cancelled. */
  cancelled: boolean;
  /** Points that wait for the driver, with what it does there. */
  points: { id: StepId; actions: PointAction[] }[];
}

/** What the driver sends to a point. */
export interface PointMessage {
  point: StepId;
  add: number;
  body?: Step[];
  fail?: string;
}

/** The steps directly inside of a step. */
export function partsOf(step: Step): Step[] {
  switch (step.op) {
    case 'parallel':
      return step.leaves;
    case 'race':
    case 'all':
      return step.branches.flat();
    case 'attempt':
      return [...step.body, ...step.rescue, ...step.always];
    case 'point':
      return step.actions.flatMap((action) => ('body' in action ? action.body : []));
    default:
      return 'body' in step ? step.body : [];
  }
}

/** All steps of a program, each before its parts. */
export function allSteps(steps: readonly Step[]): Step[] {
  return steps.flatMap((step) => [step, ...allSteps(partsOf(step))]);
}
