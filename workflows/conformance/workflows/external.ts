/** External workflows: any workflow that is no child, known by its id. */
import { CancellationScope, getExternalWorkflowHandle, sleep } from '@temporalio/workflow';
import type { Outcome } from '../case';
import { outcomeOf } from '../outcome';
import { note } from './children';
import { PAUSE, cancellationOf } from './support';

/** A handle is made without a request. */
export async function externalHandle(): Promise<unknown> {
  const { workflowId, runId } = getExternalWorkflowHandle('some-id', 'some-run');
  return { workflowId, runId, withoutRun: getExternalWorkflowHandle('some-id').runId === undefined };
}

export async function externalSignalled(workflowId: string): Promise<void> {
  const other = getExternalWorkflowHandle(workflowId);
  await other.signal(note, 'by definition');
  await other.signal('note', 'by name');
  await other.signalWithOptions('note', { args: ['with options'] });
}

export async function externalRunSignalled(workflowId: string, runId: string): Promise<void> {
  await getExternalWorkflowHandle(workflowId, runId).signal(note, 'of this run');
}

export async function externalCancelled(workflowId: string, runId?: string): Promise<Outcome> {
  return outcomeOf(getExternalWorkflowHandle(workflowId, runId).cancel());
}

/** Neither the id nor the run exists. */
export async function externalNotFound(workflowId: string, runId: string): Promise<Outcome[]> {
  const handles = [getExternalWorkflowHandle(`${workflowId}-of-nobody`), getExternalWorkflowHandle(workflowId, runId)];
  const outcomes: Outcome[] = [];
  for (const handle of handles)
    outcomes.push(await outcomeOf(handle.signal(note, 'lost')), await outcomeOf(handle.cancel()));
  return outcomes;
}

/** The failure is the workflow's own. */
export async function externalNotFoundFails(workflowId: string): Promise<void> {
  await getExternalWorkflowHandle(`${workflowId}-of-nobody`).signal(note, 'lost');
}

/** A signal withdrawn in the task that would send it. */
export async function externalWithdrawn(workflowId: string): Promise<Outcome> {
  const scope = new CancellationScope();
  const outcome = cancellationOf(scope.run(() => getExternalWorkflowHandle(workflowId).signal(note, 'withdrawn')));
  scope.cancel();
  await sleep(1);
  return outcome;
}

export async function externalInCancelledScope(workflowId: string): Promise<Outcome[]> {
  const scope = new CancellationScope();
  const other = getExternalWorkflowHandle(workflowId);
  scope.cancel();
  const outcomes = [
    await cancellationOf(scope.run(() => other.signal(note, 'never'))),
    // A patch marker tells this from histories of old releases, which sent the request.
    await cancellationOf(scope.run(() => other.cancel())),
  ];
  await sleep(1);
  return outcomes;
}

/** A request to cancel goes out although its scope is cancelled in the meantime. */
export async function externalCancelWithdrawn(workflowId: string): Promise<Outcome> {
  const scope = new CancellationScope();
  const outcome = cancellationOf(scope.run(() => getExternalWorkflowHandle(workflowId).cancel()));
  scope.cancel();
  const ended = await outcome;
  await sleep(PAUSE);
  return ended;
}
