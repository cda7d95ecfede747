/** Workflows that put a text wherever Temporal carries payloads. They have a bundle of their own. */
import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  executeChild,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { ProbeActivities } from '../activities';

/** What nobody but workflow, activities and client may see. */
export const PLAINTEXT = 'burdock-plaintext';

export const tell = defineSignal<[string]>('tell');
export const ask = defineUpdate<string, [string]>('ask');
export const look = defineQuery<string, [string]>('look');

const options = { startToCloseTimeout: '60s', retry: { initialInterval: '20ms', maximumAttempts: 2 } } as const;
const activities = proxyActivities<ProbeActivities>({ ...options, summary: `${PLAINTEXT} activity` });
const localActivities = proxyLocalActivities<ProbeActivities>(options);

export interface CodedResult {
  told: string;
  memo: unknown;
  echoed: unknown;
  echoedLocally: unknown;
  child: string;
  childFailure: { message: string; details: unknown };
  /** The detail of the activity's failure: the attempt. */
  activityDetail: unknown;
}

/** Says a text in every place, continuing as new `continuations` times before. */
export async function coded(text: string, continuations: number): Promise<CodedResult> {
  let told = '';
  setHandler(tell, (what) => void (told = what));
  setHandler(ask, (what) => `${what} and ${told}`);
  setHandler(look, (what) => `${what} saw ${told}`);
  const { memo } = workflowInfo();
  if (continuations > 0) {
    await continueAsNew<typeof coded>(text, continuations - 1);
  }
  upsertMemo({ changed: text });
  await condition(() => told !== '');
  await sleep(1, { summary: `${PLAINTEXT} timer` });
  const childFailure = await executeChild(codedFailure, { args: [text] }).catch((error: unknown) => error);
  const activityFailure = await activities
    .failTimes({ key: 'k', times: 9, type: 'T' })
    .catch((error: unknown) => error);
  return {
    told,
    memo,
    echoed: await activities.echo(text),
    echoedLocally: await localActivities.echo(text),
    child: await executeChild(codedChild, { args: [text], memo: { of: text }, staticSummary: text }),
    childFailure: describeChild(childFailure),
    activityDetail: activityFailure instanceof ActivityFailure ? detailOf(activityFailure.cause) : activityFailure,
  };
}

export async function codedChild(text: string): Promise<string> {
  return `${text} of a child`;
}

export async function codedFailure(text: string): Promise<void> {
  throw ApplicationFailure.nonRetryable(`${text} failed`, 'Coded', { text });
}

/** The failure of an activity whose payloads nobody can decode. */
export async function echoFails(text: string): Promise<{ type: unknown; message: string }> {
  const error: unknown = await activities.echo(text).catch((error: unknown) => error);
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof ApplicationFailure
    ? { type: cause.type, message: cause.message }
    : { type: undefined, message: String(error) };
}

export async function says(text: string): Promise<string> {
  return `${text}!`;
}

function detailOf(cause: unknown): unknown {
  return cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
}

function describeChild(error: unknown): { message: string; details: unknown } {
  const cause = error instanceof ChildWorkflowFailure ? error.cause : undefined;
  return { message: cause?.message ?? String(error), details: detailOf(cause) };
}
