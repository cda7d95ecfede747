/** `npm run demo`: 300 conversations from start to end, and what each costs while it waits. */
import { parseArgs } from 'node:util';
import type { Client } from '@temporalio/client';
import { concurrently } from '../support/concurrently';
import { fetchStatus, type WorkerStatus } from '../support/status';
import { connect, requireBurdock } from '../support/temporal';
import { until } from '../support/poll';
import {
  endCallManager,
  letThingsHappen,
  readBack,
  startCallManager,
  startConversation,
  waitsForReply,
} from './conversations';
import { type Dev, TASK_QUEUE, startDev } from './dev';
import { type Plan, planOf } from './plan';
import { Progress } from './progress';
import { type Stage, formatStages, slopeKibPerWorkflow, stageOf } from './table';

const STAGES = [0, 10, 50, 100, 200, 300];
/** Requests of the client that are under way together. */
const CONCURRENCY = 20;
/** The demo gives up then, whatever hangs. */
const TIME_LIMIT_MS = 115_000;
const SETTLE_TIMEOUT_MS = 30_000;

/** The counts at which memory is sampled, up to `count` itself. */
function stageCounts(count: number): number[] {
  return [...new Set([...STAGES.filter((stage) => stage < count), count])];
}

/** Waits until the worker holds `cached` workflows and does nothing else. */
function settled(dev: Dev, cached: number): Promise<WorkerStatus> {
  return until(`${cached} cached workflows at rest`, SETTLE_TIMEOUT_MS, async () => {
    const status = await fetchStatus(dev.statusAddress);
    return status.numCachedWorkflows >= cached && status.numInFlightWorkflowActivations === 0 ? status : undefined;
  });
}

/** Starts the conversations stage by stage; all of them wait for replies when this resolves. */
async function rampUp(dev: Dev, client: Client, plans: Plan[]): Promise<Stage[]> {
  const progress = new Progress('started', plans.length);
  const stages: Stage[] = [];
  let begun = 0;
  for (const count of stageCounts(plans.length)) {
    const batch = plans.slice(begun, count);
    await concurrently(batch, CONCURRENCY, async (plan) => {
      await startConversation(client, TASK_QUEUE, plan);
      progress.advance();
    });
    begun = count;
    await settled(dev, count);
    await concurrently(batch, CONCURRENCY, (plan) => waitsForReply(client, plan));
    stages.push(stageOf(await settled(dev, count)));
  }
  return stages;
}

async function playOut(client: Client, plans: Plan[], managerId: string): Promise<string[]> {
  await startCallManager(client, TASK_QUEUE, managerId);
  const delivered = new Progress('delivered', plans.length);
  await concurrently(plans, CONCURRENCY, async (plan) => {
    await letThingsHappen(client, plan);
    delivered.advance();
  });
  const finished = new Progress('finished', plans.length);
  const differences = await concurrently(plans, CONCURRENCY, async (plan) => {
    const found = await readBack(client, plan);
    finished.advance();
    return found;
  });
  const calls = await endCallManager(client, managerId);
  console.log(
    `calls: ${calls.booked} booked, ${calls.voicemail} voicemail, ${calls.failed} failed, in ${calls.runs} runs`
  );
  return differences.flat();
}

function report(stages: Stage[]): void {
  console.log(`\n${formatStages(stages)}`);
  const show = (name: string, bytes: (stage: Stage) => number): void => {
    const slope = slopeKibPerWorkflow(stages, bytes);
    if (slope !== undefined) console.log(`${name}: ${slope.toFixed(1)} KB per cached workflow`);
  };
  console.log();
  show('RSS', ({ rssBytes }) => rssBytes);
  show('heap used', ({ usedHeapBytes }) => usedHeapBytes);
  show('native', ({ nativeBytes }) => nativeBytes);
}

async function demonstrate(dev: Dev, count: number): Promise<boolean> {
  console.log(
    `server ${dev.address}, status http://${dev.statusAddress}/status${dev.uiAddress ? `, UI http://${dev.uiAddress}` : ''}`
  );
  const client = await connect(dev.address, dev.namespace);
  const run = `demo-${Date.now().toString(36)}`;
  const plans = Array.from({ length: count }, (_, index) => planOf(run, index));
  const managerId = plans[0]?.input.callManagerId ?? '';
  const stages = await rampUp(dev, client, plans);
  const differences = await playOut(client, plans, managerId);
  await client.connection.close();
  report(stages);
  for (const difference of differences.slice(0, 20)) console.error(difference);
  const right = differences.length === 0;
  console.log(
    `\n${right ? `all ${count} conversations reached their expected state` : `${differences.length} differences from the plan`}`
  );
  return right;
}

function countOf(): number {
  const { values } = parseArgs({ options: { count: { type: 'string', default: '300' } } });
  const count = Number(values.count);
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`--count is '${values.count}'; give a whole number from 1.`);
  return count;
}

/** Rejects when the time is up or the user interrupts. */
function interruption(dev: Dev): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setTimeout(() => reject(new Error(`The demo took over ${TIME_LIMIT_MS} ms.`)), TIME_LIMIT_MS);
    timer.unref();
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new Error(`Ended by ${signal}.`)));
    dev.child.exited.then(
      ({ code }) => reject(new Error(`burdock dev ended with ${code}.\n${dev.child.tail()}`)),
      reject
    );
  });
}

async function main(): Promise<number> {
  const count = countOf();
  requireBurdock();
  const dev = await startDev(2 * count + 100);
  const interrupted = interruption(dev);
  interrupted.catch(() => undefined);
  let right: boolean;
  try {
    right = await Promise.race([demonstrate(dev, count), interrupted]);
  } catch (err) {
    console.error(dev.child.tail());
    await dev.child.stop('SIGTERM').catch(() => undefined);
    throw err;
  }
  const { code, signal } = await dev.child.stop('SIGTERM');
  if (code !== 0) {
    console.error(`burdock dev ended with ${code ?? signal} instead of 0.\n${dev.child.tail()}`);
    return 1;
  }
  return right ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (err: unknown) => {
    console.error(err instanceof Error ? err.message : err);
    process.exit(1);
  }
);
