/** Activities: their arguments, results, options and timeouts. Those of the Node worker behind `queue` do the work. */
import { type ActivityOptions, proxyActivities, sleep } from '@temporalio/workflow';
import { scheduleActivity } from '@temporalio/workflow/lib/workflow';
import type { Outcome } from '../case';
import { outcomeOf } from '../outcome';
import type { ProbeActivities } from '../../src/workflows/activities';
import { outcomeOfCall } from './support';
import { type CaseActivities, activitiesOf } from './support-activities';

const ONE_ATTEMPT = { maximumAttempts: 1 };
const AT_ONCE = { initialInterval: 1, backoffCoefficient: 1 };

export async function activityTakesArguments(queue: string): Promise<unknown[]> {
  const { collects } = activitiesOf(queue);
  return [
    await collects(),
    await collects('one'),
    await collects(1, 'two', [3], { four: 4 }),
    await collects(undefined),
    await collects(null, undefined, false, ''),
    await collects({ nested: { deep: [1, { x: null }] }, text: 'ünï©ode 🦫' }, 2 ** 53, -1.5e-7),
  ];
}

export async function activityReturnsNothing(queue: string): Promise<string> {
  return String(await activitiesOf(queue).returnsNothing());
}

export async function activityTakesBytes(queue: string): Promise<number[]> {
  return [...(await activitiesOf(queue).reverses(new Uint8Array([0, 1, 128, 255])))];
}

export async function activityTakesMuch(queue: string): Promise<number> {
  const { args } = await activitiesOf(queue).collects('x'.repeat(300_000));
  return String(args[0]).length;
}

export async function activityWithOptions(queue: string): Promise<unknown> {
  const { tellsOptions } = activitiesOf(queue, {
    activityId: 'my-own-id',
    heartbeatTimeout: '30s',
    scheduleToCloseTimeout: '3m',
    scheduleToStartTimeout: 90_000,
    startToCloseTimeout: '2 minutes',
    retry: {
      initialInterval: '2s',
      backoffCoefficient: 1.5,
      maximumInterval: '10s',
      maximumAttempts: 7,
      nonRetryableErrorTypes: ['Fatal', 'Worse'],
    },
    summary: 'an activity with every option',
    priority: { priorityKey: 2, fairnessKey: 'tenant', fairnessWeight: 1.5 },
    allowEagerDispatch: false,
    cancellationType: 'ABANDON',
  });
  return tellsOptions();
}

export async function activityWithDefaults(queue: string): Promise<unknown> {
  return activitiesOf(queue).tellsOptions();
}

/** The options of the call are merged into those of the proxy, nested ones too. */
export async function activityOptionsOverridden(queue: string): Promise<unknown[]> {
  const { tellsOptions } = activitiesOf(queue, {
    retry: { maximumAttempts: 3, initialInterval: '5s' },
    summary: 'proxy',
  });
  return [
    await tellsOptions.executeWithOptions({ summary: 'call', retry: { maximumAttempts: 9 } }, []),
    await tellsOptions.executeWithOptions({ startToCloseTimeout: '7s', heartbeatTimeout: '5s' }, []),
    await tellsOptions(),
  ];
}

/** What the proxies are made of. */
export async function activityScheduledByName(queue: string): Promise<unknown> {
  const options = { taskQueue: queue, startToCloseTimeout: '1 minute', summary: 'by name' } as const;
  return scheduleActivity('collects', ['by', 'name'], options);
}

/** Activities of the worker's own queue may be handed to it with the completion of the workflow task. */
export async function activityEager(allowEagerDispatch: boolean): Promise<string[]> {
  const { echo } = proxyActivities<ProbeActivities>({ startToCloseTimeout: '1 minute', allowEagerDispatch });
  return [await echo('first'), await echo('second')];
}

export async function activityOptionsRefused(): Promise<Outcome[]> {
  const call = (options: ActivityOptions): Promise<Outcome> =>
    outcomeOfCall(() => activitiesOf('unused', options).returnsNothing());
  const noTimeout = outcomeOfCall(() => proxyActivities({} as ActivityOptions));
  const noOptions = outcomeOfCall(() => proxyActivities(undefined as unknown as ActivityOptions));
  const symbol = outcomeOfCall(() => (activitiesOf('unused') as unknown as Record<symbol, unknown>)[Symbol.iterator]);
  const policies = [
    { backoffCoefficient: 0 },
    { maximumAttempts: 0 },
    { maximumAttempts: 1.5 },
    { initialInterval: 0 },
  ];
  const retries = policies.map((retry) => call({ retry }));
  const intervals = call({ retry: { initialInterval: '2s', maximumInterval: '1s' } });
  const text = call({ heartbeatTimeout: 'often' as never });
  const outcomes = await Promise.all([noTimeout, noOptions, symbol, ...retries, intervals, text]);
  await sleep(1);
  return outcomes;
}

export async function activityUnknown(queue: string): Promise<Outcome> {
  const { noSuchActivity } = proxyActivities<{ noSuchActivity(): Promise<void> }>({
    taskQueue: queue,
    startToCloseTimeout: '1 minute',
    retry: ONE_ATTEMPT,
  });
  return outcomeOf(noSuchActivity());
}

export async function activityRetries(queue: string): Promise<number> {
  return activitiesOf(queue, { retry: AT_ONCE }).failsUntil(3, { message: 'not yet', details: ['kept'] });
}

export async function activityRunsOutOfAttempts(queue: string): Promise<Outcome> {
  const retry = { ...AT_ONCE, maximumAttempts: 3 };
  return outcomeOf(
    activitiesOf(queue, { retry }).fails({ message: 'never', type: 'Flaky', details: [{ why: 'a test' }] })
  );
}

export async function activityFailsForGood(queue: string): Promise<Outcome[]> {
  const retry = { ...AT_ONCE, nonRetryableErrorTypes: ['Fatal'] };
  const { fails } = activitiesOf(queue, { retry });
  return [
    await outcomeOf(fails({ message: 'by its flag', type: 'Any', nonRetryable: true })),
    await outcomeOf(fails({ message: 'by its type', type: 'Fatal' })),
  ];
}

export async function activityFailsInChain(queue: string): Promise<Outcome> {
  const innermost = { message: 'the innermost', type: 'Inner', details: [null, 'two', { three: 3 }] };
  const middle = { message: 'the middle', cause: innermost };
  const recipe = { message: 'the outermost', type: 'Outer', details: ['d'], nonRetryable: true, cause: middle };
  return outcomeOf(activitiesOf(queue).fails(recipe));
}

export async function activityFailsBenignly(queue: string): Promise<Outcome> {
  return outcomeOf(
    activitiesOf(queue, { retry: ONE_ATTEMPT }).fails({ message: 'no harm', type: 'Mild', benign: true })
  );
}

/** The failure's own delay overrides the policy's hour. */
export async function activityNamesItsDelay(queue: string): Promise<number> {
  const { failsUntil } = activitiesOf(queue, { retry: { initialInterval: '1 hour' } });
  return failsUntil(2, { message: 'soon again', nextRetryDelay: '10ms' });
}

export async function activityThrowsAnything(queue: string): Promise<Outcome[]> {
  const { throws } = activitiesOf(queue, { retry: ONE_ATTEMPT });
  const outcomes: Outcome[] = [];
  for (const kind of ['error', 'caused', 'subclass', 'text', 'object', 'nothing'])
    outcomes.push(await outcomeOf(throws(kind)));
  return outcomes;
}

export async function activityTimesOutRunning(queue: string): Promise<Outcome> {
  const { fallsSilent } = activitiesOf(queue, { startToCloseTimeout: '300ms', retry: ONE_ATTEMPT });
  return outcomeOf(fallsSilent('running'));
}

export async function activityTimesOutInAll(queue: string): Promise<Outcome> {
  const options = { taskQueue: queue, scheduleToCloseTimeout: '300ms' } as const;
  return outcomeOf(proxyActivities<CaseActivities>(options).fallsSilent('in all'));
}

/** Nobody polls the queue. */
export async function activityTimesOutWaiting(queue: string): Promise<Outcome> {
  return outcomeOf(activitiesOf(`${queue}-of-nobody`, { scheduleToStartTimeout: '300ms' }).returnsNothing());
}

export async function activityLosesItsHeartbeat(queue: string): Promise<Outcome> {
  const { fallsSilent } = activitiesOf(queue, { heartbeatTimeout: '500ms', retry: ONE_ATTEMPT });
  return outcomeOf(fallsSilent({ page: 7, done: ['a', 'b'] }));
}

export async function activityResumes(queue: string): Promise<unknown> {
  return activitiesOf(queue, { heartbeatTimeout: '1 minute', retry: AT_ONCE }).resumes({ page: 7 });
}

export async function activityCompletedElsewhere(queue: string): Promise<Outcome> {
  return outcomeOf(activitiesOf(queue, { activityId: 'elsewhere', retry: ONE_ATTEMPT }).isCompletedElsewhere());
}
