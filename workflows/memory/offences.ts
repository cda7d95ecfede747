/** What misbehaving runs do, and how each has to end. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { eventsOf, historyOf } from '../src/test/history';
import { growths } from './workflows/growth';
import { type LeapName, plainLeaps } from './workflows/leaps';
import { loops } from './workflows/loops';

export type OffenceKind = 'leap' | 'loop' | 'growth';

export interface Offence {
  kind: OffenceKind;
  workflow: string;
  how: string;
  /** Further arguments of the workflow, after `how`. */
  args?: readonly unknown[];
  /** The failure of its workflow task has to match this. */
  expected: RegExp;
}

const MEMORY = /max-heap-per-isolate|workflow-memory-budget|memory-limit/;
const DEADLINE = /TMPRL1101/;

/** A leap in an isolate whose heap has so many bytes; absent: in any. */
export function leapOffence(how: LeapName, heapBytes?: number): Offence {
  const args = heapBytes === undefined ? [] : [heapBytes];
  return { kind: 'leap', workflow: 'leapsIntoMemory', how, args, expected: MEMORY };
}

const leapOffences = plainLeaps.map((how) => leapOffence(how));
const loopOffences = loops.map((how): Offence => ({ kind: 'loop', workflow: 'neverYields', how, expected: DEADLINE }));
/** In an isolate that others fill, the heap may be full before the budget is. */
const growthOffences = growths.map(
  (how): Offence => ({
    kind: 'growth',
    workflow: 'outgrowsBudget',
    how,
    expected: /workflow-memory-budget|max-heap-per-isolate/,
  })
);

/**
 * The plain leaps and all others, kinds in turn, so that any stretch has some of each. Under a short deadline a leap may meet that first,
 * and either ending is one that the documents name.
 */
export const allOffences: readonly Offence[] = leapOffences.flatMap((ofMemory, at) => {
  const leap = { ...ofMemory, expected: new RegExp(`${MEMORY.source}|${DEADLINE.source}`) };
  const other = at % 2 === 0 ? loopOffences[at / 2] : growthOffences[(at - 1) / 2];
  return other === undefined ? [leap] : [leap, other];
});
const all = leapOffences.length + loopOffences.length + growthOffences.length;
if (allOffences.length !== all) throw new Error(`Only ${allOffences.length} of ${all} offences have a turn.`);

/** What became of one offence. */
export type Verdict = 'contained' | 'other failure' | 'no failure' | 'ended' | 'worker gone';

export interface OffenceOutcome {
  kind: OffenceKind;
  how: string;
  /** From the start of the run to the failure that the history shows, or until the driver gave up. */
  tookMs: number;
  verdict: Verdict;
  /** Of the first failed workflow task. */
  message: string | null;
}

const LOOK_EVERY_MS = 60;
/** Only the worker may end a task here: one that timed out on the server would hide the failure that follows. */
const TASK_TIMEOUT = '2 minutes';

/** The first failed workflow task of the run, its end, or neither. */
async function look(client: Client, workflowId: string): Promise<{ message?: string; ended: boolean }> {
  const events = await historyOf(client.workflow.getHandle(workflowId));
  const failed = eventsOf(events, 'WORKFLOW_TASK_FAILED')[0];
  const ends = ['WORKFLOW_EXECUTION_COMPLETED', 'WORKFLOW_EXECUTION_FAILED'];
  const ended = ends.some((type) => eventsOf(events, type).length > 0);
  const message = failed?.workflowTaskFailedEventAttributes?.failure?.message;
  return failed === undefined ? { ended } : { message: message ?? '', ended };
}

/**
 * Runs one offender until the history of that very run tells how it was stopped, and terminates it. `isWorkerUp` is
 * asked all the time: without a worker there is nothing to wait for.
 */
export async function commit(
  client: Client,
  taskQueue: string,
  { kind, workflow, how, args = [], expected }: Offence,
  isWorkerUp: () => boolean,
  timeoutMs: number
): Promise<OffenceOutcome> {
  const began = performance.now();
  const workflowId = `${workflow}-${how}-${randomUUID()}`;
  const handle = await client.workflow.start(workflow, {
    taskQueue,
    workflowId,
    args: [how, ...args],
    workflowTaskTimeout: TASK_TIMEOUT,
  });
  const outcome = (verdict: Verdict, message: string | null = null): OffenceOutcome => {
    return { kind, how, tookMs: Math.round(performance.now() - began), verdict, message };
  };
  try {
    while (performance.now() - began < timeoutMs) {
      if (!isWorkerUp()) return outcome('worker gone');
      const { message, ended } = await look(client, workflowId);
      if (message !== undefined) return outcome(expected.test(message) ? 'contained' : 'other failure', message);
      if (ended) return outcome('ended');
      await delay(LOOK_EVERY_MS);
    }
    return outcome('no failure');
  } finally {
    await handle.terminate('the offence was seen').catch(() => undefined);
  }
}
