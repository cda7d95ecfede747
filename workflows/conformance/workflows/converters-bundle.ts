/** The workflows of the bundle with converters of its own. */
import {
  ApplicationFailure,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  executeChild,
  proxyActivities,
  setHandler,
  setWorkflowOptions,
  sleep,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { RawValue } from '@temporalio/common';
import type { ProbeActivities } from '../../src/workflows/activities';
import { describeError, rejectionOf } from '../../src/workflows/testing/describe-error';
import { type ContextProbe, Point, PointError, Unconvertible } from './points';

export const movePoint = defineSignal<[Point]>('movePoint');
export const whereIsPoint = defineQuery<Point>('whereIsPoint');
export const addPoint = defineUpdate<Point, [Point]>('addPoint');
export const probeContext = defineUpdate<ContextProbe, [ContextProbe]>('probeContext');
export const finishConverting = defineSignal('finishConverting');

/** Arguments and results are instances. */
export async function convertsPoints(left: Point, right: Point): Promise<Point> {
  return left.plus(right);
}

/** In signals, queries and updates. */
export async function convertsMessages(start: Point): Promise<Point> {
  let point = start;
  let finished = false;
  setHandler(movePoint, (by) => void (point = point.plus(by)));
  setHandler(whereIsPoint, () => point);
  setHandler(addPoint, (by: Point) => (point = point.plus(by)), {
    validator: (by: Point) => {
      if (!(by instanceof Point)) throw new Error('not a point');
    },
  });
  setHandler(finishConverting, () => void (finished = true));
  await condition(() => finished);
  return point;
}

export async function convertsTagged(
  map: Map<string, number>,
  set: Set<string>,
  date: Date,
  big: bigint
): Promise<unknown> {
  const kinds = [map instanceof Map, set instanceof Set, date instanceof Date, typeof big];
  return {
    kinds,
    sum: [...map.values()].reduce((a, b) => a + b, 0),
    set: [...set],
    ms: date.getTime(),
    big: String(big * 2n),
  };
}

/** A result of each kind, by a child of its own. */
export async function convertsOne(kind: string): Promise<unknown> {
  const results: Record<string, unknown> = {
    map: new Map([['a', new Set([1])]]),
    set: new Set(['x']),
    date: new Date(5),
    bigint: 2n ** 70n,
    undefined: undefined,
    null: null,
    bytes: new Uint8Array([0, 255, 7]),
    raw: new RawValue(['raw']),
    point: new Point(-0, Infinity),
  };
  return results[kind];
}

export async function convertsChildren(): Promise<unknown> {
  const { workflowId } = workflowInfo();
  const kinds = ['map', 'set', 'date', 'bigint', 'undefined', 'null', 'bytes', 'raw', 'point'];
  const seen: Record<string, string> = {};
  for (const kind of kinds) {
    const value = await executeChild(convertsOne, { workflowId: `${workflowId}-${kind}`, args: [kind] });
    const name = value === null || value === undefined ? String(value) : value.constructor.name;
    seen[kind] = `${name} ${value instanceof Point ? `${value.x} ${value.y}` : String(value)}`;
  }
  return seen;
}

/** What the default worker behind the queue cannot read goes there and back as it is. */
export async function convertsForActivities(activityQueue: string): Promise<unknown> {
  const { echo } = proxyActivities<ProbeActivities>({ taskQueue: activityQueue, startToCloseTimeout: '1 minute' });
  return [await echo({ plain: true }), await echo(null), (await echo(undefined)) === undefined];
}

export async function convertsMemo(): Promise<unknown> {
  upsertMemo({ point: new Point(1, 2), map: new Map([['k', 1]]) });
  await sleep(5);
  const { point, map } = workflowInfo().memo as { point: Point; map: Map<string, number> };
  return { point: point instanceof Point && point.x + point.y, map: map instanceof Map && map.get('k') };
}

export async function convertsNextRun(point: Point): Promise<Point> {
  if (point.x > 10) return point;
  return continueAsNew<typeof convertsNextRun>(point.plus(new Point(10, 0)));
}

/** A point of an error survives the failure of a child. */
export async function convertsFailures(): Promise<unknown> {
  const workflowId = `${workflowInfo().workflowId}-child`;
  try {
    return await executeChild(failsWithPoint, { workflowId });
  } catch (err) {
    const { cause } = err as Error;
    return { failure: describeError(err), point: cause instanceof PointError && [cause.point.x, cause.point.y] };
  }
}

export async function failsWithPoint(): Promise<void> {
  throw new PointError('off the map', new Point(3, 4));
}

/** The message and the stack are payloads; the cause's too. */
export async function failsWithCause(): Promise<void> {
  const cause = ApplicationFailure.create({ message: 'the secret cause', type: 'Inner', details: [new Point(5, 6)] });
  throw ApplicationFailure.create({
    message: 'a secret',
    type: 'Outer',
    nonRetryable: true,
    details: ['d', 1n],
    cause,
  });
}

/** The failure converter gives it another type; that it fails the workflow is this workflow's option. */
export async function failsOutOfRange(): Promise<void> {
  new Array(-1);
}
setWorkflowOptions({ failureExceptionTypes: [RangeError] }, failsOutOfRange);

/** A result that the converter refuses fails the workflow task, again and again. */
export async function returnsUnconvertible(): Promise<Unconvertible> {
  return new Unconvertible();
}

/** An argument that the converter refuses is an error at the call. */
export async function passesUnconvertible(activityQueue: string): Promise<unknown> {
  const { echo } = proxyActivities<ProbeActivities>({ taskQueue: activityQueue, startToCloseTimeout: '1 minute' });
  const refused = await rejectionOf((async () => echo(new Unconvertible()))());
  const noJson = await rejectionOf((async () => echo({ big: 1n }))());
  return { refused, noJson, then: await echo('goes on') };
}

/** Says in what contexts the value was converted on its way. */
export async function convertsInContext(probe: ContextProbe): Promise<ContextProbe> {
  let finished = false;
  setHandler(probeContext, (seen: ContextProbe) => seen);
  setHandler(finishConverting, () => void (finished = true));
  await condition(() => finished);
  const workflowId = `${workflowInfo().workflowId}-child`;
  return executeChild(passesContext, { workflowId, args: [probe] });
}

export async function passesContext(probe: ContextProbe): Promise<ContextProbe> {
  return probe;
}
