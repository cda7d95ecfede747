import {
  type ActivityCancellationType,
  CancellationScope,
  proxyActivities,
  proxyLocalActivities,
  sleep,
  uuid4,
} from '@temporalio/workflow';
import type { ProbeActivities } from '../activities';
import { type ErrorSummary, rejectionOf } from './describe-error';
import { cancellableProbes, localProbes, probes } from './probes';

/** Values of every JSON kind, to be echoed unchanged. */
export const samples: unknown[] = [null, true, -1.5, 2 ** 53, 'ünï©ode 🦫', [], {}, { nested: [{ deep: ['x'] }] }];

export async function activityCompletes(): Promise<unknown[]> {
  return Promise.all(samples.map((sample) => probes.echo(sample)));
}

/** An activity that fails twice and then succeeds. */
export async function activityRetries(key: string): Promise<{ attempts: number }> {
  return probes.failTimes({ key, times: 2 });
}

export async function activityFails(input: {
  key: string;
  type: string;
  nonRetryable: boolean;
  maximumAttempts: number;
}): Promise<{ error?: ErrorSummary; attemptsMade: number }> {
  const { failTimes } = proxyActivities<ProbeActivities>({
    startToCloseTimeout: '60s',
    retry: { initialInterval: '20ms', backoffCoefficient: 1, maximumAttempts: input.maximumAttempts },
  });
  const { key, type, nonRetryable } = input;
  const error = await rejectionOf(failTimes({ key, times: 1000, type, nonRetryable }));
  const attemptsMade = Number(error?.cause?.details?.[0] ?? 0);
  return error ? { error, attemptsMade } : { attemptsMade };
}

export async function activityUnknown(): Promise<ErrorSummary | undefined> {
  const { noSuchActivity } = proxyActivities<{ noSuchActivity(): Promise<void> }>({
    startToCloseTimeout: '60s',
    retry: { maximumAttempts: 1 },
  });
  return rejectionOf(noSuchActivity());
}

/** Cancels a running activity; the three cancellation types report differently. */
export async function activityCancelled(type: ActivityCancellationType): Promise<ErrorSummary | undefined> {
  const scope = new CancellationScope();
  const outcome = scope.run(() => rejectionOf(cancellableProbes(type).wait({ ms: 20_000, heartbeatMs: 50 })));
  // One workflow task in between, so that the activity is scheduled before it is cancelled.
  await sleep(200);
  scope.cancel();
  return outcome;
}

/** An activity scheduled and cancelled within one workflow task never leaves the worker. */
export async function activityCancelledAtOnce(): Promise<ErrorSummary | undefined> {
  const scope = new CancellationScope();
  const outcome = scope.run(() => rejectionOf(probes.wait({ ms: 20_000 })));
  scope.cancel();
  await sleep(1);
  return outcome;
}

export async function activityHeartbeats(ms: number): Promise<{ waitedMs: number }> {
  return probes.wait({ ms, heartbeatMs: 50 });
}

/** An activity that stops within its `startToCloseTimeout` of 300 ms or times out. */
export async function activityTimesOut(): Promise<ErrorSummary | undefined> {
  const { wait } = proxyActivities<ProbeActivities>({ startToCloseTimeout: '300ms', retry: { maximumAttempts: 1 } });
  return rejectionOf(wait({ ms: 30_000, heartbeatMs: 100 }));
}

export async function localActivityCompletes(): Promise<unknown[]> {
  return Promise.all(samples.map((sample) => localProbes.echo(sample)));
}

/** The retry is beyond `localRetryThreshold`, so the worker waits with a timer of the workflow. */
export async function localActivityBacksOff(key: string): Promise<{ attempts: number }> {
  const { failTimes } = proxyLocalActivities<ProbeActivities>({
    startToCloseTimeout: '60s',
    localRetryThreshold: '10ms',
    retry: { initialInterval: '300ms', backoffCoefficient: 1 },
  });
  return failTimes({ key, times: 2 });
}

export async function localActivityFails(key: string): Promise<ErrorSummary | undefined> {
  return rejectionOf(localProbes.failTimes({ key, times: 1000, type: 'Fatal', nonRetryable: true }));
}

export async function localActivityCancelled(): Promise<ErrorSummary | undefined> {
  const scope = new CancellationScope();
  const outcome = scope.run(() => rejectionOf(localProbes.wait({ ms: 20_000, heartbeatMs: 20 })));
  await sleep(100);
  scope.cancel();
  return outcome;
}

/** Three activities per workflow task, which the worker may run without a poll. */
export async function activitiesInTurn(rounds: number): Promise<number> {
  let echoed = 0;
  for (let round = 0; round < rounds; round += 1) {
    const tokens = [uuid4(), uuid4(), uuid4()];
    const back = await Promise.all(tokens.map((token) => probes.echo(token)));
    echoed += back.filter((token, i) => token === tokens[i]).length;
  }
  return echoed;
}
