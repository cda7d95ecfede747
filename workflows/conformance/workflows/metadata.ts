/** Current details, summaries of commands, and what describes a workflow. */
import {
  condition,
  executeChild,
  getCurrentDetails,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { ProbeActivities } from '../../src/workflows/activities';
import { note, noted, notes } from './messages';
import { signalled } from './support';

export async function currentDetails(): Promise<string[]> {
  const seen = [getCurrentDetails()];
  setCurrentDetails('waits for **news**');
  setHandler(note, (value) => setCurrentDetails(`${getCurrentDetails()}\n- ${String(value)}`));
  await signalled();
  seen.push(getCurrentDetails());
  setCurrentDetails('');
  return [...seen, getCurrentDetails()];
}

export async function describedHandlers(): Promise<void> {
  setHandler(note, () => undefined, { description: 'Takes a note' });
  setHandler(notes, () => [], { description: 'Tells the notes' });
  setHandler(noted, (text) => text.length, {
    description: 'Takes a note and counts',
    validator: (_text: string) => undefined,
  });
  await signalled();
}

export async function undescribedHandlers(): Promise<void> {
  setHandler(notes, () => []);
  setHandler(note, () => setHandler(notes, undefined));
  await signalled();
}

export async function timerSummaries(): Promise<boolean> {
  await sleep(10, { summary: 'A short sleep' });
  await sleep(10, { summary: '' });
  return condition(() => false, 10, { summary: 'A condition that **never** holds' });
}

export async function activitySummaries(activityQueue: string): Promise<unknown[]> {
  const remote = proxyActivities<ProbeActivities>({
    taskQueue: activityQueue,
    startToCloseTimeout: '1 minute',
    summary: 'A remote echo',
  });
  const local = proxyLocalActivities<ProbeActivities>({ startToCloseTimeout: '1 minute', summary: 'A local echo' });
  const changed = await remote.echo.executeWithOptions({ summary: 'An echo of its own' }, ['third']);
  return [await remote.echo('first'), await local.echo('second'), changed];
}

export async function summarisedChild(): Promise<void> {
  await sleep(1);
}

export async function childSummaries(): Promise<void> {
  const { workflowId } = workflowInfo();
  await executeChild(summarisedChild, {
    workflowId: `${workflowId}/child`,
    staticSummary: 'The child',
    staticDetails: 'Details of\nthe child',
  });
}

export async function summarisedWorkflow(): Promise<string> {
  await sleep(1, { summary: 'Its only timer' });
  return getCurrentDetails();
}
