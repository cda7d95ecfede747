/** Workflows whose completion cannot be sent: sdk-core would refuse it, or it is no message at all. */
import { type WorkflowInfo, condition, defineQuery, proxyActivities, setHandler, sleep } from '@temporalio/workflow';
import type { ProbeActivities } from '../activities';

interface Activator {
  pushCommand(command: unknown): void;
  mutateWorkflowInfo(change: (info: WorkflowInfo) => WorkflowInfo): void;
}

function activator(): Activator {
  return (globalThis as unknown as { __TEMPORAL_ACTIVATOR__: Activator }).__TEMPORAL_ACTIVATOR__;
}

/** Hands the SDK a command that no part of it would make. */
function push(command: unknown): void {
  activator().pushCommand(command);
}

function refuses(): never {
  throw new Error('refused on purpose');
}

const endless: Record<string, unknown> = { message: 'its own cause' };
endless['cause'] = endless;

/** What a command can be instead of one. */
const mistakes = {
  noVariant: () => push({}),
  unknownVariant: () => push({ teleportWorkflow: { to: 'elsewhere' } }),
  noObject: () => push({ startTimer: 'soon' }),
  noMap: () => push({ upsertWorkflowSearchAttributes: { searchAttributes: { indexedFields: 5 } } }),
  noList: () => push({ scheduleActivity: { seq: 1_000, arguments: 'none' } }),
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

/** Passes itself off as another run. */
export async function claimsAnotherRun(runId: string): Promise<never> {
  activator().mutateWorkflowInfo((info) => ({ ...info, runId }));
  await condition(() => false);
  throw new Error('unreachable');
}

export const asksAndActs = defineQuery<number>('asksAndActs');

/** Starts a timer in the handler of a query. */
export async function actsInQuery(): Promise<never> {
  setHandler(asksAndActs, () => {
    void sleep('1 hour');
    return 1;
  });
  await condition(() => false);
  throw new Error('unreachable');
}
