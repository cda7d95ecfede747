/** What a case returned or threw, as plain JSON without what belongs to one run alone. */
import type { FailureSummary, Outcome } from './case';

/** Fields of errors that hold stack traces, wire messages, names of processes, or ids of one run. */
const LEFT_OUT = new Set([
  'stack',
  'failure',
  'identity',
  'metadata',
  'operationToken',
  'scheduledEventId',
  'startedEventId',
]);
/** Fields that a summary has places of its own for. */
const PLACED = new Set(['name', 'message', 'cause', 'type', 'nonRetryable', 'details']);
/** A cause deeper than this is a cycle. */
const MAX_DEPTH = 20;

function isError(value: unknown): value is Error & Record<string, unknown> {
  return (
    value instanceof Error || (typeof value === 'object' && value !== null && 'stack' in value && 'message' in value)
  );
}

/** The value as JSON holds it; errors become summaries and bytes become base64, where JSON would lose them. */
export function toJson(value: unknown, depth = 0): unknown {
  if (depth > MAX_DEPTH) return '...';
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (value === null || typeof value !== 'object') return typeof value === 'function' ? undefined : value;
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString('base64') };
  if (value instanceof Date) return value.toISOString();
  if (isError(value)) return summaryOf(value, depth + 1);
  if (Array.isArray(value)) return value.map((item) => toJson(item, depth + 1) ?? null);
  if (value instanceof Map) return [...value].map((entry) => toJson(entry, depth + 1));
  if (value instanceof Set) return [...value].map((item) => toJson(item, depth + 1));
  const entries = Object.entries(value).map(([key, item]) => [key, toJson(item, depth + 1)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

function fieldsOf(err: Error & Record<string, unknown>, depth: number): Record<string, unknown> {
  const own = Object.keys(err).filter((key) => !LEFT_OUT.has(key) && !PLACED.has(key));
  const entries = own.sort().map((key) => [key, toJson(err[key], depth)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== null));
}

/** The error with its whole chain of causes. */
export function summaryOf(thrown: unknown, depth = 0): FailureSummary {
  if (!isError(thrown)) return { name: 'thrown value', message: String(JSON.stringify(toJson(thrown, depth))) };
  const { type, nonRetryable, details, cause } = thrown;
  const fields = fieldsOf(thrown, depth);
  return {
    name: thrown.name || thrown.constructor.name,
    message: thrown.message,
    ...(typeof type === 'string' ? { type } : {}),
    ...(typeof nonRetryable === 'boolean' ? { nonRetryable } : {}),
    ...(details !== undefined && details !== null ? { details: toJson(details, depth) } : {}),
    ...(Object.keys(fields).length > 0 ? { fields } : {}),
    ...(cause !== undefined && cause !== null && depth < MAX_DEPTH ? { cause: summaryOf(cause, depth + 1) } : {}),
  };
}

/** Awaits the promise and tells how it ended. */
export async function outcomeOf(promise: Promise<unknown>): Promise<Outcome> {
  try {
    return { value: toJson(await promise) };
  } catch (err) {
    return { failure: summaryOf(err) };
  }
}
