/** Runs whose state grows by a known amount with each workflow task, past every budget. */
import { sleep } from '@temporalio/workflow';

/** What the state grows by each time. */
const STEP_BYTES = 6 << 20;
const STEPS = 200;

const shape = {
  objects: (n: number): unknown => Array.from({ length: STEP_BYTES / 48 }, (_, at) => ({ at, n })),
  // Through JSON, which makes each text of its own; a padded one shares its padding with the others.
  strings: (n: number): unknown =>
    JSON.parse(JSON.stringify(Array.from({ length: STEP_BYTES / 1024 }, (_, at) => `${n} ${at}`.padEnd(1_000)))),
  maps: (n: number): unknown => new Map(Array.from({ length: STEP_BYTES / 64 }, (_, at) => [at + 0.5, n])),
  buffers: (n: number): unknown => new Uint8Array(STEP_BYTES).fill(n + 1),
};

export type Growth = keyof typeof shape;
export const growths = Object.keys(shape) as Growth[];

/** Holds `STEP_BYTES` more after each timer. */
export async function outgrowsBudget(how: Growth): Promise<number> {
  const kept: unknown[] = [];
  while (kept.length < STEPS) {
    kept.push(shape[how](kept.length));
    await sleep(20);
  }
  return kept.length;
}
