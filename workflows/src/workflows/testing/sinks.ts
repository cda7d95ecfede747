import { proxySinks, sleep, workflowInfo, type Sinks } from '@temporalio/workflow';

interface TestSinks extends Sinks {
  audit: { note(text: string, details: unknown): void; always(text: string): void };
  trouble: { fails(text: string): void; panics(text: string): void };
}

const { audit, trouble } = proxySinks<TestSinks>();

/** Calls sinks of the worker before and after a pause; returns what a sink is told about the run. */
export async function callsSinks(marker: string): Promise<{ runId: string; attempt: number }> {
  audit.note(`${marker} before`, { colour: 'green', at: new Map([['day', 1]]) });
  audit.always(`${marker} always`);
  await sleep(5);
  audit.note(`${marker} after`, ['one', 2n, undefined]);
  const { runId, attempt } = workflowInfo();
  return { runId, attempt };
}

/** Calls sinks that fail and panic. */
export async function callsFailingSinks(marker: string): Promise<string> {
  trouble.fails(`${marker} fails`);
  trouble.panics(`${marker} panics`);
  await sleep(5);
  audit.note(`${marker} went on`, {});
  return marker;
}
