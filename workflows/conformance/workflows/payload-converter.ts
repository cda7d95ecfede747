/** The payload converter of the bundle `converters`: encodings of its own before the default ones. */
import {
  BinaryPayloadConverter,
  CompositePayloadConverter,
  JsonPayloadConverter,
  UndefinedPayloadConverter,
  ValueError,
  type Payload,
  type PayloadConverterWithEncoding,
} from '@temporalio/common';
import { decode, encode } from '@temporalio/common/lib/encoding';
import type { SerializationContext } from '@temporalio/common/lib/converter/serialization-context';
import { ContextProbe, Point, Unconvertible } from './points';

const payloadOf = (encoding: string, data: Uint8Array, more: Record<string, Uint8Array> = {}): Payload => ({
  metadata: { encoding: encode(encoding), ...more },
  data,
});

/** Points as two numbers of eight bytes. */
class PointConverter implements PayloadConverterWithEncoding {
  readonly encodingType = 'binary/point';

  toPayload(value: unknown): Payload | undefined {
    if (!(value instanceof Point)) return undefined;
    const data = new DataView(new ArrayBuffer(16));
    data.setFloat64(0, value.x);
    data.setFloat64(8, value.y);
    return payloadOf(this.encodingType, new Uint8Array(data.buffer), { dimensions: encode('2') });
  }

  fromPayload<T>({ data }: Payload): T {
    if (data?.byteLength !== 16) throw new ValueError(`A point has 16 bytes, not ${data?.byteLength ?? 'none'}.`);
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    return new Point(view.getFloat64(0), view.getFloat64(8)) as T;
  }
}

/** JSON with names for what JSON lacks, at the top level of a value. */
class TaggedConverter implements PayloadConverterWithEncoding {
  readonly encodingType = 'json/tagged';

  toPayload(value: unknown): Payload | undefined {
    const tagged = this.tag(value);
    return tagged && payloadOf(this.encodingType, encode(JSON.stringify(tagged)));
  }

  private tag(value: unknown): [string, unknown] | undefined {
    if (value instanceof Map) return ['Map', [...value]];
    if (value instanceof Set) return ['Set', [...value]];
    if (value instanceof Date) return ['Date', value.getTime()];
    return typeof value === 'bigint' ? ['bigint', String(value)] : undefined;
  }

  fromPayload<T>({ data }: Payload): T {
    const [tag, value] = JSON.parse(decode(data ?? new Uint8Array())) as [string, never];
    const makers: Record<string, () => unknown> = {
      Map: () => new Map(value),
      Set: () => new Set(value),
      Date: () => new Date(value),
      bigint: () => BigInt(value),
    };
    const make = makers[tag];
    if (make === undefined) throw new ValueError(`There is no tag '${tag}'.`);
    return make() as T;
  }
}

/** Tells what context the SDK converts a value in. */
class ContextConverter implements PayloadConverterWithEncoding {
  readonly encodingType = 'text/context';

  toPayload(value: unknown, context?: SerializationContext): Payload | undefined {
    if (value instanceof Unconvertible) throw new ValueError(`Refused to convert, ${value.reason}`);
    if (!(value instanceof ContextProbe)) return undefined;
    return payloadOf(this.encodingType, encode(`${value.seen} > ${describeContext(context)}`));
  }

  fromPayload<T>({ data }: Payload, context?: SerializationContext): T {
    return new ContextProbe(`${decode(data ?? new Uint8Array())} > ${describeContext(context)}`) as T;
  }
}

function describeContext(context: SerializationContext | undefined): string {
  if (context === undefined) return 'none';
  const { type, workflowId } = context;
  const kind = context.type === 'activity' && context.isLocal ? 'local activity' : type;
  return `${kind} of ${workflowId ?? 'nobody'}`;
}

export const payloadConverter = new CompositePayloadConverter(
  new UndefinedPayloadConverter(),
  new PointConverter(),
  new TaggedConverter(),
  new ContextConverter(),
  new BinaryPayloadConverter(),
  new JsonPayloadConverter()
);
