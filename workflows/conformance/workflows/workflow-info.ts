/** `workflowInfo()` in every field. Ids and times are compared inside the workflow, for they differ from run to run. */
import {
  ApplicationFailure,
  type WorkflowInfo,
  condition,
  continueAsNew,
  defineQuery,
  executeChild,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { summaryOf } from '../outcome';
import { sorted } from './sorted';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** An id as what it is: one of this run, another one, or none. */
function idOf(id: string | undefined, info: WorkflowInfo): string | undefined {
  if (id === undefined) return undefined;
  if (id === info.runId) return 'this run';
  return UUID.test(id) ? 'another run' : 'no id';
}

function timeOf(time: Date | undefined): string | undefined {
  if (time === undefined) return undefined;
  return time instanceof Date && time.getTime() > 0 && time.getTime() <= Date.now() ? 'a time' : 'no time';
}

/** Every field, in a form that is the same in each run. */
function described(info: WorkflowInfo = workflowInfo()): Record<string, unknown> {
  const { executionExpirationTime, typedSearchAttributes, unsafe, ...rest } = info;
  const { deploymentName, buildId } = info.currentDeploymentVersion ?? {};
  return {
    ...rest,
    memo: sorted(info.memo),
    searchAttributes: sorted(info.searchAttributes),
    runId: UUID.test(info.runId) ? 'a run id' : info.runId,
    firstExecutionRunId: idOf(info.firstExecutionRunId, info),
    originalExecutionRunId: idOf(info.originalExecutionRunId, info),
    continuedFromExecutionRunId: idOf(info.continuedFromExecutionRunId, info),
    parent: info.parent && { ...info.parent, runId: idOf(info.parent.runId, info) },
    root: info.root && { ...info.root, runId: idOf(info.root.runId, info) },
    startTime: timeOf(info.startTime),
    runStartTime: timeOf(info.runStartTime),
    executionExpirationTime: executionExpirationTime && executionExpirationTime.getTime() > Date.now(),
    // Until the next tick of the clock, which is another one for each run.
    cronScheduleToScheduleInterval: info.cronSchedule && (info.cronScheduleToScheduleInterval ?? 0) > 0,
    typedSearchAttributes: typedSearchAttributes.getAll().sort((a, b) => (a.key.name < b.key.name ? -1 : 1)),
    historySize: info.historySize > 0 ? 'some bytes' : info.historySize,
    currentBuildId: typeof info.currentBuildId,
    currentDeploymentVersion: { deploymentName, buildId: typeof buildId },
    lastFailure: info.lastFailure && summaryOf(info.lastFailure),
    unsafe: Object.fromEntries(Object.entries(unsafe).map(([key, value]) => [key, typeof value])),
  };
}

export async function infoOfPlainRun(): Promise<unknown> {
  return described();
}

export async function infoOfOptions(_value: string): Promise<unknown> {
  return described();
}

/** The names of the fields, those without a value too. */
export async function infoFields(): Promise<unknown> {
  const info = workflowInfo();
  const types = Object.entries(info).map(([key, value]) => [key, value instanceof Date ? 'Date' : typeof value]);
  return { fields: types.sort(), unsafe: Object.keys(info.unsafe).sort() };
}

export async function infoOfLeaf(): Promise<unknown> {
  return described();
}

export async function infoOfMiddle(): Promise<unknown> {
  const { workflowId } = workflowInfo();
  const leaf = await executeChild(infoOfLeaf, { workflowId: `${workflowId}/leaf`, workflowRunTimeout: '1 minute' });
  return { middle: described(), leaf };
}

export async function infoOfFamily(): Promise<unknown> {
  const { workflowId } = workflowInfo();
  const below = await executeChild(infoOfMiddle, { workflowId: `${workflowId}/middle`, memo: { of: 'the middle' } });
  return { top: described(), below };
}

export async function infoOfContinuedRun(run: number): Promise<unknown> {
  return run < 2 ? continueAsNew<typeof infoOfContinuedRun>(run + 1) : described();
}

export async function infoOfContinuedChild(run: number): Promise<unknown> {
  return run < 2 ? continueAsNew<typeof infoOfContinuedChild>(run + 1) : described();
}

export async function infoOfContinuedFamily(): Promise<unknown> {
  const workflowId = `${workflowInfo().workflowId}/child`;
  return executeChild(infoOfContinuedChild, { args: [1], workflowId });
}

export async function infoOfRetriedRun(): Promise<unknown> {
  const { attempt } = workflowInfo();
  if (attempt < 3)
    throw ApplicationFailure.create({ message: `attempt ${attempt}`, type: 'Again', details: [attempt] });
  return described();
}

/** Tells the last cron run's info. */
export const cronInfo = defineQuery<unknown>('cronInfo');

/** The first run returns, the second fails, the third tells and stays. */
export async function infoOfCronRun(): Promise<unknown> {
  const { lastResult, lastFailure } = workflowInfo();
  if (lastResult === undefined) return { first: 'result' };
  if (lastFailure === undefined) throw ApplicationFailure.nonRetryable('the second run fails', 'Second');
  const info = described();
  setHandler(cronInfo, () => info);
  return sleep('1 hour');
}

/** The length of the history grows with the tasks. */
export async function infoOfHistory(): Promise<unknown> {
  const seen: { historyLength: number; historySize: number }[] = [];
  for (let i = 0; i < 3; i += 1) {
    const { historyLength, historySize } = workflowInfo();
    seen.push({ historyLength, historySize });
    await sleep(10);
  }
  const grows = seen.every(({ historySize }, i) => i === 0 || historySize > (seen[i - 1]?.historySize ?? 0));
  return { lengths: seen.map(({ historyLength }) => historyLength), grows };
}

/** The object that was got does not change. */
export async function infoIsACopy(): Promise<unknown> {
  const first = workflowInfo();
  const { historyLength } = first;
  await sleep(10);
  const second = workflowInfo();
  return {
    kept: first.historyLength === historyLength,
    another: first !== second,
    grown: second.historyLength > first.historyLength,
    sameRun: first.runId === second.runId,
  };
}

/** The real time goes on while the time of the workflow stands. */
export async function infoUnsafe(): Promise<unknown> {
  const { unsafe } = workflowInfo();
  const before = Date.now();
  const real = unsafe.now();
  const bytes = unsafe.random.fillRandom(new Uint8Array(8));
  const drawn = unsafe.random.random();
  return {
    realIsLater: real >= before,
    standing: Date.now() === before,
    draws: drawn >= 0 && drawn < 1 && drawn !== unsafe.random.random(),
    uuid: UUID.test(unsafe.random.uuid4()),
    filled: bytes.length === 8 && bytes.some((byte) => byte !== 0),
  };
}

export async function infoOfTime(): Promise<unknown> {
  const { startTime, runStartTime } = workflowInfo();
  await condition(() => false, 20);
  return {
    same: workflowInfo().startTime.getTime() === startTime.getTime(),
    sameRun: workflowInfo().runStartTime.getTime() === runStartTime.getTime(),
    later: Date.now() >= runStartTime.getTime() + 20,
  };
}
