/** Finds out when a program awaits nothing that ends by itself. */
import type { Client } from '@temporalio/client';
import { until } from '../../src/support/poll';
import { typeOf } from '../../src/test/history';
import type { Progress } from './program';

const PATIENCE_MS = 45_000;
const QUERY_MS = 5_000;
const CANCELLATION_ANSWERS = [
  'EXTERNAL_WORKFLOW_EXECUTION_CANCEL_REQUESTED',
  'REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED',
];

/** A program that is quiet: the family member that the others wait for, and its points. */
export interface Quiet {
  workflowId: string;
  points: Progress['points'];
}

/** Whether every request to cancel another workflow has reached it. */
async function hasDelivered(client: Client, workflowId: string): Promise<boolean> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const types = (events ?? []).map(typeOf);
  const requests = types.filter((type) => type === 'REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED');
  const answers = types.filter((type) => CANCELLATION_ANSWERS.includes(type));
  return answers.length >= requests.length;
}

/** A moment in the life of a workflow; its state changes only together with this. */
interface Moment {
  runId: string;
  historyLength: number;
}

function isSame(a: Moment, b: Moment): boolean {
  return a.runId === b.runId && a.historyLength === b.historyLength;
}

/** Watches a family of programs. */
export class Watch {
  /** The last answers, so that nobody is asked again before something has happened. */
  private readonly answers = new Map<string, Moment & { progress: Progress }>();

  constructor(private readonly client: Client) {}

  /** Waits until the workflow and the child that it waits for are quiet, or the workflow is closed. */
  untilQuiet(workflowId: string): Promise<Quiet | 'closed'> {
    return until(`${workflowId} to become quiet`, PATIENCE_MS, () => this.quietNow(workflowId));
  }

  /** `undefined` while something is under way; the state is followed from parents to the child that they wait for. */
  private async quietNow(workflowId: string): Promise<Quiet | 'closed' | undefined> {
    const moment = await this.moment(workflowId);
    if (moment === undefined || moment === 'closed') return moment;
    const progress = await this.progressAt(moment, workflowId);
    if (progress === undefined) return undefined;
    const { busy, child, cancelled, points } = progress;
    if (child === null) return busy ? undefined : { workflowId, points };
    // Otherwise the child might be quiet only until the cancellation reaches it.
    if (cancelled && !(await hasDelivered(this.client, workflowId))) return undefined;
    const inner = await this.quietNow(child);
    return inner === 'closed' ? undefined : inner;
  }

  /** Where the workflow is, unless it has something to do. */
  private async moment(workflowId: string): Promise<Moment | 'closed' | undefined> {
    const { raw, status, runId, historyLength } = await this.client.workflow.getHandle(workflowId).describe();
    if (status.name !== 'RUNNING') return 'closed';
    // A history of two events is a workflow whose first task nobody has taken.
    return raw.pendingWorkflowTask || historyLength <= 2 ? undefined : { runId, historyLength };
  }

  private async progressAt(moment: Moment, workflowId: string): Promise<Progress | undefined> {
    const known = this.answers.get(workflowId);
    if (known !== undefined && isSame(known, moment)) return known.progress;
    // A query that the server loses is asked again.
    const progress = await this.client.connection.withDeadline(Date.now() + QUERY_MS, () =>
      this.client.workflow.getHandle(workflowId).query<Progress>('progress')
    );
    const after = await this.moment(workflowId);
    // The answer is of this moment only if nothing happened meanwhile.
    if (after === undefined || after === 'closed' || !isSame(after, moment)) return undefined;
    this.answers.set(workflowId, { ...moment, progress });
    return progress;
  }
}
