/** A burst of runs that hold buffers, for a worker that is alone in a memory control group or has a limit of its own. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { burdockProgram } from '../src/support/temporal';
import { ManagedChild } from '../src/support/child';
import { freePort } from '../src/support/ports';
import { until } from '../src/support/poll';
import { type BurdockStatus, fetchStatus, isReady } from '../src/support/status';
import { bundleOf } from './bundles';
import { MemoryGroup } from './cgroup';
import { lastLinesOf } from './worker';
import type { BufferKind } from './workflows/buffers';

export interface BurstOptions {
  client: Client;
  address: string;
  limitBytes: number;
  /** Whether the limit is that of a control group, which kills, or the setting alone. */
  isGroup: boolean;
  kind: BufferKind;
  bytes: number;
  runs: number;
  /** Runs that are started at once, every 100 ms. */
  each: number;
}

export interface BurstResult {
  peakRssBytes: number;
  oomKills: number;
  /** Whether the worker was there to the end, and what it said last if it was not. */
  isAlive: boolean;
  lastLines: string[];
  refusedTasks: number;
  evictions: Record<string, number>;
  /** Runs that held their buffer at some time. */
  held: number;
}

const PAUSE_MS = 100;
/** After the burst: what waits is handed out again and again. */
const AFTERMATH_MS = 3_000;
const START_MS = 60_000;
const LANES = 20;

/** The most that the process ever had resident, by the kernel's word; the last answer before it was gone. */
function peakOf(pid: number): number {
  try {
    const [, kib = '0'] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kib) * 1024;
  } catch {
    return 0;
  }
}

async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const left = [...items];
  const lane = async (): Promise<void> => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item).catch(() => undefined);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

export async function runBurst(options: BurstOptions): Promise<BurstResult> {
  const { client, address, limitBytes, kind, bytes } = options;
  const { file } = await bundleOf('buffers');
  const taskQueue = `burst-${randomUUID()}`;
  const statusAddress = `127.0.0.1:${await freePort()}`;
  const group = options.isGroup ? MemoryGroup.create(limitBytes) : undefined;
  const limit = options.isGroup ? [] : [`--memory-limit=${limitBytes >> 20}MiB`];
  const given = { bundle: file, 'task-queue': taskQueue, address, 'status-addr': statusAddress, isolates: 2 };
  const flags = ['worker', ...Object.entries(given).map(([name, value]) => `--${name}=${value}`), ...limit];
  const command = group?.command(burdockProgram(), flags) ?? { program: burdockProgram(), args: flags };
  const child = new ManagedChild('burdock', command.program, command.args);
  const handles: WorkflowHandle[] = [];
  let peakRssBytes = 0;
  const watch = setInterval(() => (peakRssBytes = Math.max(peakRssBytes, peakOf(child.pid))), 20);
  try {
    await until('burdock to be ready', START_MS, async () =>
      !child.isRunning || (await isReady(statusAddress)) ? true : undefined
    );
    const start = async (): Promise<unknown> =>
      handles.push(
        await client.workflow.start('holdBuffer', {
          taskQueue,
          workflowId: `burst-${randomUUID()}`,
          args: [kind, bytes, bytes],
        })
      );
    const begun: Promise<unknown>[] = [];
    for (let n = 0; n < options.runs && child.isRunning; n += options.each) {
      begun.push(...Array.from({ length: Math.min(options.each, options.runs - n) }, start));
      await delay(PAUSE_MS);
    }
    await Promise.all(begun);
    await Promise.race([delay(AFTERMATH_MS), child.exited]);
    const isAlive = child.isRunning;
    const status = isAlive ? ((await fetchStatus(statusAddress)) as BurdockStatus) : undefined;
    let held = 0;
    await inLanes(handles, async (handle) => {
      const { historyLength } = await handle.describe();
      const history = historyLength < 4 ? undefined : await handle.fetchHistory();
      if (history?.events?.some((event) => event.workflowTaskCompletedEventAttributes)) held += 1;
    });
    // Not asked to end: what is in flight would have to be finished.
    if (child.isRunning) await child.stop('SIGKILL', START_MS).catch(() => undefined);
    const oomKills = group?.read().oomKills ?? 0;
    const lastLines = isAlive ? [] : lastLinesOf(child);
    return {
      peakRssBytes,
      oomKills,
      isAlive,
      lastLines,
      refusedTasks: status?.refusedTasks ?? 0,
      evictions: status?.evictions ?? {},
      held,
    };
  } finally {
    clearInterval(watch);
    if (child.isRunning) await child.stop('SIGKILL', START_MS).catch(() => undefined);
    await inLanes(handles, (handle) => handle.terminate());
    await group?.close();
  }
}
