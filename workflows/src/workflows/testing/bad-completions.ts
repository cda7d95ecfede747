/** Workflows whose completion cannot be sent: sdk-core would refuse it, or it is no message at all. */
import { condition, proxyActivities, sleep } from '@temporalio/workflow';
import type { ProbeActivities } from '../activities';

/** Hands the SDK a command that no part of it would make. */
function push(command: unknown): void {
  const { __TEMPORAL_ACTIVATOR__: activator } = globalThis as unknown as {
    __TEMPORAL_ACTIVATOR__: { pushCommand(command: unknown): void };
  };
  activator.pushCommand(command);
}

function refuses(): never {
  throw new Error('refused on purpose');
}

const endless: Record<string, unknown> = { message: 'its own cause' };
endless['cause'] = endless;

/** Each one stands on the line that the worker has to name. */
const mistakes = {
  noVariant: () => push({}),
  unknownVariant: () => push({ teleportWorkflow: { to: 'elsewhere' } }),
  noObject: () => push({ startTimer: 'soon' }),
  noMap: () => push({ upsertWorkflowSearchAttributes: { searchAttributes: { indexedFields: 5 } } }),
  noList: () => push({ scheduleActivity: { seq: 1_000, arguments: 'none' } }),
  noEnumValue: () => push({ startChildWorkflowExecution: { seq: 1_000, parentClosePolicy: 'ADOPTED' } }),
  throwingGetter: () => push(Object.defineProperty({}, 'startTimer', { enumerable: true, get: refuses })),
  throwingProxy: () => push({ startTimer: new Proxy({}, { get: refuses }) }),
  endlessFailure: () => push({ failWorkflowExecution: { failure: endless } }),
  objectAsTaskQueue: () => void activityOn({ name: 'a queue' }).echo('on an object'),
};
export type Mistake = keyof typeof mistakes;
export const mistakeNames = Object.keys(mistakes) as Mistake[];

function activityOn(taskQueue: unknown): ReturnType<typeof proxyActivities<ProbeActivities>> {
  return proxyActivities<ProbeActivities>({ taskQueue: taskQueue as string, startToCloseTimeout: '1 minute' });
}

/** Issues a good command and then a bad one. */
export async function issuesBadCommand(mistake: Mistake): Promise<never> {
  void sleep('1 hour');
  mistakes[mistake]();
  await condition(() => false);
  throw new Error('unreachable');
}

/** Has its activations end with nothing: neither success nor failure. */
export async function concludesWithNothing(): Promise<void> {
  const { __TEMPORAL__ } = globalThis as unknown as { __TEMPORAL__: { api: Record<string, unknown> } };
  const { runId } = (globalThis as unknown as { __TEMPORAL_ACTIVATOR__: { info: { runId: string } } })
    .__TEMPORAL_ACTIVATOR__.info;
  __TEMPORAL__.api = { ...__TEMPORAL__.api, concludeActivation: () => ({ runId }) };
  await condition(() => false);
}
