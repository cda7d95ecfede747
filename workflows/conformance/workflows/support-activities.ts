import { type ActivityInterfaceFor, type ActivityOptions, proxyActivities } from '@temporalio/workflow';
import type * as activities from '../activities';

export type CaseActivities = typeof activities;

/** The activities of the Node worker that polls `taskQueue`. */
export function activitiesOf(taskQueue: string, options: ActivityOptions = {}): ActivityInterfaceFor<CaseActivities> {
  return proxyActivities<CaseActivities>({ taskQueue, startToCloseTimeout: '1 minute', ...options });
}
