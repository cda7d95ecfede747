/** Activations as sdk-core would send them, for a clock that a test sets. */
import { toPayloads, defaultPayloadConverter } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time';
import type { coresdk } from '@temporalio/proto';
import type { Activation, Completion } from './process';

type Job = coresdk.workflow_activation.IWorkflowActivationJob;
type Command = coresdk.workflow_commands.IWorkflowCommand;

const EPOCH_MS = Date.UTC(2024, 0, 1);

/** An activation `afterMs` after the beginning of time. */
export function activation(runId: string, jobs: Job[], afterMs = 0, more: Partial<Activation> = {}): Activation {
  return { runId, timestamp: msToTs(EPOCH_MS + afterMs), historyLength: 3, jobs, ...more };
}

/** The job that begins a run. */
export function start(workflowType: string, workflowId: string, ...args: unknown[]): Job {
  return {
    initializeWorkflow: {
      workflowType,
      workflowId,
      arguments: toPayloads(defaultPayloadConverter, ...args) ?? [],
      attempt: 1,
      startTime: msToTs(EPOCH_MS),
      workflowTaskTimeout: msToTs(10_000),
      firstExecutionRunId: workflowId,
    },
  };
}

export const fireTimer = (seq: number): Job => ({ fireTimer: { seq } });

export const evict: Job = { removeFromCache: { message: 'a test', reason: 5 } };

/** The commands of a completion that succeeded. */
export function commandsOf({ successful, failed }: Completion): Command[] {
  if (!successful) throw new Error(`a failed completion: ${failed?.failure?.message}`);
  return successful.commands ?? [];
}

/** The sequence number of the only command, which starts a timer. */
export function startedTimer(completion: Completion): number {
  const [command, ...others] = commandsOf(completion);
  const seq = command?.startTimer?.seq;
  if (typeof seq !== 'number' || others.length > 0) throw new Error(`no timer: ${JSON.stringify(completion)}`);
  return seq;
}

/** The result that the only command completes the workflow with. */
export function result(completion: Completion): unknown {
  const payload = commandsOf(completion)[0]?.completeWorkflowExecution?.result;
  if (!payload) throw new Error(`no result: ${JSON.stringify(completion)}`);
  return defaultPayloadConverter.fromPayload(payload);
}
