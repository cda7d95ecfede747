/** Runs of W1 to W4 as the driver sees them: started, waiting after a timer and an activity, finished by a signal. */
import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { concurrently } from '../src/support/concurrently';
import { WORKFLOW_TYPES } from './bundles';

/** Requests of the driver at a time. */
export const LANES = 50;
/** Events of a history whose run has seen its timer and its activity and waits. */
const EVENTS_WHEN_WAITING = 15;

/** A run and what it was started with. */
export interface Started {
  seed: number;
  handle: WorkflowHandle;
}

export function startRuns(
  client: Client,
  bundle: keyof typeof WORKFLOW_TYPES,
  taskQueue: string,
  count: number
): Promise<Started[]> {
  const type = WORKFLOW_TYPES[bundle];
  const seeds = Array.from({ length: count }, (_, seed) => seed);
  return concurrently(seeds, LANES, async (seed): Promise<Started> => {
    const workflowId = `${type}-${seed}-${randomUUID()}`;
    return { seed, handle: await client.workflow.start(type, { taskQueue, workflowId, args: [seed] }) };
  });
}

/** Whether the run has seen its timer and its activity and waits for signals. */
export async function isWaiting({ handle }: Started): Promise<boolean> {
  const { historyLength } = await handle.describe();
  return historyLength >= EVENTS_WHEN_WAITING;
}
