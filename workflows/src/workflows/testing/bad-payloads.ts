/** Workflows that make or meet payloads which cannot be sent, or not be read. */
import { ApplicationFailure, proxyActivities } from '@temporalio/workflow';
import type { ProbeActivities } from '../activities';

/** Activities whose payloads nobody can read. */
export interface UnreadableActivities {
  returnsUnreadable(): Promise<unknown>;
  failsUnreadably(): Promise<void>;
}

const options = { startToCloseTimeout: '1 minute', retry: { maximumAttempts: 1 } } as const;

/** Waits for an activity whose result, or the details of whose failure, cannot be decoded. */
export async function meetsUnreadable(taskQueue: string, kind: keyof UnreadableActivities): Promise<unknown> {
  return proxyActivities<UnreadableActivities>({ ...options, taskQueue })[kind]();
}

const large = (bytes: number): string => 'x'.repeat(bytes);

/** Places of a payload that is larger than the server takes. */
const oversized = {
  result: async (bytes: number) => large(bytes),
  failure: async (bytes: number) => {
    throw ApplicationFailure.nonRetryable('failed with much to say', 'Large', large(bytes));
  },
  argument: async (bytes: number) => proxyActivities<ProbeActivities>(options).echo(large(bytes)),
};
export type Oversized = keyof typeof oversized;
export const oversizedPlaces = Object.keys(oversized) as Oversized[];

export async function sendsOversized(place: Oversized, bytes: number): Promise<unknown> {
  return oversized[place](bytes);
}
