/** Payloads that nobody can decode. */
import { RawValue } from '@temporalio/common';

const payload = (encoding: string, text: string): RawValue =>
  RawValue.fromPayload({ metadata: { encoding: Buffer.from(encoding) }, data: Buffer.from(text) });

/** Such payloads, each with what the SDK says of it. */
export const UNREADABLE: Record<'an unknown encoding' | 'broken JSON', [RawValue, RegExp]> = {
  'an unknown encoding': [payload('binary/unheard-of', '?'), /Unknown encoding: binary\/unheard-of/],
  'broken JSON': [payload('json/plain', '[1,'), /JSON/],
};
