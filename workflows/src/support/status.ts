/** What `GET /status` of a worker answers; fields that this package does not read are left out. */
export interface WorkerStatus {
  runState: string;
  numCachedWorkflows: number;
  numInFlightWorkflowActivations: number;
  rssBytes: number;
  anonBytes: number;
  memoryLimitBytes: number | null;
  memoryLimitSource: string | null;
  /** The bundle that is hosted; the Node worker does not tell. */
  bundle?: { sdkVersion: string } | null;
  isolates: IsolateStatus[];
  /** Resident bytes that no isolate accounts for. */
  nativeBytes: number;
}

export interface IsolateStatus {
  usedHeapBytes: number;
  totalHeapBytes: number;
  externalBytes: number;
  /** What buffers may take. */
  arrayBuffersBytes: number;
  cachedWorkflows: number;
}

export interface RunCost {
  heapBytes: number;
  externalBytes: number;
  /** What buffers may take beyond; not contained in the cost. */
  untouchedBytes: number;
  hostBytes: number;
}

export interface TopRun {
  runId: string;
  workflowId: string;
  workflowType: string;
  cost: RunCost;
}

/** What Burdock's status has beyond that of the Node worker. */
export interface BurdockStatus extends WorkerStatus {
  pressure: 'normal' | 'elevated' | 'high' | 'critical';
  topRuns: TopRun[];
  topWorkflowTypes: { workflowType: string; runs: number; bytes: number; meanBytes: number }[];
  evictions: Record<string, number>;
  terminations: { deadline: number; heap: number };
  budgetOffenders: number;
  parkedRuns: number;
  quarantinedRuns: number;
  refusedTasks: number;
  isolatesRebuilt: number;
  lostIsolates: { isolate: number; reason: string; thread: 'running' | 'parked'; heldBytes: number }[];
  memory: { parts: Record<'otherMallocedBytes' | 'coreRunsBytes' | 'externalBytes', number>; unexplainedBytes: number };
  memoryPlan: { part: string; bytes: number }[];
  diagnosis: string | null;
  isolates: BurdockIsolateStatus[];
}

export interface BurdockIsolateStatus extends IsolateStatus {
  /** What of its buffers is resident. */
  arrayBuffersResidentBytes: number;
  physicalHeapBytes: number;
  /** In activations, and in measuring what runs cost. */
  activationTimeUs: number;
  measuringTimeUs: number;
}

const REQUEST_TIMEOUT_MS = 5_000;

/** The status of the worker that listens on `address` (`IP:PORT`). */
export async function fetchStatus(address: string): Promise<WorkerStatus> {
  const response = await fetch(`http://${address}/status`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`GET http://${address}/status answered ${response.status}.`);
  return (await response.json()) as WorkerStatus;
}

/** Whether the worker polls; false while it cannot be reached. */
export async function isReady(address: string): Promise<boolean> {
  const response = await fetch(`http://${address}/ready`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  return response.ok;
}

/** The code of `/ready` if the worker is not ready, undefined if it is. Rejects while it cannot be reached. */
export async function whyNotReady(address: string): Promise<string | undefined> {
  const response = await fetch(`http://${address}/ready`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  if (response.ok) return undefined;
  const { reason } = (await response.json()) as { reason?: string };
  return reason ?? `status ${response.status}`;
}
