/**
 * Puts what the server alone decides into one order: events from outside that came between two decisions of the
 * workflow, and the histories of children that ran side by side.
 */
import { typeOf } from '../../src/test/history';
import type { RunHistory } from '../histories';

type HistoryEvent = RunHistory['events'][number];

const FROM_OUTSIDE = [
  'ACTIVITY_TASK_STARTED',
  'ACTIVITY_TASK_COMPLETED',
  'ACTIVITY_TASK_FAILED',
  'ACTIVITY_TASK_TIMED_OUT',
  'ACTIVITY_TASK_CANCELED',
  'TIMER_FIRED',
  'CHILD_WORKFLOW_EXECUTION_STARTED',
  'CHILD_WORKFLOW_EXECUTION_COMPLETED',
  'CHILD_WORKFLOW_EXECUTION_FAILED',
  'CHILD_WORKFLOW_EXECUTION_CANCELED',
  'CHILD_WORKFLOW_EXECUTION_TERMINATED',
  'EXTERNAL_WORKFLOW_EXECUTION_SIGNALED',
  'EXTERNAL_WORKFLOW_EXECUTION_CANCEL_REQUESTED',
  'WORKFLOW_EXECUTION_SIGNALED',
  'WORKFLOW_EXECUTION_CANCEL_REQUESTED',
];

/** The number of the event that this one answers; messages from elsewhere come last. */
function causeOf(event: HistoryEvent): number {
  const attributes = Object.entries(event).find(([key, value]) => key.endsWith('EventAttributes') && value)?.[1] as
    | Record<string, unknown>
    | undefined;
  const cause = attributes?.['scheduledEventId'] ?? attributes?.['initiatedEventId'] ?? attributes?.['startedEventId'];
  return Number(cause ?? 0) || Number.MAX_SAFE_INTEGER;
}

/** Events of workflow tasks come first: they are no part of the order. */
function arrangeEvents(events: readonly HistoryEvent[]): HistoryEvent[] {
  const isOfTask = (event: HistoryEvent): boolean => typeOf(event).startsWith('WORKFLOW_TASK_');
  const arranged: HistoryEvent[] = [];
  let outside: HistoryEvent[] = [];
  const flush = (): void => {
    arranged.push(...outside.sort((a, b) => causeOf(a) - causeOf(b)));
    outside = [];
  };
  for (const event of events.filter((event) => !isOfTask(event))) {
    if (FROM_OUTSIDE.includes(typeOf(event))) {
      outside.push(event);
      continue;
    }
    flush();
    arranged.push(event);
  }
  flush();
  return [...events.filter(isOfTask), ...arranged];
}

/** A comparison needs the same order in both runs; a chain's runs stay in theirs. */
export function arrange(runs: readonly RunHistory[]): RunHistory[] {
  const sorted = [...runs].sort((a, b) => (a.workflowId === b.workflowId ? 0 : a.workflowId < b.workflowId ? -1 : 1));
  return sorted.map((run) => ({ ...run, events: arrangeEvents(run.events) }));
}
