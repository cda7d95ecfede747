import { RawValue } from '@temporalio/common';
import type { Workflow, WorkflowHandle } from '@temporalio/client';
import type { CaseEnvironment, ConformanceCase } from '../case';
import { outcomeOf } from '../outcome';
import * as custom from '../workflows/converters-bundle';
import * as payloads from '../workflows/payloads';
import { ContextProbe, Point } from '../workflows/points';
import { aloneFor } from './support';

const FEATURE = 'Converters';
const plain = aloneFor(FEATURE);

/** A payload whose encoding nobody knows. */
const unreadable = (): RawValue =>
  RawValue.fromPayload({ metadata: { encoding: Buffer.from('binary/unheard-of') }, data: Buffer.from('?') });

/** A payload that says to be JSON, and is not. */
const brokenJson = (): RawValue =>
  RawValue.fromPayload({ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('[1,') });

/** A case of the bundle with custom converters. */
function converts(
  name: string,
  title: string,
  workflow: Workflow,
  args: (env: CaseEnvironment) => unknown[] = () => []
): ConformanceCase {
  const drive = (env: CaseEnvironment): Promise<unknown> => env.execute<Workflow>(workflow, args(env));
  return { name: `convert-${name}`, feature: FEATURE, title, workflow: workflow.name, bundle: 'converters', drive };
}

/** Lets the first task fail, then ends the workflow, which would try it for ever. */
async function failsTask(env: CaseEnvironment, handle: WorkflowHandle): Promise<string> {
  await env.untilEvent(handle.workflowId, 'WORKFLOW_TASK_FAILED');
  await handle.terminate('its task fails');
  return 'terminated';
}

async function drivesTaker(env: CaseEnvironment, send: (handle: WorkflowHandle) => Promise<unknown>): Promise<unknown> {
  const handle = await env.start(payloads.payloadTaker, []);
  await env.untilEvent(handle.workflowId, 'WORKFLOW_TASK_COMPLETED');
  const sent = await send(handle);
  await handle.signal(payloads.finishPayloads);
  return { sent, taken: await outcomeOf(handle.result()) };
}

const KINDS = [undefined, null, 'text', 1.5, true, [1, [2]], { a: { b: null } }, new Uint8Array([0, 128, 255])];

const defaultConverterCases: ConformanceCase[] = [
  plain('payload-kinds', 'Arguments of every kind', payloads.payloadKinds, ...KINDS),
  plain('payload-none', 'No arguments', payloads.payloadKinds),
  plain('payload-undefined', 'The result `undefined`', payloads.payloadUndefined),
  plain('payload-null', 'The result `null`', payloads.payloadNull),
  plain('payload-bytes', 'Bytes in and out', payloads.payloadBytes, new Uint8Array([1, 0, 255])),
  plain('payload-own-bytes', 'Bytes made by the workflow', payloads.payloadOwnBytes),
  plain('payload-json-rules', 'What JSON makes of other values', payloads.payloadJsonRules),
  plain('payload-text', 'Text of all planes, lone surrogates', payloads.payloadText),
  {
    name: 'payload-large',
    feature: FEATURE,
    title: 'A payload of half a megabyte',
    workflow: 'payloadLarge',
    drive: (env) => env.execute(payloads.payloadLarge, [env.activityQueue, 'é0123456789'.repeat(40_000)]),
  },
  plain('payload-raw', '`RawValue` as the result', payloads.payloadRaw),
  plain('payload-by-hand', '`defaultPayloadConverter` by hand', payloads.payloadByHand),
  {
    name: 'payload-impossible',
    feature: FEATURE,
    title: 'A result without a payload fails the task',
    workflow: 'payloadImpossible',
    drive: async (env) => failsTask(env, await env.start(payloads.payloadImpossible, [])),
  },
  {
    name: 'payload-unreadable-argument',
    feature: FEATURE,
    title: 'An argument of an unknown encoding',
    workflow: 'payloadKinds',
    drive: async (env) => failsTask(env, await env.start(payloads.payloadKinds, [unreadable()])),
  },
  {
    name: 'payload-broken-argument',
    feature: FEATURE,
    title: 'An argument of broken JSON',
    workflow: 'payloadKinds',
    drive: async (env) => failsTask(env, await env.start(payloads.payloadKinds, [brokenJson()])),
  },
  {
    name: 'payload-unreadable-update',
    feature: FEATURE,
    title: 'An update with an argument of an unknown encoding',
    workflow: 'payloadTaker',
    drive: (env) =>
      drivesTaker(env, (handle) =>
        outcomeOf(handle.executeUpdate(payloads.takePayloadUpdate, { args: [unreadable()], updateId: 'update-1' }))
      ),
  },
  {
    name: 'payload-unreadable-signal',
    feature: FEATURE,
    title: 'A signal with an argument of an unknown encoding',
    workflow: 'payloadTaker',
    async drive(env) {
      const handle = await env.start(payloads.payloadTaker, []);
      await env.untilEvent(handle.workflowId, 'WORKFLOW_TASK_COMPLETED');
      await handle.signal(payloads.takePayload, unreadable());
      return failsTask(env, handle);
    },
  },
  {
    ...plain('payload-type-info', 'Declared types (`typeInfo`)', payloads.payloadTypeInfoOfChild),
    since: '1.24',
  },
];

const customConverterCases: ConformanceCase[] = [
  converts('points', 'An encoding of its own: class instances as bytes', custom.convertsPoints, () => [
    new Point(1, 2),
    new Point(0.5, -0),
  ]),
  {
    ...converts('messages', 'In signals, queries, updates', custom.convertsMessages),
    async drive(env) {
      const handle = await env.start(custom.convertsMessages, [new Point(1, 1)]);
      await handle.signal(custom.movePoint, new Point(10, 0));
      const update = { args: [new Point(0, 10)] as [Point], updateId: 'update-1' };
      const seen = [await handle.executeUpdate(custom.addPoint, update), await handle.query(custom.whereIsPoint)];
      const refused = await outcomeOf(
        handle.executeUpdate<unknown, [string]>('addPoint', { args: ['no point'], updateId: 'update-2' })
      );
      await handle.signal(custom.finishConverting);
      return { instances: seen.map((each) => each instanceof Point), seen, refused, result: await handle.result() };
    },
  },
  converts('tagged', 'Maps, sets, dates, bigints', custom.convertsTagged, () => [
    new Map([['a', 1]]),
    new Set(['s']),
    new Date(1_000),
    2n ** 64n,
  ]),
  converts('children', 'Results of children', custom.convertsChildren),
  converts(
    'activities',
    'With activities of a worker that has other converters',
    custom.convertsForActivities,
    (env) => [env.activityQueue]
  ),
  converts('memo', 'In a memo', custom.convertsMemo),
  converts('continue-as-new', 'Over continue-as-new', custom.convertsNextRun, () => [new Point(1, 2)]),
  converts('failures', 'A failure converter that restores a class', custom.convertsFailures),
  converts('encoded-failure', 'Message, stack and causes as payloads', custom.failsWithCause),
  converts('changed-failure', 'A failure converter that changes an error', custom.failsOutOfRange),
  {
    ...converts('refused-result', 'A converter that throws on the result', custom.returnsUnconvertible),
    drive: async (env) => failsTask(env, await env.start(custom.returnsUnconvertible, [])),
  },
  converts('refused-argument', 'A converter that throws on an argument', custom.passesUnconvertible, (env) => [
    env.activityQueue,
  ]),
  {
    ...converts('context', 'Serialization contexts', custom.convertsInContext),
    since: '1.24',
    async drive(env) {
      const handle = await env.start(custom.convertsInContext, [new ContextProbe('client')]);
      await env.untilEvent(handle.workflowId, 'WORKFLOW_TASK_COMPLETED');
      const update = await handle.executeUpdate(custom.probeContext, {
        args: [new ContextProbe('update')],
        updateId: 'update-1',
      });
      await handle.signal(custom.finishConverting);
      return { update: update.seen, result: (await handle.result()).seen };
    },
  },
];

export const converterCases: ConformanceCase[] = [...defaultConverterCases, ...customConverterCases];
