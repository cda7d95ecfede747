/** Nexus: calls of operations, how they end, how they are cancelled. */
import {
  ApplicationFailure,
  CancellationScope,
  condition,
  createNexusServiceClient,
  defineSignal,
  isCancellation,
  setHandler,
  workflowInfo,
  type NexusServiceClient,
} from '@temporalio/workflow';
import { NexusOperationFailure, TimeoutFailure } from '@temporalio/common';
import { absentService, operations, operationsWithAbsent, type HandlerRefusal } from './nexus-definition';

export const releaseOperation = defineSignal<[string]>('releaseOperation');
export const cancelOperation = defineSignal('cancelOperation');

/** How the caller wants the operation to be cancelled. */
export type CancellationChoice =
  | 'ABANDON'
  | 'TRY_CANCEL'
  | 'WAIT_CANCELLATION_REQUESTED'
  | 'WAIT_CANCELLATION_COMPLETED';

const clientOf = (endpoint: string): NexusServiceClient<typeof operations> =>
  createNexusServiceClient({ endpoint, service: operations });

/** The id and queue for the workflow that backs this workflow's operation. */
const operationRun = (): { workflowId: string; taskQueue: string } => {
  const { workflowId, taskQueue } = workflowInfo();
  return { workflowId: `${workflowId}-operation`, taskQueue };
};

/** Calls that end at once. */
export async function nexusCallsSync(endpoint: string): Promise<unknown> {
  const client = clientOf(endpoint);
  const byDefinition = await client.executeOperation(operations.operations.double, 21);
  const byName = await client.executeOperation('renamed', 'hello', { summary: 'by its property name' });
  const nothing = await client.executeOperation('nothing', undefined);
  return { byDefinition, byName, nothing: nothing === undefined };
}

/** A handle of an operation that ended at once has no token. */
export async function nexusHandleOfSync(endpoint: string): Promise<unknown> {
  const handle = await clientOf(endpoint).startOperation('renamed', 'handle');
  const { service, operation, token } = handle;
  return { service, operation, token: token ?? null, result: await handle.result(), again: await handle.result() };
}

/** Inputs and results of several kinds. */
export async function nexusEchoes(endpoint: string): Promise<unknown[]> {
  const inputs: unknown[] = [null, '', 'text', 0, false, [], { nested: { list: [1, 'two', null] } }];
  const client = clientOf(endpoint);
  const outputs: unknown[] = [];
  for (const input of inputs) outputs.push(await client.executeOperation('echo', input));
  return outputs;
}

export async function nexusCallsConcurrently(endpoint: string): Promise<number[]> {
  const client = clientOf(endpoint);
  // One after the other is started, so that the order of their events is theirs.
  const doubled: number[] = [];
  for (const input of [1, 2, 3]) doubled.push(await client.executeOperation('double', input));
  return doubled;
}

/** An operation that a workflow backs: started by the handle, ended by a signal to that workflow. */
export async function nexusAwaitsWorkflow(endpoint: string): Promise<unknown> {
  const handle = await clientOf(endpoint).startOperation('untilReleased', operationRun(), {
    summary: 'backed by a workflow',
    scheduleToCloseTimeout: '5 minutes',
  });
  return { token: typeof handle.token, operation: handle.operation, result: await handle.result() };
}

/** The failure of the workflow behind the operation arrives with all of its causes. */
export async function nexusAwaitsFailingWorkflow(endpoint: string): Promise<string> {
  return clientOf(endpoint).executeOperation('thatFails', operationRun());
}

/** Lets the failure of an operation that ended as failed or cancelled fail the workflow. */
export async function nexusEndsAs(endpoint: string, state: 'failed' | 'canceled'): Promise<void> {
  return clientOf(endpoint).executeOperation('endAs', { state, message: `ended as ${state}` });
}

/** Lets the handler's refusal fail the workflow. */
export async function nexusRefused(endpoint: string, refusal: HandlerRefusal): Promise<void> {
  return clientOf(endpoint).executeOperation('refuse', refusal);
}

export async function nexusFailsApplication(endpoint: string): Promise<void> {
  return clientOf(endpoint).executeOperation('failApplication', 'the handler refuses');
}

/** The server tries a refusal that is retryable again. */
export async function nexusRetried(endpoint: string): Promise<number> {
  return clientOf(endpoint).executeOperation('failOnce', workflowInfo().workflowId);
}

/** What a caught failure tells of the operation. */
export async function nexusDescribesFailure(endpoint: string): Promise<unknown> {
  try {
    return await clientOf(endpoint).executeOperation('endAs', { state: 'failed', message: 'looked at' });
  } catch (err) {
    if (!(err instanceof NexusOperationFailure)) throw err;
    const { name, message, service, operation, operationToken, scheduledEventId, cause } = err;
    return {
      name,
      message,
      endpoint: err.endpoint === endpoint,
      service,
      operation,
      token: operationToken ?? null,
      scheduledEventId: scheduledEventId ?? null,
      cause: cause && [cause.name, cause.message],
    };
  }
}

export async function nexusCallsAbsentOperation(endpoint: string): Promise<void> {
  return createNexusServiceClient({ endpoint, service: operationsWithAbsent }).executeOperation('absent', undefined);
}

export async function nexusCallsAbsentService(endpoint: string): Promise<void> {
  return createNexusServiceClient({ endpoint, service: absentService }).executeOperation('anything', undefined);
}

const timeoutOf = async (call: Promise<unknown>): Promise<unknown> => {
  try {
    return await call;
  } catch (err) {
    if (!(err instanceof NexusOperationFailure && err.cause instanceof TimeoutFailure)) throw err;
    return { message: err.message, cause: err.cause.message, timeoutType: err.cause.timeoutType };
  }
};

export async function nexusTimesOutToClose(endpoint: string): Promise<unknown> {
  return timeoutOf(clientOf(endpoint).executeOperation('hang', undefined, { scheduleToCloseTimeout: '1 second' }));
}

export async function nexusTimesOutToStart(endpoint: string): Promise<unknown> {
  const options = { scheduleToStartTimeout: '1 second', scheduleToCloseTimeout: '5 minutes' } as const;
  return timeoutOf(clientOf(endpoint).executeOperation('hang', undefined, options));
}

export async function nexusTimesOutAfterStart(endpoint: string): Promise<unknown> {
  const options = { startToCloseTimeout: '2 seconds', scheduleToCloseTimeout: '5 minutes' } as const;
  return timeoutOf(clientOf(endpoint).executeOperation('untilReleased', operationRun(), options));
}

/** What a cancelled call rejects with. */
const describeCancellation = (err: unknown): unknown => {
  if (!(err instanceof Error)) return String(err);
  const cause = err instanceof NexusOperationFailure ? err.cause : undefined;
  return { name: err.name, message: err.message, cancelled: isCancellation(err), cause: cause?.message ?? null };
};

/** Cancels a started operation at the first signal, and at the second says how the cancellation came back. */
export async function nexusCancels(
  endpoint: string,
  cancellationType: CancellationChoice,
  operation: 'slowToCancel' | 'deafToCancellation'
): Promise<unknown> {
  const scope = new CancellationScope();
  let signals = 0;
  setHandler(cancelOperation, () => {
    signals += 1;
    scope.cancel();
  });
  const call = scope.run(() => clientOf(endpoint).executeOperation(operation, operationRun(), { cancellationType }));
  const outcome = await call.catch(describeCancellation);
  const signalsBefore = signals;
  await condition(() => signals === 2);
  return { outcome, signalsBefore };
}

/** Cancels in the task that schedules the operation. */
export async function nexusCancelsAtOnce(endpoint: string): Promise<unknown> {
  const scope = new CancellationScope();
  const call = scope.run(() => clientOf(endpoint).executeOperation('double', 1));
  scope.cancel();
  return call.catch(describeCancellation);
}

/** A scope that is cancelled already schedules nothing. */
export async function nexusInCancelledScope(endpoint: string): Promise<unknown> {
  const scope = new CancellationScope();
  scope.cancel();
  return scope.run(() => clientOf(endpoint).executeOperation('double', 1)).catch(describeCancellation);
}

/** Cancellation of the workflow itself ends the wait for the operation. */
export async function nexusCancelledWithWorkflow(endpoint: string): Promise<string> {
  return clientOf(endpoint).executeOperation('deafToCancellation', operationRun(), {
    cancellationType: 'WAIT_CANCELLATION_REQUESTED',
  });
}

/** A scope that is not cancellable keeps the operation going. */
export async function nexusShielded(endpoint: string): Promise<string> {
  return CancellationScope.nonCancellable(() => clientOf(endpoint).executeOperation('untilReleased', operationRun()));
}

/** Backs an operation; ends when released. */
export async function operationUntilReleased(): Promise<string> {
  let word: string | undefined;
  setHandler(releaseOperation, (text) => void (word = text));
  await condition(() => word !== undefined);
  return word ?? '';
}

/** Backs an operation; ends as cancelled, but not before it is released. */
export async function operationSlowToCancel(): Promise<string> {
  const released = CancellationScope.nonCancellable(operationUntilReleased);
  await CancellationScope.current().cancelRequested.finally(() => released);
  return released;
}

/** Backs an operation; cancellation does not reach it. */
export async function operationDeafToCancellation(): Promise<string> {
  return CancellationScope.nonCancellable(operationUntilReleased);
}

/** Backs an operation; fails with a cause when released. */
export async function operationThatFails(): Promise<string> {
  const word = await operationUntilReleased();
  const cause = ApplicationFailure.retryable('the cause', 'Cause');
  throw ApplicationFailure.create({ message: word, type: 'Failed', nonRetryable: true, details: [{ a: 1 }], cause });
}
