/** Slot suppliers, poller behaviours and the worker's own heartbeats, as the server sees them. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import type { temporal } from '@temporalio/proto';
import { until } from '../support/poll';
import { activitiesInTurn, localActivityCompletes } from '../workflows/testing';
import { PATIENCE_MS, flavour, useSuite } from './harness';

const suite = useSuite();

type Heartbeat = temporal.api.worker.v1.IWorkerHeartbeat;

/** What the worker of a task queue told the server about itself. */
function heartbeatOf(taskQueue: string): Promise<Heartbeat> {
  return until(`a heartbeat of the worker of ${taskQueue}`, PATIENCE_MS, async () => {
    const query = `TaskQueue="${taskQueue}"`;
    const { workersInfo } = await suite.client.workflowService.listWorkers({ namespace: 'default', query });
    return workersInfo?.[0]?.workerHeartbeat ?? undefined;
  });
}

describe('slots and pollers', { concurrency: true, skip: flavour === 'node' }, () => {
  it('follow resources and load when they are told to', async () => {
    const taskQueue = `tuner-${randomUUID()}`;
    const kinds = ['workflow', 'activity', 'local-activity'];
    const extraFlags = [
      ...kinds.flatMap((kind) => [`--${kind}-slot-supplier`, 'resource-based']),
      ...['workflow', 'activity'].flatMap((kind) => [`--${kind}-poller-behavior`, 'autoscaling']),
      ...['--target-memory-usage', '0.99', '--target-cpu-usage', '1', '--worker-heartbeat-interval', '1s'],
    ];
    const worker = await suite.startWorker({ taskQueue, extraFlags });
    const heartbeat = await heartbeatOf(taskQueue);
    assert.equal(heartbeat.workflowTaskSlotsInfo?.slotSupplierKind, 'ResourceBased');
    assert.equal(heartbeat.activityTaskSlotsInfo?.slotSupplierKind, 'ResourceBased');
    assert.equal(heartbeat.localActivitySlotsInfo?.slotSupplierKind, 'ResourceBased');
    assert.equal(heartbeat.workflowPollerInfo?.isAutoscaling, true);
    assert.equal(heartbeat.activityPollerInfo?.isAutoscaling, true);
    const handle = await suite.start(activitiesInTurn, [20], { taskQueue });
    await handle.result();
    assert.match(await worker.metrics(), /resource_slots_mem_usage/);
  });

  it('are of a fixed size otherwise, and the worker says who it is', async () => {
    const taskQueue = `tuner-${randomUUID()}`;
    await suite.startWorker({ taskQueue, extraFlags: ['--worker-heartbeat-interval', '1s'] });
    const heartbeat = await heartbeatOf(taskQueue);
    assert.equal(heartbeat.sdkName, 'temporal-typescript');
    assert.equal(heartbeat.workflowTaskSlotsInfo?.slotSupplierKind, 'Fixed');
    assert.equal(heartbeat.activityPollerInfo?.isAutoscaling, false);
    await (await suite.start(localActivityCompletes, [], { taskQueue })).result();
  });
});
