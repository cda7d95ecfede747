/** Drives a random program: answers the points where it waits, one at a time, when nothing else is under way. */
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { CaseEnvironment, ConformanceCase, Outcome } from '../case';
import { outcomeOf } from '../outcome';
import type { PointAction, PointMessage, Program, Progress, StepId } from './program';
import { type Quiet, Watch } from './quiet';
import { runProgram } from './workflow';

/** More messages than any program asks for. */
const MAX_MESSAGES = 60;

interface Sent {
  to: string;
  what: string;
  outcome: unknown;
}

const RELEASE: PointAction = { kind: 'signal', add: 1 };

class Driver {
  private readonly sent: Sent[] = [];
  /** How many actions of each point are done. */
  private readonly done = new Map<StepId, number>();
  /** Workflows without a point that were cancelled for that. */
  private readonly stuck = new Set<string>();

  constructor(
    private readonly env: CaseEnvironment,
    private readonly program: Program
  ) {}

  async drive(): Promise<unknown> {
    const { env, program } = this;
    const watch = new Watch(env.client);
    const handle = await env.start(runProgram, [{ steps: program.steps, activityQueue: env.activityQueue }]);
    for (;;) {
      const quiet = await watch.untilQuiet(env.id);
      if (quiet === 'closed') break;
      if (this.sent.length >= MAX_MESSAGES)
        throw new Error(`More than ${MAX_MESSAGES} messages; the program does not go on.`);
      await this.answer(quiet);
    }
    const result = await outcomeOf(handle.result());
    return { sent: this.sent, result, atTheEnd: await this.progress(env.id) };
  }

  private async answer({ workflowId, points }: Quiet): Promise<void> {
    const sorted = [...points].sort((a, b) => a.id - b.id);
    const point = this.program.lastPointFirst ? sorted.at(-1) : sorted[0];
    if (point === undefined) return this.unlock(workflowId);
    const count = this.done.get(point.id) ?? 0;
    this.done.set(point.id, count + 1);
    const action = point.actions[count] ?? RELEASE;
    this.sent.push({
      to: workflowId,
      what: `${action.kind} ${point.id}`,
      outcome: await this.act(workflowId, point.id, action),
    });
  }

  /** Nothing will ever happen here: a program may make itself wait forever. */
  private async unlock(workflowId: string): Promise<void> {
    const handle = this.env.client.workflow.getHandle(workflowId);
    const isSecond = this.stuck.has(workflowId);
    this.stuck.add(workflowId);
    if (isSecond) await handle.terminate('nothing can happen any more');
    else await handle.cancel();
    this.sent.push({ to: workflowId, what: isSecond ? 'terminated' : 'cancelled', outcome: null });
  }

  private act(workflowId: string, point: StepId, action: PointAction): Promise<Outcome> {
    const handle = this.env.client.workflow.getHandle(workflowId);
    const message = (more: Partial<PointMessage>): PointMessage => ({ point, add: 0, ...more });
    switch (action.kind) {
      case 'signal':
        return outcomeOf(handle.signal('release', message({ add: action.add, body: action.body ?? [] })));
      case 'update':
        return this.update(workflowId, message({ add: action.add, body: action.body ?? [] }));
      case 'failingUpdate':
        return this.update(workflowId, message({ fail: action.message }));
      case 'rejectedUpdate':
        return this.update(workflowId, message({ add: -1 }));
      case 'query':
        return action.fails ? outcomeOf(handle.query('fails', point)) : this.progress(workflowId);
      case 'cancel':
        return outcomeOf(
          this.env.client.workflow.getHandle(action.whom === 'root' ? this.env.id : workflowId).cancel()
        );
    }
  }

  /** The outcome without the ids of the answer to a cancellation. */
  private async update(workflowId: string, message: PointMessage): Promise<Outcome> {
    const handle = this.env.client.workflow.getHandle(workflowId);
    const updateId = `${workflowId}-${message.point}-${this.done.get(message.point)}`;
    const outcome = await outcomeOf(handle.executeUpdate('release', { args: [message], updateId }));
    if ('value' in outcome || outcome.failure.name === WorkflowUpdateFailedError.name) return outcome;
    // That the workflow ended first is told in several ways.
    return { failure: { name: outcome.failure.name, message: 'another failure' } };
  }

  private progress(workflowId: string): Promise<Outcome> {
    return outcomeOf(this.env.client.workflow.getHandle(workflowId).query<Progress>('progress'));
  }
}

/** The program as a case of the differential runner. */
export function caseOf(program: Program): ConformanceCase {
  return {
    name: `random-${program.seed}`,
    feature: 'Timers and conditions',
    title: `The program of seed ${program.seed}`,
    workflow: runProgram.name,
    drive: (env) => new Driver(env, program).drive(),
  };
}
