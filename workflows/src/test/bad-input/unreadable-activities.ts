/** Activities for the Node worker's flag `--services`: what they answer cannot be decoded. */
import { ApplicationFailure } from '@temporalio/common';
import type { UnreadableActivities } from '../../workflows/testing/bad-payloads';
import { UNREADABLE } from './payloads';

const [unreadable] = UNREADABLE['an unknown encoding'];

export const activities: UnreadableActivities = {
  async returnsUnreadable() {
    return unreadable;
  },
  async failsUnreadably() {
    throw ApplicationFailure.nonRetryable('details that nobody can read', 'Unreadable', unreadable);
  },
};
