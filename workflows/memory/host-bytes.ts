/**
 * What a cached run costs outside of its isolate: sdk-core's state machines and the worker's own books, as blocks of
 * `malloc`. The two constants of `worker/src/governor/host_bytes.rs` are what this measures.
 */
import { randomUUID } from 'node:crypto';
import { ManagedChild } from '../src/support/child';
import { concurrently } from '../src/support/concurrently';
import { until } from '../src/support/poll';
import { freePort } from '../src/support/ports';
import { type BurdockStatus, fetchStatus, isReady } from '../src/support/status';
import { burdockProgram } from '../src/support/temporal';
import { bundleOf } from './bundles';
import { type Slope, leastSquares } from './statistics';
import type { Surroundings } from './surroundings';

const STEPS = 6;
const RUNS_PER_STEP = 250;
const TIMERS_OF_RUN = 40;
const LANES = 40;
const PATIENCE_MS = 120_000;
/** `/status` reads the allocator as often. */
const READING_MS = 11_000;
const HOUR_MS = 3_600_000;

/** Bytes of `malloc` that are neither V8's nor the bundle's. */
function hostBytes({ memory }: BurdockStatus): number {
  const { otherMallocedBytes, coreRunsBytes } = memory.parts;
  return otherMallocedBytes + coreRunsBytes;
}

/** Host bytes against the number of cached runs, each of which has set `timers` timers. */
async function slopeWith(timers: number, timeoutMs: number, { address, client }: Surroundings): Promise<Slope> {
  const { file } = await bundleOf('hold-state');
  const taskQueue = `host-bytes-${randomUUID()}`;
  const statusAddress = `127.0.0.1:${await freePort()}`;
  const flags = { bundle: file, 'task-queue': taskQueue, address, 'status-addr': statusAddress, 'max-cached-workflows': '10000' };
  const child = new ManagedChild('burdock', burdockProgram(), ['worker', ...Object.entries(flags).flatMap(([key, value]) => [`--${key}`, value])]);
  try {
    await until('the worker', PATIENCE_MS, async () => ((await isReady(statusAddress)) ? true : undefined));
    const points: [number, number][] = [];
    for (let step = 1; step <= STEPS; step += 1) {
      await concurrently(Array.from({ length: RUNS_PER_STEP }, (_, n) => n), LANES, (n) =>
        client.workflow.start('setsTimers', { taskQueue, workflowId: `timers-${step}-${n}-${taskQueue}`, args: [timers, timeoutMs] })
      );
      const runs = step * RUNS_PER_STEP;
      const settled = await until(`${runs} cached runs`, PATIENCE_MS, async () => {
        const status = (await fetchStatus(statusAddress)) as BurdockStatus;
        return status.numCachedWorkflows === runs && status.numInFlightWorkflowActivations === 0 ? Date.now() : undefined;
      });
      const read = await until('a reading of the allocator', PATIENCE_MS, async () => {
        const status = (await fetchStatus(statusAddress)) as BurdockStatus;
        return Date.now() - settled > READING_MS ? status : undefined;
      });
      points.push([runs, hostBytes(read)]);
    }
    // The first step warms up what all runs share.
    const slope = leastSquares(points.slice(1));
    if (slope === undefined) throw new Error('There are too few points for a slope.');
    return slope;
  } finally {
    await child.stop('SIGTERM', PATIENCE_MS);
  }
}

export interface HostBytes {
  runBytes: Slope;
  pendingBytes: number;
  firedBytes: number;
}

export async function measureHostBytes(around: Surroundings): Promise<HostBytes> {
  const runBytes = await slopeWith(0, 1, around);
  const ofTimer = async (timeoutMs: number): Promise<number> => {
    const { slope } = await slopeWith(TIMERS_OF_RUN, timeoutMs, around);
    return (slope - runBytes.slope) / TIMERS_OF_RUN;
  };
  return { runBytes, pendingBytes: await ofTimer(HOUR_MS), firedBytes: await ofTimer(1) };
}
