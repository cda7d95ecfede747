/** A payload converter with defects: an object `{ converts: MANNER }` is converted in that manner. */
import { type Payload, type PayloadConverter, ValueError, defaultPayloadConverter } from '@temporalio/common';

/** `throws` and `nothing` concern both directions, `text` only that to the server. */
export type Manner = 'throws' | 'nothing' | 'text';

/** The same as a value, for the direction `to` or `from` payloads. */
export interface Marked {
  converts: Manner;
  direction: 'to' | 'from';
}

function mannerOf(value: unknown, direction: Marked['direction']): Manner | undefined {
  const marked = value as Partial<Marked> | null | undefined;
  return typeof marked === 'object' && marked?.direction === direction ? marked.converts : undefined;
}

export const payloadConverter: PayloadConverter = {
  toPayload(value) {
    const manner = mannerOf(value, 'to');
    if (manner === 'throws') throw new ValueError('refused to convert to a payload');
    if (manner === 'nothing') return undefined as unknown as Payload;
    return manner === 'text' ? ('no payload' as Payload) : defaultPayloadConverter.toPayload(value);
  },

  fromPayload<T>(payload: Payload): T {
    const value = defaultPayloadConverter.fromPayload<T>(payload);
    const manner = mannerOf(value, 'from');
    if (manner === 'throws') throw new ValueError('refused to convert from a payload');
    return manner === 'nothing' ? (undefined as T) : value;
  },
};
