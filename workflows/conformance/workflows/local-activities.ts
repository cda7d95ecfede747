/** Local activities. They are the probe activities, which every worker under test has. */
import {
  type ActivityCancellationType,
  CancellationScope,
  type LocalActivityInterfaceFor,
  type LocalActivityOptions,
  proxyActivities,
  proxyLocalActivities,
  sleep,
} from '@temporalio/workflow';
import { scheduleLocalActivity } from '@temporalio/workflow/lib/workflow';
import type { ProbeActivities } from '../../src/workflows/activities';
import type { Outcome } from '../case';
import { outcomeOf } from '../outcome';
import { NEVER, cancellationOf, outcomeOfCall } from './support';

const AT_ONCE = { initialInterval: 1, backoffCoefficient: 1 };
const ONE_ATTEMPT = { maximumAttempts: 1 };

function locals(options: LocalActivityOptions = {}): LocalActivityInterfaceFor<ProbeActivities> {
  return proxyLocalActivities<ProbeActivities>({ startToCloseTimeout: '1 minute', ...options });
}

export async function localActivityEchoes(): Promise<unknown[]> {
  const samples = [null, true, -1.5, 2 ** 53, 'ünï©ode 🦫', [], {}, { nested: [{ deep: ['x'] }] }];
  const echoed: unknown[] = [];
  for (const sample of samples) echoed.push(await locals().echo(sample));
  return echoed;
}

export async function localActivityRetries(key: string): Promise<{ attempts: number }> {
  return locals({ retry: AT_ONCE }).failTimes({ key, times: 2 });
}

/** Retries beyond the threshold are timers of the workflow, two of them here. */
export async function localActivityBacksOff(key: string): Promise<{ attempts: number }> {
  const retry = { initialInterval: '300ms', backoffCoefficient: 1 } as const;
  return locals({ localRetryThreshold: '10ms', retry }).failTimes({ key, times: 2 });
}

/** The first retry is below the threshold and the second one above it. */
export async function localActivityBacksOffLater(key: string): Promise<{ attempts: number }> {
  const retry = { initialInterval: '20ms', backoffCoefficient: 20 } as const;
  return locals({ localRetryThreshold: '100ms', retry }).failTimes({ key, times: 2 });
}

export async function localActivityBackOffCancelled(key: string): Promise<Outcome> {
  const scope = new CancellationScope();
  const { failTimes } = locals({ localRetryThreshold: '1s', retry: { initialInterval: NEVER, backoffCoefficient: 1 } });
  const outcome = cancellationOf(scope.run(() => failTimes({ key, times: 2 })));
  await sleep('1s');
  scope.cancel();
  return outcome;
}

export async function localActivityRunsOutOfAttempts(key: string): Promise<Outcome> {
  return outcomeOf(
    locals({ retry: { ...AT_ONCE, maximumAttempts: 2 } }).failTimes({ key, times: 5, type: 'Stubborn' })
  );
}

export async function localActivityFailsForGood(key: string): Promise<Outcome[]> {
  const { failTimes } = locals({ retry: { ...AT_ONCE, nonRetryableErrorTypes: ['Fatal'] } });
  return [
    await outcomeOf(failTimes({ key: `${key}-flag`, times: 5, type: 'Any', nonRetryable: true })),
    await outcomeOf(failTimes({ key: `${key}-type`, times: 5, type: 'Fatal' })),
  ];
}

/** The failure of the activity is the failure of the workflow. */
export async function localActivityFailsWorkflow(key: string): Promise<unknown> {
  return locals({ retry: ONE_ATTEMPT }).failTimes({ key, times: 5, type: 'Fatal' });
}

export async function localActivityTimesOut(): Promise<Outcome> {
  return outcomeOf(locals({ startToCloseTimeout: '300ms', retry: ONE_ATTEMPT }).wait({ ms: 60_000 }));
}

export async function localActivityTimesOutInAll(): Promise<Outcome> {
  const options = { scheduleToCloseTimeout: '300ms', scheduleToStartTimeout: '1 minute' } as const;
  return outcomeOf(proxyLocalActivities<ProbeActivities>(options).wait({ ms: 60_000 }));
}

/** Goes on when another local activity has had its retry, within the same workflow task. */
function aWhile(key: string): Promise<unknown> {
  const retry = { initialInterval: '400ms', backoffCoefficient: 1 } as const;
  return locals({ retry }).failTimes({ key: `${key}-while`, times: 1 });
}

/** Cancels a running local activity within its workflow task. */
export async function localActivityCancelled(type: ActivityCancellationType, key: string): Promise<Outcome> {
  const scope = new CancellationScope();
  const { wait } = locals({ cancellationType: type, retry: ONE_ATTEMPT });
  const outcome = cancellationOf(scope.run(() => wait({ ms: 60_000, heartbeatMs: 50 })));
  await aWhile(key);
  scope.cancel();
  return outcome;
}

/** Cancels a local activity that waits within the worker for its retry. */
export async function localActivityRetryCancelled(type: ActivityCancellationType, key: string): Promise<Outcome> {
  const scope = new CancellationScope();
  const retry = { initialInterval: '30s', backoffCoefficient: 1 } as const;
  const { failTimes } = locals({ cancellationType: type, localRetryThreshold: '1 minute', retry });
  const outcome = cancellationOf(scope.run(() => failTimes({ key, times: 1 })));
  await aWhile(key);
  scope.cancel();
  return outcome;
}

/** A local activity scheduled and cancelled within one activation never runs. */
export async function localActivityCancelledAtOnce(): Promise<Outcome> {
  const scope = new CancellationScope();
  const outcome = cancellationOf(scope.run(() => locals().wait({ ms: 60_000 })));
  scope.cancel();
  const ended = await outcome;
  await sleep(1);
  return ended;
}

export async function localActivityInCancelledScope(): Promise<Outcome> {
  const scope = new CancellationScope();
  scope.cancel();
  const outcome = await cancellationOf(scope.run(() => locals().echo('never')));
  await sleep(1);
  return outcome;
}

/** The retry within the worker outlives the workflow task, which is continued by heartbeats. */
export async function localActivityOutlivesTask(key: string): Promise<{ attempts: number }> {
  const retry = { initialInterval: '2500ms', backoffCoefficient: 1 } as const;
  return locals({ localRetryThreshold: '1 minute', retry }).failTimes({ key, times: 1 });
}

/** The timer fires while the local activity waits for its retry. */
export async function localActivityWithTimer(key: string): Promise<string[]> {
  const order: string[] = [];
  const retry = { initialInterval: '2500ms', backoffCoefficient: 1 } as const;
  const { failTimes } = locals({ localRetryThreshold: '1 minute', retry });
  const activity = failTimes({ key, times: 1 }).then(({ attempts }) => order.push(`activity, attempt ${attempts}`));
  await Promise.all([activity, sleep(100).then(() => order.push('timer'))]);
  return order;
}

/** They end in the order of their delays, not of their starts. */
export async function localActivitiesTogether(key: string): Promise<number[]> {
  const order: number[] = [];
  const delays = [1_500, 1, 700];
  const calls = delays.map((delay) =>
    locals({ localRetryThreshold: '1 minute', retry: { initialInterval: delay, backoffCoefficient: 1 } })
      .failTimes({ key: `${key}-${delay}`, times: 1 })
      .then(() => order.push(delay))
  );
  await Promise.all(calls);
  return order;
}

/** One kind of command after the other. */
export async function localActivityAmongOthers(): Promise<string[]> {
  const { echo } = locals();
  const remote = proxyActivities<ProbeActivities>({ startToCloseTimeout: '1 minute' });
  const said = [await echo('local'), await remote.echo('remote')];
  await sleep(1);
  said.push(await echo('local again'));
  return said;
}

export async function localActivityUnknown(): Promise<Outcome> {
  const { noSuchActivity } = proxyLocalActivities<{ noSuchActivity(): Promise<void> }>({
    startToCloseTimeout: '1 minute',
  });
  return outcomeOf(noSuchActivity());
}

export async function localActivityWithSummary(): Promise<string> {
  return locals({ summary: 'an echo nearby' }).echo('summed up');
}

export async function localActivityOverridden(key: string): Promise<Outcome[]> {
  const { failTimes, echo } = locals({ retry: AT_ONCE });
  const failed = await outcomeOf(failTimes.executeWithOptions({ retry: ONE_ATTEMPT }, [{ key, times: 1 }]));
  return [failed, await outcomeOf(echo.executeWithOptions({ summary: 'of this call' }, ['overridden']))];
}

export async function localActivityByName(): Promise<unknown> {
  return scheduleLocalActivity('echo', [{ by: 'name' }], { startToCloseTimeout: '1 minute' });
}

export async function localActivityRefused(): Promise<Outcome[]> {
  const noTimeout = outcomeOfCall(() => proxyLocalActivities({}));
  const retry = outcomeOfCall(() => locals({ retry: { maximumAttempts: -1 } }).echo('refused'));
  return Promise.all([noTimeout, retry]);
}
