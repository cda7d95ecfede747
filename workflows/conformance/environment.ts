/** What a case can do: starts workflows on the worker under test and remembers them. */
import type { Client, Workflow, WorkflowHandleWithFirstExecutionRunId, WorkflowStartOptions } from '@temporalio/client';
import { typeOf } from '../src/test/history';
import { until } from '../src/support/poll';
import type { CaseEnvironment, Outcome } from './case';
import { type ChainStart, Histories } from './histories';
import { outcomeOf } from './outcome';

/** What the runs of one configuration have in common. */
export interface Surroundings {
  client: Client;
  taskQueue: string;
  activityQueue: string;
  nexusEndpoint: string;
  cached: boolean;
  /** Names that are different in every run, and what stands for them. */
  names: Record<string, string>;
}

const UNTIL_EVENT_MS = 30_000;
const EXECUTION_TIMEOUT = '5 minutes';

export class Environment implements CaseEnvironment {
  readonly client: Client;
  readonly taskQueue: string;
  readonly activityQueue: string;
  readonly nexusEndpoint: string;
  readonly cached: boolean;
  private readonly histories: Histories;
  private readonly tracked: ChainStart[] = [];

  constructor(
    surroundings: Surroundings,
    readonly id: string
  ) {
    this.client = surroundings.client;
    this.taskQueue = surroundings.taskQueue;
    this.activityQueue = surroundings.activityQueue;
    this.nexusEndpoint = surroundings.nexusEndpoint;
    this.cached = surroundings.cached;
    this.histories = new Histories(this.client, 0);
  }

  /** Where the chains begin whose histories are compared, in the order of their start. */
  get chains(): readonly ChainStart[] {
    return this.tracked;
  }

  async start<W extends Workflow>(
    workflow: W | string,
    args: Parameters<W>,
    options: Partial<WorkflowStartOptions> = {}
  ): Promise<WorkflowHandleWithFirstExecutionRunId<W>> {
    const defaults = { taskQueue: this.taskQueue, workflowId: this.id, workflowExecutionTimeout: EXECUTION_TIMEOUT };
    const start = { ...defaults, ...options, args } as unknown as WorkflowStartOptions<W>;
    const handle = await this.client.workflow.start<W>(workflow as W, start);
    this.tracked.push({ workflowId: handle.workflowId, runId: handle.firstExecutionRunId });
    return handle;
  }

  async execute<W extends Workflow>(
    workflow: W | string,
    args: Parameters<W>,
    options: Partial<WorkflowStartOptions> = {}
  ): Promise<Outcome> {
    const handle = await this.start(workflow, args, options);
    return outcomeOf(handle.result());
  }

  track(workflowId: string): void {
    this.tracked.push({ workflowId });
  }

  async untilEvent(workflowId: string, type: string, count = 1): Promise<void> {
    await until(`${count} events ${type} in the history of '${workflowId}'`, UNTIL_EVENT_MS, async () => {
      const events = await this.histories.events({ workflowId });
      return events.filter((event) => typeOf(event) === type).length >= count ? true : undefined;
    });
  }
}
