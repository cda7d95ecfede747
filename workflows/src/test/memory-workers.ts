/** Workers whose memory a test looks at, and runs that hold what a test says. */
import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { type BundleName, bundleOf } from '../../memory/bundles';
import { type Fingerprint, fingerprint, hold, holdState } from '../../memory/workflows/hold-state';
import { until } from '../support/poll';
import type { BurdockStatus } from '../support/status';
import { PATIENCE_MS, type Suite, type TestWorker, type WorkerOptions } from './harness';

export const MIB = 1 << 20;

/** A worker with a task queue of its own. */
export interface MemoryWorker {
  worker: TestWorker;
  taskQueue: string;
}

export async function startMemoryWorker(
  suite: Suite,
  bundle: BundleName,
  flags: readonly string[],
  options: Partial<WorkerOptions> = {}
): Promise<MemoryWorker> {
  const taskQueue = `memory-${randomUUID()}`;
  const { file } = await bundleOf(bundle);
  const worker = await suite.startWorker({ bundle: file, taskQueue, isolates: 1, extraFlags: flags, ...options });
  return { worker, taskQueue };
}

export async function burdockStatus(worker: TestWorker): Promise<BurdockStatus> {
  return (await worker.status()) as BurdockStatus;
}

/** Waits until the status satisfies `wanted`; what it was last is part of the error. */
export async function statusWhere(
  worker: TestWorker,
  what: string,
  wanted: (status: BurdockStatus) => boolean,
  patienceMs = PATIENCE_MS
): Promise<BurdockStatus> {
  let last: BurdockStatus | undefined;
  const found = until(what, patienceMs, async () => {
    last = await burdockStatus(worker);
    return wanted(last) ? last : undefined;
  });
  return found.catch((cause: unknown) => {
    throw new Error(`${String(cause)} The status was last ${JSON.stringify(last)}`, { cause });
  });
}

export type Holder = WorkflowHandle<typeof holdState>;

/** Starts a run that holds about `bytes`; it is there when it has answered what it holds. */
export async function startHolder(
  suite: Suite,
  { taskQueue }: MemoryWorker,
  kind: string,
  bytes: number
): Promise<{ run: Holder; held: Fingerprint }> {
  const run = await suite.start(holdState, [], { taskQueue });
  await run.signal(hold, kind, bytes);
  return { run, held: await run.query(fingerprint) };
}

export const holds = (status: BurdockStatus, run: Holder): boolean =>
  status.topRuns.some(({ workflowId }) => workflowId === run.workflowId);
