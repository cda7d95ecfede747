/** Fetches every history that belongs to a case: all runs of the chains of its workflows, and their children. */
import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

export interface RunHistory {
  workflowId: string;
  runId: string;
  events: HistoryEvent[];
}

/** Where a chain of runs begins; without a run id: the chain of the latest run. */
export interface ChainStart {
  workflowId: string;
  runId?: string | undefined;
}

const EVENT_TYPE = temporal.api.enums.v1.EventType;
const CLOSE_EVENT_ONLY = temporal.api.enums.v1.HistoryEventFilterType.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT;
const ALL_EVENTS = temporal.api.enums.v1.HistoryEventFilterType.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT;

/** The run that came after this one in its chain. */
function nextRunOf(events: readonly HistoryEvent[]): string | undefined {
  const last = events.at(-1);
  const attributes =
    last?.workflowExecutionContinuedAsNewEventAttributes ??
    last?.workflowExecutionCompletedEventAttributes ??
    last?.workflowExecutionFailedEventAttributes ??
    last?.workflowExecutionTimedOutEventAttributes;
  return attributes?.newExecutionRunId || undefined;
}

export function isClosed(events: readonly HistoryEvent[]): boolean {
  const last = events.at(-1)?.eventType;
  const closing = [
    EVENT_TYPE.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
    EVENT_TYPE.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
    EVENT_TYPE.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT,
    EVENT_TYPE.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
    EVENT_TYPE.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
    EVENT_TYPE.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
  ];
  return last !== undefined && last !== null && closing.includes(last);
}

/** The children that this run started. */
function childrenOf(events: readonly HistoryEvent[]): ChainStart[] {
  return events.flatMap(({ childWorkflowExecutionStartedEventAttributes: started }) => {
    const { workflowId, runId } = started?.workflowExecution ?? {};
    return workflowId ? [{ workflowId, runId: runId ?? undefined }] : [];
  });
}

export class Histories {
  constructor(
    private readonly client: Client,
    /** How long a run that is still open may take to close; after that its history is taken as it is. */
    private readonly patienceMs: number
  ) {}

  /** The histories of the chains and of all children, each run once, parents before their children. */
  async collect(starts: readonly ChainStart[]): Promise<RunHistory[]> {
    const found: RunHistory[] = [];
    const runIds = new Set<string>();
    for (const start of starts) await this.chain(await this.firstRun(start), runIds, found);
    // A reset makes a run that no event of the others names as their next one.
    for (const workflowId of new Set(starts.map((start) => start.workflowId))) {
      await this.chain({ workflowId, runId: await this.latestRun(workflowId) }, runIds, found);
    }
    return found;
  }

  async events({ workflowId, runId }: ChainStart): Promise<HistoryEvent[]> {
    const handle = this.client.workflow.getHandle(workflowId, runId);
    return (await handle.fetchHistory()).events ?? [];
  }

  private async chain(start: ChainStart, runIds: Set<string>, found: RunHistory[]): Promise<void> {
    const { workflowId } = start;
    const children: ChainStart[] = [];
    let runId = start.runId;
    while (runId !== undefined && !runIds.has(runId)) {
      runIds.add(runId);
      const events = await this.settled(workflowId, runId);
      found.push({ workflowId, runId, events });
      children.push(...childrenOf(events));
      runId = nextRunOf(events);
    }
    for (const child of children) await this.chain(child, runIds, found);
  }

  /** The events of a run that is closed, or that had its time to close. */
  private async settled(workflowId: string, runId: string): Promise<HistoryEvent[]> {
    const events = await this.events({ workflowId, runId });
    if (isClosed(events)) return events;
    const request = {
      namespace: this.client.options.namespace,
      execution: { workflowId, runId },
      waitNewEvent: true,
      historyEventFilterType: CLOSE_EVENT_ONLY,
    };
    const { connection, workflowService } = this.client;
    await connection
      .withDeadline(Date.now() + this.patienceMs, () => workflowService.getWorkflowExecutionHistory(request))
      .catch(() => undefined);
    return this.events({ workflowId, runId });
  }

  private async firstRun({ workflowId, runId }: ChainStart): Promise<ChainStart> {
    if (runId !== undefined) return { workflowId, runId };
    const request = {
      namespace: this.client.options.namespace,
      execution: { workflowId },
      maximumPageSize: 1,
      historyEventFilterType: ALL_EVENTS,
    };
    const { history } = await this.client.workflowService.getWorkflowExecutionHistory(request);
    const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
    return { workflowId, runId: started?.firstExecutionRunId || undefined };
  }

  private async latestRun(workflowId: string): Promise<string> {
    return (await this.client.workflow.getHandle(workflowId).describe()).runId;
  }
}
