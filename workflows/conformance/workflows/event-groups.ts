/** Event groups: markers on commands, given by option or by scope. */
import {
  CancellationScope,
  condition,
  continueAsNew,
  createEventGroup,
  defineSignal,
  defineUpdate,
  executeChild,
  getExternalWorkflowHandle,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { ProbeActivities } from '../../src/workflows/activities';

export const sleepInSignal = defineSignal<[number]>('sleepInSignal');
export const sleepInUpdate = defineUpdate<string, [number]>('sleepInUpdate');

export async function groupsTimers(): Promise<string> {
  const labelled = createEventGroup('timers');
  const named = createEventGroup('timers, named', { id: 'named-group' });
  await sleep(5, { eventGroups: [labelled] });
  await sleep(5, { eventGroups: [labelled, named], summary: 'in two groups' });
  await condition(() => false, 5, { eventGroups: [named] });
  return 'grouped';
}

export async function groupsActivities(activityQueue: string): Promise<unknown[]> {
  const group = createEventGroup('activities', { id: 'activities' });
  const remote = proxyActivities<ProbeActivities>({
    taskQueue: activityQueue,
    startToCloseTimeout: '1 minute',
    eventGroups: [group],
  });
  const local = proxyLocalActivities<ProbeActivities>({ startToCloseTimeout: '1 minute', eventGroups: [group] });
  return [await remote.echo('remote'), await local.echo('local')];
}

export async function groupedChild(word: string): Promise<string> {
  return word;
}

export async function groupsChildren(): Promise<string> {
  const group = createEventGroup('children', { id: 'children' });
  const workflowId = `${workflowInfo().workflowId}-child`;
  return executeChild(groupedChild, { workflowId, args: ['from a child'], eventGroups: [group] });
}

/** Every command in the scope gets the markers of all scopes around it. */
export async function nestsGroupScopes(): Promise<string> {
  const outer = createEventGroup('outer', { id: 'outer' });
  const inner = createEventGroup('inner', { id: 'inner' });
  return outer.withScope(async () => {
    await sleep(5);
    const words = await inner.withScope(async () => {
      await sleep(5);
      upsertMemo({ note: 'in both groups' });
      return 'nested';
    });
    await sleep(5);
    return words;
  });
}

/** Two scopes side by side keep apart what their branches do. */
export async function runsGroupScopesTogether(): Promise<number[]> {
  const branch = (id: string, ms: number): Promise<number> =>
    createEventGroup(id, { id }).withScope(async () => {
      await sleep(ms);
      await sleep(5);
      return ms;
    });
  return Promise.all([branch('left', 10), branch('right', 300)]);
}

/** The first label of an id stays; a marker given twice is attached once. */
export async function givesGroupsTwice(): Promise<string> {
  const first = createEventGroup('first label', { id: 'one-id' });
  const second = createEventGroup('second label', { id: 'one-id' });
  await first.withScope(() => sleep(5, { eventGroups: [first, second] }));
  return 'given';
}

/** An id that is derived from the label is the same for the same label. */
export async function derivesGroupIds(): Promise<unknown> {
  const idOf = (label: string): string =>
    (createEventGroup(label) as unknown as { marker: { label: { id: string } } }).marker.label.id;
  const id = idOf('a label');
  return { same: id === idOf('a label'), other: id !== idOf('another label'), shape: /^[0-9a-f]{40}$/.test(id) };
}

export async function groupsInCancelledScope(): Promise<string> {
  const group = createEventGroup('cancelled', { id: 'cancelled' });
  const scope = new CancellationScope();
  const waiting = scope.run(() => group.withScope(() => sleep('1 hour')));
  await sleep(5);
  scope.cancel();
  return waiting.then(
    () => 'slept',
    (err: Error) => err.name
  );
}

/** A signal and an update are groups of their own: commands of their handlers carry the inbound event. */
export async function groupsHandlers(): Promise<number> {
  let handled = 0;
  setHandler(sleepInSignal, async (ms) => {
    await sleep(ms);
    await createEventGroup('in a signal', { id: 'signal' }).withScope(() => sleep(ms));
    handled += 1;
  });
  setHandler(sleepInUpdate, async (ms) => {
    await sleep(ms);
    handled += 1;
    return 'updated';
  });
  await condition(() => handled === 2);
  return handled;
}

/** A signal to another workflow, and a new run, from within a group. */
export async function groupsContinueAsNew(round: number): Promise<number> {
  if (round > 0) return round;
  return createEventGroup('last', { id: 'last' }).withScope(async () => {
    const other = getExternalWorkflowHandle(`${workflowInfo().workflowId}-absent`);
    await other.signal(sleepInSignal, 1).catch(() => undefined);
    return continueAsNew<typeof groupsContinueAsNew>(round + 1);
  });
}
