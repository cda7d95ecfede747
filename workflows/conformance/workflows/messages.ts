/** Signals, queries and updates that workflows of several features share, and the task that stays open for them. */
import { defineQuery, defineSignal, defineUpdate, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { ProbeActivities } from '../../src/workflows/activities';

/** Anything that the workflow writes down. */
export const note = defineSignal<[unknown?]>('note');
/** What the workflow wrote down. */
export const notes = defineQuery<unknown[]>('notes');
/** Writes down, and says how many notes there are. */
export const noted = defineUpdate<number, [string]>('noted');

const { failTimes } = proxyLocalActivities<ProbeActivities>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '500 ms', backoffCoefficient: 1 },
});

/** Keeps the workflow task open for two seconds: what is sent meanwhile comes together in the next task. */
export async function holdTask(): Promise<void> {
  await failTimes({ key: workflowInfo().runId, times: 4 });
}
