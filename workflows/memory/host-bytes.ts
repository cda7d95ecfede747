/**
 * What a cached run costs outside of its isolate: sdk-core's state machines and the worker's own books, as blocks of
 * `malloc`. The two constants of `worker/src/governor/host_bytes.rs` are what this measures.
 */
import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { ManagedChild } from '../src/support/child';
import { concurrently } from '../src/support/concurrently';
import { until } from '../src/support/poll';
import { freePort } from '../src/support/ports';
import { type BurdockStatus, fetchStatus, isReady } from '../src/support/status';
import { burdockProgram } from '../src/support/temporal';
import { type BundleName, bundleOf } from './bundles';
import { type Slope, leastSquares } from './statistics';
import type { Surroundings } from './surroundings';

const STEPS = 6;
const RUNS_PER_STEP = 100;
const TIMERS_OF_RUN = 40;
const MESSAGES_TO_RUN = 20;
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

/** What runs do before they wait. */
interface Kind {
  bundle: BundleName;
  type: string;
  args: unknown[];
  /** After they have started. */
  then?: (run: WorkflowHandle) => Promise<unknown>;
}

/** Host bytes against the number of cached runs. */
async function slopeOf({ bundle, type, args, then }: Kind, { address, client }: Surroundings): Promise<Slope> {
  const { file } = await bundleOf(bundle);
  const taskQueue = `host-bytes-${randomUUID()}`;
  const statusAddress = `127.0.0.1:${await freePort()}`;
  const flags = {
    bundle: file,
    'task-queue': taskQueue,
    address,
    'status-addr': statusAddress,
    'max-cached-workflows': '10000',
  };
  const child = new ManagedChild('burdock', burdockProgram(), [
    'worker',
    ...Object.entries(flags).flatMap(([key, value]) => [`--${key}`, value]),
  ]);
  try {
    await until('the worker', PATIENCE_MS, async () => ((await isReady(statusAddress)) ? true : undefined));
    const points: [number, number][] = [];
    for (let step = 1; step <= STEPS; step += 1) {
      await concurrently(
        Array.from({ length: RUNS_PER_STEP }, (_, n) => n),
        LANES,
        async (n) => {
          const run = await client.workflow.start(type, {
            taskQueue,
            workflowId: `host-${step}-${n}-${taskQueue}`,
            args,
          });
          await then?.(run);
        }
      );
      const runs = step * RUNS_PER_STEP;
      const settled = await until(`${runs} cached runs`, PATIENCE_MS, async () => {
        const status = (await fetchStatus(statusAddress)) as BurdockStatus;
        return status.numCachedWorkflows === runs && status.numInFlightWorkflowActivations === 0
          ? Date.now()
          : undefined;
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

const timers = (count: number, timeoutMs: number): Kind => ({
  bundle: 'hold-state',
  type: 'setsTimers',
  args: [count, timeoutMs],
});

/** Runs that get `count` updates, or signals, one after the other. */
function told(how: 'update' | 'signal', count: number): Kind {
  const tell = (run: WorkflowHandle): Promise<unknown> =>
    how === 'update' ? run.executeUpdate('pokeAndGet', { args: [1] }) : run.signal('poke', 1);
  const then = async (run: WorkflowHandle): Promise<void> => {
    for (let n = 0; n < count; n += 1) await tell(run);
  };
  return { bundle: 'w1', type: 'tiny', args: [1], then };
}

/** Bytes by what happened to a run, each beyond those of the run itself. */
export interface HostBytes {
  run: Slope;
  pendingTimer: number;
  firedTimer: number;
  update: number;
  signal: number;
}

export async function measureHostBytes(around: Surroundings): Promise<HostBytes> {
  const beyond = async (base: Slope, kind: Kind, count: number): Promise<number> =>
    ((await slopeOf(kind, around)).slope - base.slope) / count;
  const run = await slopeOf(timers(0, 1), around);
  const tiny = await slopeOf(told('signal', 0), around);
  return {
    run,
    pendingTimer: await beyond(run, timers(TIMERS_OF_RUN, HOUR_MS), TIMERS_OF_RUN),
    firedTimer: await beyond(run, timers(TIMERS_OF_RUN, 1), TIMERS_OF_RUN),
    update: await beyond(tiny, told('update', MESSAGES_TO_RUN), MESSAGES_TO_RUN),
    signal: await beyond(tiny, told('signal', MESSAGES_TO_RUN), MESSAGES_TO_RUN),
  };
}
