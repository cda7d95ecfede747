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
  arrayBuffersBytes: number;
  cachedWorkflows: number;
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
