/** Executes the steps of a program with the workflow API. */
import { ApplicationFailure } from '@temporalio/common';
import {
  AsyncLocalStorage,
  CancellationScope,
  condition,
  deprecatePatch,
  executeChild,
  getExternalWorkflowHandle,
  log,
  patched,
  sleep,
  startChild,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { summaryOf } from '../outcome';
import { call, heldCall, probes, untakenCall } from './calls';
import { observed, upsertAttribute } from './observed';
import type { Leaf, PointAction, PointMessage, ProgramInput, Progress, Step, StepId, TraceEntry } from './program';
import { Turns } from './turns';
import { runProgram } from './workflow';

/** Longer than any program runs. */
const NEVER = '1 hour';
const SHORT_MS = 15;

type StepOf<Op extends Step['op']> = Extract<Step, { op: Op }>;

const contexts = new AsyncLocalStorage<StepId>();

/** Awaited by nobody, it must not fail the workflow's task. */
function unwatched<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

export class Interpreter {
  counter: number;
  readonly trace: TraceEntry[];
  private readonly turns = new Turns();
  private readonly points = new Map<StepId, PointAction[]>();
  private readonly released = new Set<StepId>();
  private readonly scopes = new Map<StepId, CancellationScope>();
  /** The child that is awaited, and the scope that it is awaited in. */
  private child: { workflowId: string; scope: CancellationScope } | undefined;
  /** What children told, until they are over. */
  private told = 0;

  constructor(private readonly input: ProgramInput) {
    this.counter = input.counter ?? 0;
    this.trace = input.trace ?? [];
  }

  progress(): Progress {
    const { counter, trace, turns, child } = this;
    const points = [...this.points].map(([id, actions]) => ({ id, actions }));
    const cancelled = child?.scope.consideredCancelled ?? false;
    return { counter, trace, busy: turns.isBusy, child: child?.workflowId ?? null, cancelled, points };
  }

  receive(add: number): void {
    this.told += add;
  }

  /** What the driver sent to a point. */
  async release({ point, add, body = [], fail }: PointMessage): Promise<number> {
    this.counter += add;
    try {
      if (fail !== undefined) throw ApplicationFailure.nonRetryable(fail, 'Update', point);
      await this.sequence(body);
      return this.counter;
    } finally {
      this.released.add(point);
    }
  }

  /** Runs a step and notes how it ended. */
  async run(step: Step): Promise<void> {
    try {
      const value = await this.perform(step);
      this.trace.push([step.id, value ?? null]);
    } catch (err) {
      // The whole failure is noted where it is handled.
      this.trace.push([step.id, err instanceof Error ? err.name : 'thrown']);
      throw err;
    }
  }

  private async sequence(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await this.run(step);
  }

  private async perform(step: Step): Promise<unknown> {
    switch (step.op) {
      case 'sleep':
      case 'call':
        return this.turns.hold(step.id, () => this.leaf(step));
      case 'child':
        return this.awaitedChild(step);
      case 'parallel':
        return this.turns.hold(step.id, () => this.parallel(step.leaves));
      case 'condition':
        return this.condition(step);
      case 'forever':
        return this.forever(step);
      case 'held':
        return this.held(step);
      case 'heldChild':
        return this.heldChild(step);
      case 'point':
        return this.point(step);
      case 'scope':
        return this.scope(step);
      case 'cancelScope':
        return this.scopes.get(step.scope)?.cancel();
      case 'race':
        return this.race(step);
      case 'all':
        return this.all(step);
      case 'attempt':
        return this.attempt(step);
      case 'patched':
        return this.patched(step);
      case 'context':
        return contexts.run(step.id, async () => {
          await this.sequence(step.body);
          return contexts.getStore() === step.id;
        });
      case 'throw':
        throw ApplicationFailure.create({ ...step, details: [step.id] });
      case 'tellParent':
        return this.tellParent(step);
      default:
        return this.instant(step);
    }
  }

  private instant(step: StepOf<'attribute' | 'memo' | 'add' | 'shape' | 'say' | 'continueAsNew'>): unknown {
    switch (step.op) {
      case 'attribute':
        return upsertAttribute(step.name, step.value, step.typed);
      case 'memo':
        return upsertMemo({ [step.key]: step.value });
      case 'add':
        return (this.counter += step.amount);
      case 'shape':
        return observed(step.of);
      case 'say':
        return log.debug(step.text, { step: step.id });
      case 'continueAsNew':
        throw ApplicationFailure.nonRetryable('A program continues as new only between its outermost steps.');
    }
  }

  private async leaf(leaf: Leaf): Promise<unknown> {
    if (leaf.op === 'sleep') return sleep(leaf.ms);
    if (leaf.op === 'call') return call(leaf.plan, leaf.id, this.input.activityQueue);
    const options = {
      workflowId: this.childId(leaf.id),
      args: [this.childInput(leaf.body)],
      parentClosePolicy: leaf.policy,
    } as const;
    try {
      return (await executeChild(runProgram, options)).counter;
    } finally {
      this.counter += this.told;
      this.told = 0;
    }
  }

  private childId(id: StepId): string {
    return `${workflowInfo().workflowId}-${id}`;
  }

  private childInput(steps: Step[]): ProgramInput {
    return { steps, activityQueue: this.input.activityQueue };
  }

  private awaitedChild(step: StepOf<'child'>): Promise<unknown> {
    return this.turns.hold(step.id, async () => {
      this.child = { workflowId: this.childId(step.id), scope: CancellationScope.current() };
      try {
        return await this.leaf(step);
      } finally {
        this.child = undefined;
      }
    });
  }

  private async parallel(leaves: readonly Leaf[]): Promise<unknown> {
    const results = await Promise.allSettled(leaves.map((leaf) => this.leaf(leaf)));
    return results.map((result) => (result.status === 'fulfilled' ? (result.value ?? null) : summaryOf(result.reason)));
  }

  private condition({ id, atLeast, patience }: StepOf<'condition'>): Promise<unknown> {
    const isHighEnough = (): boolean => this.counter >= atLeast;
    if (patience === 'none') return condition(isHighEnough);
    if (patience === 'long') return condition(isHighEnough, NEVER);
    return this.turns.hold(id, () => condition(isHighEnough, SHORT_MS));
  }

  private forever({ kind }: StepOf<'forever'>): Promise<unknown> {
    if (kind === 'timer') return sleep(NEVER);
    return kind === 'condition' ? condition(() => false) : untakenCall();
  }

  private async held({ id, cancellation, end }: StepOf<'held'>): Promise<unknown> {
    const activityId = `held-${id}`;
    const { untilTaken, untilActivityGone } = probes(this.input.activityQueue);
    let promise: Promise<unknown> = Promise.resolve();
    await this.turns.hold(id, async () => {
      promise = unwatched(heldCall(this.input.activityQueue, activityId, cancellation, end));
      await CancellationScope.nonCancellable(() => untilTaken(activityId));
    });
    const gone = async (): Promise<void> => (cancellation === 'TRY_CANCEL' ? untilActivityGone(activityId) : undefined);
    return this.turns.held(id, promise, gone);
  }

  private async heldChild({ id, cancellation, body, policy }: StepOf<'heldChild'>): Promise<unknown> {
    const workflowId = this.childId(id);
    const { untilChildQuiet, untilChildGone } = probes(this.input.activityQueue);
    const handle = await this.turns.hold(id, async () => {
      const started = await startChild(runProgram, {
        workflowId,
        args: [this.childInput(body)],
        parentClosePolicy: policy,
        cancellationType: cancellation,
      });
      await CancellationScope.nonCancellable(() => untilChildQuiet(workflowId));
      return started;
    });
    const gone = async (): Promise<void> => (cancellation === 'TRY_CANCEL' ? untilChildGone(workflowId) : undefined);
    return this.turns.held(id, unwatched(handle.result()), gone);
  }

  private async point({ id, actions }: StepOf<'point'>): Promise<void> {
    this.points.set(id, actions);
    try {
      await condition(() => this.released.has(id));
    } finally {
      this.points.delete(id);
    }
  }

  private scope(step: StepOf<'scope'>): Promise<void> {
    const { id, kind, body } = step;
    const run = (options: ConstructorParameters<typeof CancellationScope>[0]): Promise<void> => {
      const scope = new CancellationScope(options);
      this.scopes.set(id, scope);
      return scope.run(() => this.sequence(body)).finally(() => this.scopes.delete(id));
    };
    if (kind === 'shortTimeout') return this.turns.hold(id, () => run({ cancellable: true, timeout: SHORT_MS }));
    return run(
      kind === 'longTimeout' ? { cancellable: true, timeout: NEVER } : { cancellable: kind === 'cancellable' }
    );
  }

  private race({ branches, losers }: StepOf<'race'>): Promise<number> {
    const scope = new CancellationScope();
    return scope.run(async () => {
      const running = branches.map((branch, index) => unwatched(this.sequence(branch).then(() => index)));
      try {
        return await Promise.race(running);
      } finally {
        if (losers !== 'left') scope.cancel();
        if (losers === 'awaited') await Promise.allSettled(running);
      }
    });
  }

  private async all({ branches, settled }: StepOf<'all'>): Promise<unknown> {
    const running = branches.map((branch) => unwatched(this.sequence(branch)));
    if (!settled) return void (await Promise.all(running));
    return (await Promise.allSettled(running)).map(({ status }) => status);
  }

  private async attempt({ body, rescue, always }: StepOf<'attempt'>): Promise<unknown> {
    try {
      await this.sequence(body);
      return null;
    } catch (err) {
      await this.sequence(rescue);
      return summaryOf(err);
    } finally {
      await this.sequence(always);
    }
  }

  private async patched({ patch, deprecated, body }: StepOf<'patched'>): Promise<unknown> {
    if (deprecated) deprecatePatch(patch);
    else if (!patched(patch)) return 'not patched';
    await this.sequence(body);
    return 'patched';
  }

  private tellParent({ id, add }: StepOf<'tellParent'>): Promise<unknown> {
    return this.turns.hold(id, async () => {
      const { parent } = workflowInfo();
      if (parent) await getExternalWorkflowHandle(parent.workflowId).signal('tell', add);
    });
  }
}
