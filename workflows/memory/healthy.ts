/** Healthy runs, whose whole state is known to the driver at every moment. */
import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { within } from './patience';
import type { Outcome } from './workflows/contract';
import { type State, fold, numberOf } from './workflows/life';
import { orderOf } from './workflows/order';

const STATES = { tiny: numberOf, typical: orderOf } as const;
export type HealthyType = keyof typeof STATES;
export const HEALTHY_TYPES = Object.keys(STATES) as HealthyType[];

/** Longest time that an answer may take; what is later is lost. */
const ANSWER_TIMEOUT_MS = 60_000;

/** Where healthy runs live. */
export interface Place {
  client: Client;
  taskQueue: string;
  /** Resolves when the worker has ended. */
  gone: Promise<unknown>;
}

/** A run and what must have become of it; pokes are sent one at a time. */
export class HealthyRun {
  busy = false;
  pokes = 0;
  private sum = 0;
  private readonly twin: State;

  private constructor(
    private readonly handle: WorkflowHandle,
    private readonly seed: number,
    private readonly gone: Promise<unknown>,
    readonly type: HealthyType
  ) {
    this.twin = STATES[type](seed);
  }

  static async start({ client, taskQueue, gone }: Place, type: HealthyType, seed: number): Promise<HealthyRun> {
    const workflowId = `healthy-${type}-${seed}-${randomUUID()}`;
    return new HealthyRun(await client.workflow.start(type, { taskQueue, workflowId, args: [seed] }), seed, gone, type);
  }

  get workflowId(): string {
    return this.handle.workflowId;
  }

  /** Sends an update and checks the state that it answers. */
  async poke(amount: number): Promise<void> {
    this.busy = true;
    try {
      const update = this.handle.executeUpdate<Outcome, [number]>('pokeAndGet', { args: [amount] });
      const outcome = await within(`An update of ${this.handle.workflowId}`, ANSWER_TIMEOUT_MS, update, this.gone);
      this.pokes += 1;
      this.sum += amount;
      this.twin.poke(amount);
      this.compare(outcome);
    } finally {
      this.busy = false;
    }
  }

  /** Lets the run return, and checks what it returns. */
  async finish(): Promise<void> {
    await this.handle.signal('finish');
    const result = this.handle.result() as Promise<Outcome>;
    this.compare(await within(`The end of ${this.handle.workflowId}`, ANSWER_TIMEOUT_MS, result, this.gone));
  }

  private compare(outcome: Outcome): void {
    const { seed, pokes, sum } = this;
    const expected: Outcome = { seed, pokes, sum, checksum: fold(this.twin.checksum(), sum) };
    const [got, wanted] = [JSON.stringify(outcome), JSON.stringify(expected)];
    const inOrder = (Object.keys(expected) as (keyof Outcome)[]).every((key) => outcome[key] === expected[key]);
    if (!inOrder) throw new Error(`${this.handle.workflowId} has the state ${got} in place of ${wanted}.`);
  }
}
