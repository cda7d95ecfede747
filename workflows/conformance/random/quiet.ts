/** Finds out when a program awaits nothing that ends by itself. */
import type { Client } from '@temporalio/client';
import { until } from '../../src/support/poll';
import { typeOf } from '../../src/test/history';
import type { Progress } from './program';

const PATIENCE_MS = 45_000;
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

/** `undefined` while something is under way; the state is followed from parents to the child that they wait for. */
async function quietNow(client: Client, workflowId: string): Promise<Quiet | 'closed' | undefined> {
  const handle = client.workflow.getHandle(workflowId);
  const { raw, status, historyLength } = await handle.describe();
  if (status.name !== 'RUNNING') return 'closed';
  // A history of two events is a workflow whose first task nobody has taken.
  if (raw.pendingWorkflowTask || historyLength <= 2) return undefined;
  const { busy, child, cancelled, points } = await handle.query<Progress>('progress');
  if (child !== null) {
    // Otherwise the child might be quiet only until the cancellation reaches it.
    if (cancelled && !(await hasDelivered(client, workflowId))) return undefined;
    const inner = await quietNow(client, child);
    return inner === 'closed' ? undefined : inner;
  }
  return busy ? undefined : { workflowId, points };
}

/** Waits until the workflow and the child that it waits for are quiet, or the workflow is closed. */
export function untilQuiet(client: Client, workflowId: string): Promise<Quiet | 'closed'> {
  return until(`${workflowId} to become quiet`, PATIENCE_MS, () => quietNow(client, workflowId));
}
