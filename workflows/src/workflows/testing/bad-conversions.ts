/** Workflows of the bundle whose payload converter has defects. */
import { proxyActivities } from '@temporalio/workflow';
import type { ProbeActivities } from '../activities';
import type { Manner, Marked } from './bad-converter';
import { type ErrorSummary, describeError } from './describe-error';

const { echo } = proxyActivities<ProbeActivities>({ startToCloseTimeout: '1 minute', retry: { maximumAttempts: 1 } });

/** Says what its argument was converted to. */
export async function takesConverted(value?: unknown): Promise<string> {
  return typeof value;
}

export async function returnsUnconvertible(converts: Manner): Promise<Marked> {
  return { converts, direction: 'to' };
}

/** Passes the value to an activity; an error at the call is the result. */
export async function passesUnconvertible(converts: Manner): Promise<ErrorSummary | string> {
  const value: Marked = { converts, direction: 'to' };
  try {
    return typeof (await echo(value)); // the line that passes it
  } catch (error) {
    return describeError(error);
  }
}

/** Is given the value by an activity. */
export async function isGivenUnconvertible(converts: Manner): Promise<string> {
  return typeof (await echo({ converts, direction: 'from' }));
}
