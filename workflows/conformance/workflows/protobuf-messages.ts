/** The protobuf messages of the bundle `protobuf`, as protobufjs describes them. */
import { patchProtobufRoot } from '@temporalio/common/lib/protobufs';
import * as protobuf from 'protobufjs/light';

const descriptor = {
  nested: {
    conformance: {
      nested: {
        Colour: { values: { RED: 0, GREEN: 1 } },
        Item: { fields: { name: { type: 'string', id: 1 }, weight: { type: 'double', id: 2 } } },
        Parcel: {
          oneofs: { contents: { oneof: ['text', 'item'] } },
          fields: {
            id: { type: 'int64', id: 1 },
            colour: { type: 'Colour', id: 2 },
            bytes: { type: 'bytes', id: 3 },
            items: { rule: 'repeated', type: 'Item', id: 4 },
            labels: { keyType: 'string', type: 'string', id: 5 },
            text: { type: 'string', id: 6 },
            item: { type: 'Item', id: 7 },
            fragile: { type: 'bool', id: 8 },
          },
        },
      },
    },
  },
};

/** The messages' root, as converters want it. */
export const root = patchProtobufRoot(
  protobuf.Root.fromJSON(descriptor).resolveAll() as unknown as Record<string, unknown>
);

/** A message of {@link PARCEL} as code sees it. */
export interface Parcel {
  id: { toString(): string };
  colour: number;
  bytes: Uint8Array;
  items: { name: string; weight: number }[];
  labels: Record<string, string>;
  contents?: 'text' | 'item';
  text?: string;
  item?: { name: string; weight: number };
  fragile: boolean;
}

export const PARCEL = (root as unknown as protobuf.Root).lookupType('conformance.Parcel');

/** A message of the class, which is what converters tell from other objects. */
export function makeParcel(fields: Record<string, unknown>): Parcel {
  return PARCEL.fromObject(fields) as unknown as Parcel;
}
