import { RawValue } from '@temporalio/common';
import { ProtobufBinaryPayloadConverter } from '@temporalio/common/lib/protobufs';
import type { ConformanceCase } from '../case';
import * as protobuf from '../workflows/protobuf-bundle';
import { type Parcel, makeParcel, root } from '../workflows/protobuf-messages';
import { runsToEnd } from './support';

const FEATURE = 'Converters';
const bundle = 'protobuf';

const parcel = (): Parcel =>
  makeParcel({
    id: '9223372036854775807',
    colour: 'GREEN',
    bytes: new Uint8Array([0, 1, 254, 255]),
    items: [{ name: 'stone', weight: 0.1 }, {}],
    labels: { to: 'Zürich' },
    item: { name: 'inside', weight: 2 },
    fragile: true,
  });

/** The same as a payload of the binary encoding. */
const binaryParcel = (): Parcel =>
  RawValue.fromPayload(new ProtobufBinaryPayloadConverter(root).toPayload(parcel())!) as unknown as Parcel;

export const protobufCases: ConformanceCase[] = [
  runsToEnd(
    FEATURE,
    { name: 'protobuf-json', title: 'Proto-JSON arguments', workflow: protobuf.protobufJson, bundle },
    parcel()
  ),
  {
    name: 'protobuf-result',
    feature: FEATURE,
    title: 'A message as the result',
    workflow: 'protobufResult',
    bundle,
    async drive(env) {
      const handle = await env.start(protobuf.protobufResult, [parcel()]);
      const { id, labels, colour } = await handle.result();
      return { id: String(id), labels, colour };
    },
  },
  runsToEnd(
    FEATURE,
    { name: 'protobuf-binary', title: 'Binary protobuf, read and made', workflow: protobuf.protobufBinary, bundle },
    binaryParcel()
  ),
  {
    name: 'protobuf-binary-result',
    feature: FEATURE,
    title: 'A binary message as the result',
    workflow: 'protobufBinaryResult',
    bundle,
    async drive(env) {
      const handle = await env.start(protobuf.protobufBinaryResult, []);
      const { id, bytes } = (await handle.result()) as Parcel;
      return { id: String(id), bytes: [...bytes] };
    },
  },
  {
    name: 'protobuf-messages',
    feature: FEATURE,
    title: 'Messages in signals and updates',
    workflow: 'protobufMessages',
    bundle,
    async drive(env) {
      const handle = await env.start(protobuf.protobufMessages, []);
      await env.untilEvent(handle.workflowId, 'WORKFLOW_TASK_COMPLETED');
      const painted = await handle.executeUpdate(protobuf.paintParcel, { args: [parcel()], updateId: 'update-1' });
      await handle.signal(protobuf.sendParcel, painted);
      return { colour: painted.colour, result: await handle.result() };
    },
  },
  runsToEnd(FEATURE, {
    name: 'protobuf-refusals',
    title: 'What protobuf converters refuse',
    workflow: protobuf.protobufRefusals,
    bundle,
  }),
];
