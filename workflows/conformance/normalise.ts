/**
 * Makes the histories of two runs of the same case comparable. What is left is what workflow code decided and what the
 * server answered; what is gone: times, ids of one run, names of processes, versions of SDKs, and the workflow tasks
 * themselves, whose number is the server's affair. Each command keeps the ordinal of the workflow task that it came with.
 */
import { temporal } from '@temporalio/proto';
import type { Placeholders } from './placeholders';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Plain = Record<string, unknown>;

export interface NormalisedEvent extends Plain {
  /** Counted over the events that are left, from 1. */
  id: number;
  /** Such as `TIMER_STARTED`. */
  type: string;
}

export interface NormalisedHistory {
  workflow: string;
  events: NormalisedEvent[];
  /** Failures of workflow tasks, each once: how often a task is tried again is luck. */
  taskFailures: unknown[];
  /** What the completions of workflow tasks said besides their commands. */
  taskCompletions: { langUsedFlags: number[]; versioningBehaviors: string[] };
}

const EVENT_PREFIX = 'EVENT_TYPE_';
const LEFT_OUT_TYPES = /^WORKFLOW_TASK_/;
/** Tasks that lost a race against a new event or against the end of the run, which the server alone decides. */
const SERVER_RACES = ['WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND', 'WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND'];

/** Attributes that differ between any two runs, or that belong to the server or to the SDK's version. */
const LEFT_OUT_KEYS = new Set([
  'acceptedRequestSequencingEventId',
  'binaryChecksum',
  'buildIdUsed',
  'completionCallbacks',
  'externalInitiatedEventId',
  'identity',
  'links',
  'meteringMetadata',
  'namespaceId',
  'operationToken',
  'operationId',
  'parentInitiatedEventId',
  'parentInitiatedEventVersion',
  'parentWorkflowNamespaceId',
  'prevAutoResetPoints',
  'requestId',
  'sdkMetadata',
  'sourceVersionStamp',
  'stackTrace',
  'stickyAttributes',
  'taskId',
  'useWorkflowBuildId',
  'version',
  'workerInstanceKey',
  'workerVersion',
  'workerMayIgnore',
]);
/**
 * The failure of an activity names the program that ran it, also where the workflow's failure holds it as a cause.
 * Burdock's own activities are not written in TypeScript, and are no part of the comparison.
 */
const ACTIVITY_SOURCES: Record<string, string> = { burdock: 'TypeScriptSDK' };

/**
 * Times inside of JSON payloads that SDKs write themselves, a number that only newer cores write there, and stack traces
 * that the failure converter moved there.
 */
const LEFT_OUT_OF_JSON = new Set(['activation_index', 'complete_time', 'original_schedule_time', 'stack_trace']);

function withoutPrefix(eventType: unknown): string {
  return String(eventType).replace(EVENT_PREFIX, '');
}

function toPlain(event: HistoryEvent): Plain {
  const { HistoryEvent } = temporal.api.history.v1;
  return HistoryEvent.toObject(HistoryEvent.create(event), { enums: String, longs: Number, defaults: false });
}

type PlainPayload = { metadata: Record<string, Uint8Array>; data?: Uint8Array };

function isPayload(value: unknown): value is PlainPayload {
  if (typeof value !== 'object' || value === null || !('metadata' in value)) return false;
  const { metadata } = value;
  if (typeof metadata !== 'object' || metadata === null) return false;
  return Object.values(metadata).every((item) => item instanceof Uint8Array);
}

/** A time, in contrast to a duration, by the names that the protocol gives to them. */
function isTime(key: string, value: unknown): boolean {
  return /Time$/.test(key) && typeof value === 'object' && value !== null && ('seconds' in value || 'nanos' in value);
}

function scrubJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(scrubJson);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([key]) => !LEFT_OUT_OF_JSON.has(key));
  return Object.fromEntries(entries.map(([key, item]) => [key, scrubJson(item)]));
}

/** Numbers of events, before and after events were left out. */
class EventIds {
  private readonly batches: number[] = [];
  private readonly ids = new Map<number, number>();

  constructor(kept: readonly Plain[]) {
    for (const [index, event] of kept.entries()) {
      this.ids.set(Number(event['eventId']), index + 1);
      const batch = attributesOf(event)['workflowTaskCompletedEventId'];
      if (batch !== undefined && !this.batches.includes(Number(batch))) this.batches.push(Number(batch));
    }
  }

  batchOf(workflowTaskCompletedEventId: unknown): number {
    return this.batches.indexOf(Number(workflowTaskCompletedEventId)) + 1;
  }

  /** The new number of an event; the one of a workflow task has none. */
  of(eventId: unknown): number | string {
    return this.ids.get(Number(eventId)) ?? 'workflow task';
  }
}

function attributesOf(event: Plain): Plain {
  const key = Object.keys(event).find((name) => name.endsWith('EventAttributes'));
  return key === undefined ? {} : (event[key] as Plain);
}

class Normaliser {
  constructor(
    private readonly names: Placeholders,
    private readonly ids: EventIds
  ) {}

  event(event: Plain): NormalisedEvent {
    const type = withoutPrefix(event['eventType']);
    const { eventId, eventType, eventTime, ...rest } = event;
    const own = Object.fromEntries(Object.entries(rest).filter(([key]) => !key.endsWith('EventAttributes')));
    const attributes = { ...attributesOf(event) };
    // Until the next tick of the clock, which is another one for each run.
    if (attributes['cronSchedule']) delete attributes['firstWorkflowTaskBackoff'];
    if (attributes['initiator'] === 'CONTINUE_AS_NEW_INITIATOR_CRON_SCHEDULE')
      delete attributes['backoffStartInterval'];
    return { id: Number(this.ids.of(eventId)), type, ...this.object({ ...own, ...attributes }) };
  }

  value(key: string, value: unknown): unknown {
    if (typeof value === 'string') return this.names.replace(value);
    if (value instanceof Uint8Array) return this.names.replaceBytes(value);
    if (Array.isArray(value)) return value.map((item) => this.value(key, item));
    if (value === null || typeof value !== 'object') return value;
    return this.object(value as Plain);
  }

  object(object: Plain): Plain {
    if (isPayload(object)) return this.payload(object);
    const result: Plain = {};
    for (const key of Object.keys(object).sort()) {
      const value = object[key];
      // The names of headers, memos and search attributes are the case's own, and may be any.
      if (isPayload(value)) {
        result[this.names.replace(key)] = this.payload(value);
        continue;
      }
      if (LEFT_OUT_KEYS.has(key) || isTime(key, value) || value === null || value === undefined) continue;
      if (key === 'workflowTaskCompletedEventId') result['batch'] = this.ids.batchOf(value);
      else if (/EventId$/.test(key)) result[key] = this.ids.of(value);
      else if (key === 'source') result[key] = ACTIVITY_SOURCES[String(value)] ?? value;
      else result[this.names.replace(key)] = this.value(key, value);
    }
    return result;
  }

  private payload({ metadata, data = new Uint8Array(), ...rest }: PlainPayload): Plain {
    const sorted = Object.keys(metadata).sort();
    const texts = sorted.map((key) => [key, this.names.replaceBytes(metadata[key] ?? new Uint8Array())] as const);
    return { ...rest, payload: Object.fromEntries(texts), data: this.data(data) };
  }

  private data(bytes: Uint8Array): string {
    const text = Buffer.from(bytes).toString('utf8');
    const mayHoldNoise = [...LEFT_OUT_OF_JSON].some((key) => text.includes(`"${key}"`));
    if (!mayHoldNoise) return this.names.replaceBytes(bytes);
    try {
      return this.names.replace(JSON.stringify(scrubJson(JSON.parse(text))));
    } catch {
      return this.names.replaceBytes(bytes);
    }
  }
}

function taskFailures(events: readonly Plain[], normaliser: Normaliser): unknown[] {
  const failed = events.filter((event) => withoutPrefix(event['eventType']) === 'WORKFLOW_TASK_FAILED');
  const seen = new Map<string, unknown>();
  for (const event of failed) {
    const { cause, failure } = attributesOf(event) as { cause?: string; failure?: Plain };
    if (cause !== undefined && SERVER_RACES.includes(cause)) continue;
    const summary = normaliser.object({ cause, failure });
    seen.set(JSON.stringify(summary), summary);
  }
  return [...seen.values()];
}

function taskCompletions(events: readonly Plain[]): NormalisedHistory['taskCompletions'] {
  const flags = new Set<number>();
  const behaviours = new Set<string>();
  for (const event of events) {
    if (withoutPrefix(event['eventType']) !== 'WORKFLOW_TASK_COMPLETED') continue;
    const { sdkMetadata, versioningBehavior } = attributesOf(event) as {
      sdkMetadata?: { langUsedFlags?: number[] };
      versioningBehavior?: string;
    };
    for (const flag of sdkMetadata?.langUsedFlags ?? []) flags.add(flag);
    if (versioningBehavior !== undefined) behaviours.add(versioningBehavior);
  }
  return { langUsedFlags: [...flags].sort((a, b) => a - b), versioningBehaviors: [...behaviours] };
}

/** One run's history as what is compared. `workflowId` names it in reports. */
export function normaliseHistory(
  workflowId: string,
  events: readonly HistoryEvent[],
  names: Placeholders
): NormalisedHistory {
  const plain = events.map(toPlain);
  const kept = plain.filter((event) => !LEFT_OUT_TYPES.test(withoutPrefix(event['eventType'])));
  const normaliser = new Normaliser(names, new EventIds(kept));
  return {
    workflow: names.replace(workflowId),
    events: kept.map((event) => normaliser.event(event)),
    taskFailures: taskFailures(plain, normaliser),
    taskCompletions: taskCompletions(plain),
  };
}
