/** Payloads with the default converters. */
import {
  condition,
  defaultPayloadConverter,
  defineSignal,
  defineUpdate,
  defineWorkflowOptions,
  executeChild,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { RawValue } from '@temporalio/common';
import type { ProbeActivities } from '../../src/workflows/activities';

export const takePayload = defineSignal<[unknown]>('takePayload');
export const takePayloadUpdate = defineUpdate<unknown, [unknown]>('takePayloadUpdate');
export const finishPayloads = defineSignal('finishPayloads');

const kindOf = (value: unknown): string => {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? (Object.getPrototypeOf(value)?.constructor.name ?? 'no prototype') : typeof value;
};

/** Says of each argument what it is. */
export async function payloadKinds(...values: unknown[]): Promise<unknown> {
  return values.map((value) => [kindOf(value), value instanceof Uint8Array ? [...value] : (value ?? null)]);
}

export async function payloadUndefined(): Promise<undefined> {
  return undefined;
}

export async function payloadNull(): Promise<null> {
  return null;
}

/** Bytes that came from outside go back as bytes. */
export async function payloadBytes(bytes: Uint8Array): Promise<Uint8Array> {
  return bytes;
}

/** Bytes that were made inside, whole and as part of a larger buffer. */
export async function payloadOwnBytes(): Promise<Uint8Array> {
  return new Uint8Array([9, 8, 7, 6, 5]).subarray(1, 4);
}

/** What JSON makes of values that it has no form for. */
export async function payloadJsonRules(): Promise<unknown> {
  return {
    date: new Date(0),
    undefined: undefined,
    nan: NaN,
    infinity: -Infinity,
    minusZero: -0,
    map: new Map([[1, 2]]),
    holes: [1, , 3],
    bytes: new Uint8Array([1, 2]),
    toJSON: { toJSON: () => 'by toJSON' },
    boxed: [Object('s'), Object(1)],
    fn: () => 1,
    symbol: Symbol('s'),
    error: new Error('as value'),
    nested: { deep: [{ deeper: null }] },
  };
}

export async function payloadText(): Promise<string[]> {
  return ['', 'äöü', '日本語', '👩‍👩‍👧', '\u0000\u001f', '\ud800 lone', '\u2028', '"\\/'];
}

/** Half a megabyte there, through an activity, and back. */
export async function payloadLarge(
  activityQueue: string,
  text: string
): Promise<{ length: number; same: boolean; back: string }> {
  const { echo } = proxyActivities<ProbeActivities>({ taskQueue: activityQueue, startToCloseTimeout: '1 minute' });
  const back = await echo(text);
  return { length: back.length, same: back === text, back: back.slice(0, 200_000) };
}

export async function payloadRaw(): Promise<unknown> {
  return RawValue.fromPayload(defaultPayloadConverter.toPayload({ raw: true }));
}

/** The converter that the package exports, used by hand. */
export async function payloadByHand(): Promise<unknown> {
  const payloads = [undefined, null, 'text', { a: 1 }].map((value) => defaultPayloadConverter.toPayload(value));
  const encodings = payloads.map(({ metadata }) => String.fromCharCode(...(metadata?.['encoding'] ?? [])));
  const back = payloads.map((payload) => defaultPayloadConverter.fromPayload(payload) ?? null);
  let refused = '';
  try {
    defaultPayloadConverter.toPayload(10n);
  } catch (err) {
    refused = String(err);
  }
  return { encodings, back, refused };
}

/** A result that has no payload fails the workflow task. */
export async function payloadImpossible(): Promise<unknown> {
  return { big: 10n };
}

/** Takes what it is sent; what cannot be decoded never reaches the handlers. */
export async function payloadTaker(): Promise<unknown[]> {
  const taken: unknown[] = [];
  let finished = false;
  setHandler(takePayload, (value) => void taken.push(value));
  setHandler(takePayloadUpdate, (value: unknown) => {
    taken.push(value);
    return value;
  });
  setHandler(finishPayloads, () => void (finished = true));
  await condition(() => finished);
  return taken;
}

class Celsius {
  constructor(readonly degrees: number) {}
  get warm(): boolean {
    return this.degrees > 20;
  }
}

const celsius = {
  transferTypeConverter: {
    toTransferType: (value: Celsius) => ({ degrees: value.degrees }),
    fromTransferType: (value: { degrees: number }) => new Celsius(value.degrees),
  },
};

/** Arguments and results of a type that the function declares. */
export async function payloadTypeInfo(value: Celsius): Promise<Celsius> {
  return new Celsius(value instanceof Celsius && value.warm ? value.degrees + 1 : -1);
}
defineWorkflowOptions(payloadTypeInfo, { staticOptions: { typeInfo: { inputTypes: [celsius], outputType: celsius } } });

export async function payloadTypeInfoOfChild(): Promise<unknown> {
  const workflowId = `${workflowInfo().workflowId}-child`;
  const result = await executeChild(payloadTypeInfo, { workflowId, args: [new Celsius(25)] });
  return { kind: kindOf(result), degrees: result.degrees };
}
