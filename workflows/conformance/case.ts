/**
 * What a conformance case is: one feature of the workflow API, the workflow that uses it, and the driver that runs it
 * with the official client. The same case runs under the Node worker and under Burdock; what `drive` returns, how it
 * fails, and the histories of all runs that it started must be the same.
 *
 * Rules for cases, which make a difference between two runs mean a difference between two workers:
 * - What `drive` returns is JSON and holds no times, ids or random values of its own; workflow ids, run ids and task
 *   queue names are replaced before the comparison.
 * - The order of events follows from the case, not from luck: a driver awaits a state (a query, an update, an event in
 *   the history) before it sends the next message, and timers that compete are far apart.
 * - A case starts everything through its environment and depends on no other case.
 */
import type { Client, Workflow, WorkflowHandleWithFirstExecutionRunId, WorkflowStartOptions } from '@temporalio/client';

/** The lines of the table of features, in its order. */
export const FEATURES = [
  'Timers and conditions',
  'Activities',
  'Local activities',
  'Child workflows',
  'External workflows',
  'Signals',
  'Queries',
  'Updates',
  'Dynamic handlers',
  'Cancellation scopes',
  'Continue as new',
  'Patches',
  'Workflow info',
  'Search attributes and memo',
  'Details and metadata',
  'Sinks, log and metrics',
  'Randomness and time',
  'Nexus',
  'Event groups',
  'Versioning',
  'Interceptors',
  'AsyncLocalStorage',
  'Converters',
  'Built-in queries',
  'Failures',
  'Start options',
  'Globals',
] as const;
export type Feature = (typeof FEATURES)[number];

/**
 * Which bundle a case needs. Each is made by `conformance/bundles.ts` from `conformance/workflows/`. `versioned` is the
 * plain bundle on a worker that is the current version of a deployment.
 */
export type CaseBundle = 'plain' | 'versioned' | 'interceptors' | 'converters' | 'protobuf';

/** What a case can do. */
export interface CaseEnvironment {
  readonly client: Client;
  /** The task queue of the worker under test. */
  readonly taskQueue: string;
  /** A task queue whose activities always run on the same Node worker, whatever the worker under test. */
  readonly activityQueue: string;
  /** An endpoint whose operations a Node worker handles. */
  readonly nexusEndpoint: string;
  /** The name of the case made unique for this run; a base for ids of further workflows. */
  readonly id: string;
  /** Whether the worker under test keeps runs between workflow tasks. */
  readonly cached: boolean;
  /** Starts a workflow on the worker under test, under `id` unless the options say otherwise, and tracks it. */
  start<W extends Workflow>(
    workflow: W | string,
    args: Parameters<W>,
    options?: Partial<WorkflowStartOptions>
  ): Promise<WorkflowHandleWithFirstExecutionRunId<W>>;
  /** Starts a workflow and waits for its end; how it ended, as {@link Outcome}. */
  execute<W extends Workflow>(
    workflow: W | string,
    args: Parameters<W>,
    options?: Partial<WorkflowStartOptions>
  ): Promise<Outcome>;
  /** Compares the history of this workflow (all runs of its chain) too; children and continued runs are found by themselves. */
  track(workflowId: string): void;
  /** Waits until the history of the workflow's latest run has `count` events of the type, such as `TIMER_STARTED`. */
  untilEvent(workflowId: string, type: string, count?: number): Promise<void>;
}

/** How something ended: its value, or its failure with the whole chain of causes. */
export type Outcome = { value: unknown } | { failure: FailureSummary };

/** What of an error is compared. Stack traces are not: they hold the paths of the machine. */
export interface FailureSummary {
  /** The class's name, such as `ActivityFailure`. */
  name: string;
  message: string;
  /** `ApplicationFailure.type` and the like. */
  type?: string;
  nonRetryable?: boolean;
  details?: unknown;
  cause?: FailureSummary;
  /** Other fields that the class has: activity type, timeout type, retry state, ... */
  fields?: Record<string, unknown>;
}

export interface ConformanceCase {
  /** Unique, kebab-case. */
  readonly name: string;
  readonly feature: Feature;
  /** One line for the table: what is shown. */
  readonly title: string;
  /** The workflow type, for the table. */
  readonly workflow: string;
  /** `plain` unless said otherwise. */
  readonly bundle?: CaseBundle;
  /** The first release of the TypeScript SDK that has the feature, such as `1.15`; absent for all from 1.12. */
  readonly since?: string;
  /** Why the case is left out of one configuration, such as without a cache; it still runs in the others. */
  readonly needsCache?: string;
  /** Runs the case. What it throws is compared as well. */
  drive(env: CaseEnvironment): Promise<unknown>;
}
