import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, isCancellation } from '@temporalio/workflow';
import { NexusOperationFailure } from '@temporalio/common';

/** What a test wants to know of a caught error, as JSON. */
export interface ErrorSummary {
  name: string;
  message: string;
  cancelled: boolean;
  type?: string;
  nonRetryable?: boolean;
  details?: unknown[];
  cause?: ErrorSummary;
}

export function describeError(err: unknown): ErrorSummary {
  if (!(err instanceof Error)) return { name: typeof err, message: String(err), cancelled: false };
  const summary: ErrorSummary = { name: err.name, message: err.message, cancelled: isCancellation(err) };
  if (err instanceof ApplicationFailure) {
    if (err.type) summary.type = err.type;
    summary.nonRetryable = err.nonRetryable ?? false;
    summary.details = err.details ?? [];
  }
  const wraps =
    err instanceof ActivityFailure || err instanceof ChildWorkflowFailure || err instanceof NexusOperationFailure;
  if (wraps && err.cause) summary.cause = describeError(err.cause);
  return summary;
}

/** The summary of what `promise` rejects with; undefined if it does not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<ErrorSummary | undefined> {
  try {
    await promise;
    return undefined;
  } catch (err) {
    return describeError(err);
  }
}
