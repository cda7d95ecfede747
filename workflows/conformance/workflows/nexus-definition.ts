/** The Nexus services that workflows call, as both sides see them. */
import * as nexus from 'nexus-rpc';

export interface OperationRun {
  /** The id of the workflow that backs the operation. */
  workflowId: string;
  /** Where that workflow runs: the queue of the worker under test. */
  taskQueue: string;
}

export interface HandlerRefusal {
  type: nexus.HandlerErrorType;
  message: string;
  /** Whether the server may try again; absent for what follows from the type. */
  retryable?: boolean;
}

export const operations = nexus.service('conformance-operations', {
  double: nexus.operation<number, number>(),
  /** Gives its input back. */
  echo: nexus.operation<unknown, unknown>(),
  /** Gives the header of this name back. */
  header: nexus.operation<string, string | null>(),
  nothing: nexus.operation<void, void>(),
  renamed: nexus.operation<string, string>({ name: 'known by another name' }),
  /** Ends as failed or cancelled, at once. */
  endAs: nexus.operation<{ state: nexus.OperationErrorState; message: string }, void>(),
  /** Refused by the handler. */
  refuse: nexus.operation<HandlerRefusal, void>(),
  /** An application failure, which is not retryable. */
  failApplication: nexus.operation<string, void>(),
  /** Refused the first time for each key, answered the second time. */
  failOnce: nexus.operation<string, number>(),
  /** Never answers. */
  hang: nexus.operation<void, void>(),
  /** Backed by the workflow `operationUntilReleased`. */
  untilReleased: nexus.operation<OperationRun, string>(),
  /** Backed by the workflow `operationSlowToCancel`. */
  slowToCancel: nexus.operation<OperationRun, string>(),
  /** Backed by the workflow `operationDeafToCancellation`. */
  deafToCancellation: nexus.operation<OperationRun, string>(),
  /** Backed by the workflow `operationThatFails`. */
  thatFails: nexus.operation<OperationRun, string>(),
});

/** As {@link operations}, with an operation that no handler has. */
export const operationsWithAbsent = nexus.service('conformance-operations', {
  absent: nexus.operation<void, void>(),
});

/** A service that no worker has. */
export const absentService = nexus.service('conformance-absent', {
  anything: nexus.operation<void, void>(),
});
