/** Proxies of the activities, as the test workflows call them. */
import { type ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { ProbeActivities } from '../activities';

/** Activities that retry fast; a heartbeat timeout of 2 s keeps the worker's heartbeat throttle near 1.6 s. */
export const probes = proxyActivities<ProbeActivities>({
  startToCloseTimeout: '60s',
  heartbeatTimeout: '2s',
  retry: { initialInterval: '50ms', backoffCoefficient: 1, maximumAttempts: 10 },
});

export const localProbes = proxyLocalActivities<ProbeActivities>({
  startToCloseTimeout: '60s',
  retry: { initialInterval: '50ms', backoffCoefficient: 1, maximumAttempts: 10 },
});

/** Activities whose cancellation follows `cancellationType`. */
export function cancellableProbes(cancellationType: ActivityCancellationType): typeof probes {
  return proxyActivities<ProbeActivities>({
    startToCloseTimeout: '60s',
    heartbeatTimeout: '2s',
    retry: { maximumAttempts: 1 },
    cancellationType,
  });
}
