/** Runs over `workflow-memory-budget`: reported, then kept, evicted or failed, and parked when they cannot fit. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HealthyRun } from '../../memory/healthy';
import { outgrowsBudget } from '../../memory/workflows/growth';
import { until } from '../support/poll';
import { PATIENCE_MS, flavour, useSuite } from './harness';
import { eventsOf, historyOf, taskFailure } from './history';
import { type MemoryWorker, startMemoryWorker, statusWhere } from './memory-workers';

const suite = useSuite();

function budgetWorker(policy: string, ...more: string[]): Promise<MemoryWorker> {
  return startMemoryWorker(suite, 'mixed', [
    '--workflow-memory-budget=20MiB',
    `--workflow-memory-budget-policy=${policy}`,
    ...more,
  ]);
}

function neighbourOn({ taskQueue, worker }: MemoryWorker): Promise<HealthyRun> {
  return HealthyRun.start({ client: suite.client, taskQueue, gone: worker.child.exited }, 'typical', 1);
}

/** The finding names the type, the id, the size and what grew. */
function findingOf(workflowId: string): RegExp {
  return new RegExp(
    `outgrowsBudget.*${workflowId}.* holds .*MiB, more than .workflow-memory-budget. .*(heap|array buffers) grew by`
  );
}

describe('a run over its budget', { skip: flavour === 'node' ? 'this is about burdock' : false }, () => {
  it('is reported and kept by the policy warn', async () => {
    const on = await budgetWorker('warn');
    const run = await suite.start(outgrowsBudget, ['objects'], on);
    await until('the warning', PATIENCE_MS, async () =>
      findingOf(run.workflowId).test(on.worker.output) ? true : undefined
    );
    const timers = eventsOf(await historyOf(run), 'TIMER_FIRED').length;
    await until('the run to go on', PATIENCE_MS, async () => {
      const events = await historyOf(run);
      assert.deepEqual(eventsOf(events, 'WORKFLOW_TASK_FAILED'), []);
      return eventsOf(events, 'TIMER_FIRED').length > timers + 2 ? true : undefined;
    });
    await run.terminate();
    await on.worker.stop();
  });

  it('fails its task by the policy fail-task, and its neighbour goes on', async () => {
    const on = await budgetWorker('fail-task');
    const neighbour = await neighbourOn(on);
    await neighbour.poke(1);
    const run = await suite.start(outgrowsBudget, ['buffers'], on);
    const { message } = await taskFailure(run, findingOf(run.workflowId));
    assert.match(message ?? '', /time 1 of 3\); keep less in its variables/, 'what to do');
    await neighbour.poke(2);
    await run.terminate();
    await neighbour.finish();
    await on.worker.stop();
  });

  it('is evicted by the policy evict, and parked when it cannot fit', async () => {
    const on = await budgetWorker('evict', '--workflow-memory-budget-tries=1');
    const neighbour = await neighbourOn(on);
    await neighbour.poke(1);
    const run = await suite.start(outgrowsBudget, ['maps'], on);
    const { message } = await taskFailure(run, findingOf(run.workflowId));
    assert.match(message ?? '', /after 1 tries, so that this worker no longer tries its tasks; reset or terminate it/);
    const status = await statusWhere(on.worker, 'the run to be parked', ({ parkedRuns }) => parkedRuns === 1);
    assert.ok((status.evictions['workflow_budget'] ?? 0) >= 1, JSON.stringify(status.evictions));
    assert.match(status.diagnosis ?? '', /parked/);
    assert.match(await on.worker.metrics(), /^burdock_parked_workflows 1$/m);
    assert.match(on.worker.output, /it is evicted/);
    await neighbour.poke(2);
    await run.terminate();
    await neighbour.finish();
    await on.worker.stop();
  });
});
