/** Finds out when a program awaits nothing that ends by itself. */
import type { Client } from '@temporalio/client';
import { until } from '../../src/support/poll';
import type { Progress } from './program';

const PATIENCE_MS = 45_000;

/** A program that is quiet: the family member that the others wait for, and its points. */
export interface Quiet {
  workflowId: string;
  points: Progress['points'];
}

/** `undefined` while something is under way; the state is followed from parents to the child that they wait for. */
async function quietNow(client: Client, workflowId: string): Promise<Quiet | 'closed' | undefined> {
  const handle = client.workflow.getHandle(workflowId);
  const { raw, status, historyLength } = await handle.describe();
  if (status.name !== 'RUNNING') return 'closed';
  // A history of two events is a workflow whose first task nobody has taken.
  if (raw.pendingWorkflowTask || historyLength <= 2) return undefined;
  const { busy, child, points } = await handle.query<Progress>('progress');
  if (child !== null) {
    const inner = await quietNow(client, child);
    return inner === 'closed' ? undefined : inner;
  }
  return busy ? undefined : { workflowId, points };
}

/** Waits until the workflow and the child that it waits for are quiet, or the workflow is closed. */
export function untilQuiet(client: Client, workflowId: string): Promise<Quiet | 'closed'> {
  return until(`${workflowId} to become quiet`, PATIENCE_MS, () => quietNow(client, workflowId));
}
