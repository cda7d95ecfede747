/** The workflows of the bundle with protobuf payloads. */
import { type PayloadConverter, RawValue } from '@temporalio/common';
import { condition, defineSignal, defineUpdate, executeChild, setHandler, workflowInfo } from '@temporalio/workflow';
import { ProtobufBinaryPayloadConverter, ProtobufJsonPayloadConverter } from '@temporalio/common/lib/protobufs';
import { type Parcel, PARCEL, makeParcel, root } from './protobuf-messages';

export const sendParcel = defineSignal<[Parcel]>('sendParcel');
export const paintParcel = defineUpdate<Parcel, [Parcel]>('paintParcel');

const describe = (parcel: Parcel): unknown => ({
  id: String(parcel.id),
  colour: parcel.colour,
  bytes: [...parcel.bytes],
  items: parcel.items.map(({ name, weight }) => `${name} ${weight}`),
  labels: { ...parcel.labels },
  contents: parcel.contents ?? null,
  fragile: parcel.fragile,
  message: parcel instanceof PARCEL.ctor,
});

/** Proto-JSON in and out, with bytes, 64 bits, maps and a oneof. */
export async function protobufJson(parcel: Parcel): Promise<unknown> {
  return describe(parcel);
}

export async function protobufResult(parcel: Parcel): Promise<Parcel> {
  return makeParcel({ ...parcel, id: '9007199254740993', labels: { changed: 'yes' } });
}

/** Binary payloads: only a converter that prefers them makes them; the default one reads them. */
export async function protobufBinary(parcel: Parcel): Promise<unknown> {
  const binary: PayloadConverter = new ProtobufBinaryPayloadConverter(root) as unknown as PayloadConverter;
  const made = binary.toPayload(parcel);
  const workflowId = `${workflowInfo().workflowId}-child`;
  const child = await executeChild<typeof protobufJson>('protobufJson', {
    workflowId,
    args: [RawValue.fromPayload(made) as unknown as Parcel],
  });
  return { read: describe(parcel), byteLength: made.data?.length, child };
}

/** A result of the binary encoding. */
export async function protobufBinaryResult(): Promise<unknown> {
  const payload = new ProtobufBinaryPayloadConverter(root).toPayload(
    makeParcel({ id: 5, bytes: new Uint8Array([1, 2]) })
  );
  return RawValue.fromPayload(payload!);
}

export async function protobufMessages(): Promise<unknown> {
  const seen: unknown[] = [];
  setHandler(paintParcel, (parcel: Parcel) => makeParcel({ ...parcel, colour: 1 }));
  setHandler(sendParcel, (parcel) => void seen.push(describe(parcel)));
  await condition(() => seen.length > 0);
  return seen;
}

/** What converters without a root, or with a message that the root lacks, say. */
export async function protobufRefusals(): Promise<string[]> {
  const payload = new ProtobufJsonPayloadConverter(root).toPayload(makeParcel({ id: 1 }))!;
  const text = (value: string): Uint8Array => Uint8Array.from(value, (each) => each.charCodeAt(0));
  const attempts = [
    () => new ProtobufJsonPayloadConverter().fromPayload(payload),
    () => new ProtobufJsonPayloadConverter({}),
    () =>
      new ProtobufJsonPayloadConverter(root).fromPayload({ ...payload, metadata: { encoding: text('json/protobuf') } }),
    () =>
      new ProtobufBinaryPayloadConverter(root).fromPayload({
        ...payload,
        metadata: { ...payload.metadata, messageType: text('conformance.Absent') },
      }),
    () => new ProtobufBinaryPayloadConverter(root).toPayload({ plain: 'object' }),
  ];
  return attempts.map((attempt) => {
    try {
      return `made ${String(attempt())}`;
    } catch (err) {
      return String(err);
    }
  });
}
