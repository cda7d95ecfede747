/** The workflows of the bundle with interceptors. Most return what the interceptors recorded. */
import {
  condition,
  continueAsNew,
  createNexusServiceClient,
  defineQuery,
  defineSignal,
  defineUpdate,
  executeChild,
  getExternalWorkflowHandle,
  log,
  metricMeter,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { ProbeActivities } from '../../src/workflows/activities';
import { rejectionOf } from '../../src/workflows/testing/describe-error';
import { calls, internals } from './interceptor-record';
import { operations } from './nexus-definition';

export const plainSignal = defineSignal<[number]>('plainSignal');
export const changedSignal = defineSignal<[number]>('changedSignal');
export const droppedSignal = defineSignal<[number]>('droppedSignal');
export const refusedSignal = defineSignal<[number]>('refusedSignal');
export const plainUpdate = defineUpdate<number, [number]>('plainUpdate');
export const changedUpdate = defineUpdate<number, [number]>('changedUpdate');
export const refusedUpdate = defineUpdate<number, [number]>('refusedUpdate');
export const invalidUpdate = defineUpdate<number, [number]>('invalidUpdate');
export const plainQuery = defineQuery<string[]>('plainQuery');
export const changedQuery = defineQuery<string>('changedQuery');
export const refusedQuery = defineQuery<string>('refusedQuery');

/** The modules are composed in their order, and the interceptors of a module in theirs. */
export async function interceptedOrder(): Promise<string[]> {
  await sleep(5);
  return calls;
}

export async function interceptedExecuteChanged(number: number, word: string): Promise<unknown> {
  return { number, word };
}

export async function interceptedExecuteRefused(): Promise<string> {
  return 'never reached';
}

export async function interceptedExecuteAnswered(): Promise<string> {
  return 'never reached';
}

/** Sums what arrives until `plainSignal`. */
export async function interceptedSignals(): Promise<unknown> {
  let sum = 0;
  let done = false;
  setHandler(changedSignal, (number) => void (sum += number));
  setHandler(droppedSignal, (number) => void (sum += number));
  setHandler(plainSignal, (number) => {
    sum += number;
    done = true;
  });
  await condition(() => done);
  return { sum, calls };
}

export async function interceptedSignalRefused(): Promise<void> {
  setHandler(refusedSignal, () => undefined);
  await condition(() => false);
}

export async function interceptedUpdates(): Promise<unknown> {
  let sum = 0;
  let done = false;
  const add = (number: number): number => (sum += number);
  const validator = (_number: number): void => void calls.push('validator');
  setHandler(changedUpdate, add, { validator });
  setHandler(refusedUpdate, add, { validator });
  setHandler(invalidUpdate, add, { validator });
  setHandler(plainUpdate, (number: number) => {
    done = true;
    return add(number);
  });
  await condition(() => done);
  return { sum, calls };
}

export async function interceptedQueries(): Promise<void> {
  setHandler(plainQuery, () => calls);
  setHandler(changedQuery, () => 'answer');
  setHandler(refusedQuery, () => 'answer');
  let done = false;
  setHandler(plainSignal, () => void (done = true));
  await condition(() => done);
}

export async function interceptedTimers(): Promise<unknown> {
  await sleep('1 hour', { summary: 'shortened' });
  await sleep('1 hour', { summary: 'skipped' });
  const refused = await rejectionOf(sleep(5, { summary: 'refused' }));
  await condition(() => false, 5);
  await new Promise<void>((resolve) => setTimeout(resolve, 5));
  return { refused, calls };
}

export async function interceptedActivities(activityQueue: string): Promise<unknown> {
  const startToCloseTimeout = '1 minute';
  const remote = proxyActivities<ProbeActivities>({ taskQueue: activityQueue, startToCloseTimeout });
  const local = proxyLocalActivities<ProbeActivities>({ startToCloseTimeout });
  const results: unknown[] = [];
  for (const { echo } of [remote, local]) {
    results.push(await echo('plain'), await echo('changed'), await rejectionOf(echo('refused')));
  }
  return { results, calls };
}

export async function interceptedNexus(endpoint: string): Promise<unknown> {
  const client = createNexusServiceClient({ endpoint, service: operations });
  const header = await client.executeOperation('header', 'x-conformance');
  const refused = await rejectionOf(client.executeOperation('echo', 'refused'));
  return { header, refused, calls };
}

/** Its record begins with the header that the parent's interceptor passed on. */
export async function interceptedChild(word: string): Promise<unknown> {
  if (word === 'wait') {
    let done = false;
    setHandler(plainSignal, () => void (done = true));
    await condition(() => done);
  }
  return { word, calls };
}

export async function interceptedChildren(): Promise<unknown> {
  const workflowId = `${workflowInfo().workflowId}-child`;
  const result = await executeChild(interceptedChild, { workflowId, args: ['plain'] });
  const refused = await rejectionOf(executeChild(interceptedChild, { workflowId, args: ['refused'] }));
  return { result, refused, calls };
}

/** A signal to the child by its handle, which ends it; the second one, to an absent workflow, fails. */
export async function interceptedSignalling(): Promise<unknown> {
  const { workflowId } = workflowInfo();
  const child = await startChild(interceptedChild, { workflowId: `${workflowId}-child`, args: ['wait'] });
  await child.signal(plainSignal, 1);
  const result = await child.result();
  const absent = getExternalWorkflowHandle(`${workflowId}-absent`);
  const failed = await rejectionOf(absent.signal(plainSignal, 2));
  const refused = await rejectionOf(absent.signal<[string]>('anything', 'refused'));
  return { result, failed, refused, calls };
}

/** The number is doubled on its way to the next run, and a memo and a header are added. */
export async function interceptedContinueAsNew(number: number): Promise<unknown> {
  if (number > 0) return { number, memo: workflowInfo().memo, calls };
  return continueAsNew<typeof interceptedContinueAsNew>(number + 1);
}

export async function interceptedLogAndMetrics(): Promise<string[]> {
  log.info('intercepted', { own: 'attribute' });
  metricMeter.createCounter('conformance_intercepted').add(1, { own: 'tag' });
  metricMeter.withTags({ meter: 'tag' }).createGauge('conformance_intercepted_gauge').set(1);
  return calls;
}

/** The jobs and commands of each activation, as the internals see them. */
export async function interceptedInternals(): Promise<unknown[]> {
  await sleep(5);
  await Promise.race([sleep(5), sleep('1 hour')]);
  return internals;
}

/** The interceptor puts another result in its completion. */
export async function interceptedCommands(): Promise<string> {
  await sleep(5);
  return 'its own result';
}
