/** The demo's part of the client: starts conversations, lets things happen to them, reads results back. */
import { type Client, WorkflowUpdateFailedError } from '@temporalio/client';
import { until } from '../support/poll';
import { callManager, conversation } from '../workflows';
import {
  type CallManagerStatus,
  closeCallManager,
  conversationStatus,
  editNextMessage,
  replyReceived,
  setReplyTimeout,
} from '../workflows/messages';
import { type Plan, deviations } from './plan';

/** Longest time for one conversation to reach its wait. */
const WAITING_TIMEOUT_MS = 60_000;

export async function startConversation(client: Client, taskQueue: string, plan: Plan): Promise<void> {
  const { workflowId, input } = plan;
  await client.workflow.start(conversation, { taskQueue, workflowId, args: [input] });
}

/** Resolves when the conversation says, by query, that it waits for a reply. */
export async function waitsForReply(client: Client, plan: Plan): Promise<void> {
  const handle = client.workflow.getHandle(plan.workflowId);
  await until(`${plan.workflowId} to wait for a reply`, WAITING_TIMEOUT_MS, async () => {
    const { waiting } = await handle.query(conversationStatus);
    return waiting || undefined;
  });
}

/** Edits, replies and patience, as planned. */
export async function letThingsHappen(client: Client, plan: Plan): Promise<void> {
  const handle = client.workflow.getHandle<typeof conversation>(plan.workflowId);
  if (plan.refusedEdit) {
    const refused = await handle
      .executeUpdate(editNextMessage, { args: [plan.refusedEdit] })
      .catch((err: unknown) => err);
    if (!(refused instanceof WorkflowUpdateFailedError)) {
      throw new Error(`${plan.workflowId} accepted an empty edit.`, { cause: refused });
    }
  }
  // Which message is the next one depends on where the conversation stands.
  if (plan.edit) {
    await waitsForReply(client, plan);
    await handle.executeUpdate(editNextMessage, { args: [plan.edit] });
  }
  for (const text of plan.replies) await handle.signal(replyReceived, { text });
  if (plan.replyTimeoutMs) await handle.signal(setReplyTimeout, { timeoutMs: plan.replyTimeoutMs });
}

/** Waits for the result, read from the server; returns what differs from the plan. */
export async function readBack(client: Client, plan: Plan): Promise<string[]> {
  try {
    return deviations(plan, await client.workflow.getHandle<typeof conversation>(plan.workflowId).result());
  } catch (err) {
    return [`${plan.workflowId}: ${String(err)} ${String((err as Error).cause ?? '')}`];
  }
}

export async function startCallManager(client: Client, taskQueue: string, workflowId: string): Promise<void> {
  await client.workflow.start(callManager, { taskQueue, workflowId, args: [{ capacity: 10 }] });
}

export async function endCallManager(client: Client, workflowId: string): Promise<CallManagerStatus> {
  const handle = client.workflow.getHandle<typeof callManager>(workflowId);
  await handle.signal(closeCallManager);
  return handle.result();
}
