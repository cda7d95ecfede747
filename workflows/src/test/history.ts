/** Reads workflow histories from the server. */
import type { WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { until } from '../support/poll';

export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Failure = temporal.api.failure.v1.IFailure;

/** The events of the handle's run, in order. */
export async function historyOf(handle: WorkflowHandle): Promise<HistoryEvent[]> {
  return (await handle.fetchHistory()).events ?? [];
}

/** `TIMER_STARTED` and the like, without the prefix. */
export function typeOf(event: HistoryEvent): string {
  const name = temporal.api.enums.v1.EventType[event.eventType ?? 0] ?? 'UNKNOWN';
  return name.replace(/^EVENT_TYPE_/, '');
}

export function typesOf(events: HistoryEvent[]): Set<string> {
  return new Set(events.map(typeOf));
}

/** The events of one type. */
export function eventsOf(events: HistoryEvent[], type: string): HistoryEvent[] {
  return events.filter((event) => typeOf(event) === type);
}

/** The names of the markers that the worker recorded, such as `core_patch`. */
export function markersOf(events: HistoryEvent[]): string[] {
  return eventsOf(events, 'MARKER_RECORDED').map((event) => event.markerRecordedEventAttributes?.markerName ?? '');
}

/** Waits for a failed workflow task whose message matches `pattern`, and returns its failure. */
export function taskFailure(handle: WorkflowHandle, pattern: RegExp, timeoutMs = 30_000): Promise<Failure> {
  const seen = new Set<string>();
  const found = until(`a failed workflow task with ${pattern}`, timeoutMs, async () => {
    for (const event of eventsOf(await historyOf(handle), 'WORKFLOW_TASK_FAILED')) {
      const failure = event.workflowTaskFailedEventAttributes?.failure;
      const message = failure?.message ?? '';
      seen.add(message);
      if (failure && pattern.test(message)) return failure;
    }
    return undefined;
  });
  return found.catch((cause: unknown) => {
    throw new Error(`${String(cause)} Seen: ${JSON.stringify([...seen])}`, { cause });
  });
}

/** Waits until the history has an event of `type`. */
export function historyWith(handle: WorkflowHandle, type: string, timeoutMs = 30_000): Promise<HistoryEvent[]> {
  return until(`an event ${type}`, timeoutMs, async () => {
    const events = await historyOf(handle);
    return typesOf(events).has(type) ? events : undefined;
  });
}
