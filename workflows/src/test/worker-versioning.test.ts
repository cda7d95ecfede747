/** Versions of a worker, as the server routes workflows to them and as histories show them. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { until } from '../support/poll';
import { versionedAutoUpgrade, versionedByWorker, versionedGo, versionedPinned } from '../workflows/testing';
import { PATIENCE_MS, flavour, useSuite } from './harness';
import { eventsOf, historyOf } from './history';

const { RoutingConfigUpdateState, VersioningBehavior } = temporal.api.enums.v1;
const ROUTED = RoutingConfigUpdateState.ROUTING_CONFIG_UPDATE_STATE_COMPLETED;
const suite = useSuite();

interface Deployment {
  name: string;
  taskQueue: string;
}

function newDeployment(): Deployment {
  const id = randomUUID();
  return { name: `chat-${id}`, taskQueue: `versions-${id}` };
}

async function startVersion(deployment: Deployment, buildId: string, behavior: string): Promise<void> {
  const version = ['--deployment-name', deployment.name, '--build-id', buildId, '--use-worker-versioning'];
  const extraFlags = [...version, '--default-versioning-behavior', behavior];
  await suite.startWorker({ taskQueue: deployment.taskQueue, extraFlags });
  // The server knows a version once its worker has polled.
  await until(`version ${buildId} to become the current one`, PATIENCE_MS, () =>
    suite.client.workflowService.setWorkerDeploymentCurrentVersion({
      namespace: 'default',
      deploymentName: deployment.name,
      buildId,
    })
  );
  // Its task queues hear of it a little later.
  await until(`version ${buildId} to be routed to`, 2 * PATIENCE_MS, async () => {
    const request = { namespace: 'default', deploymentName: deployment.name };
    const { workerDeploymentInfo } = await suite.client.workflowService.describeWorkerDeployment(request);
    return workerDeploymentInfo?.routingConfigUpdateState === ROUTED ? true : undefined;
  });
}

/** Behaviour and build id of each completed workflow task. */
async function tasksOf(handle: WorkflowHandle): Promise<[string, string][]> {
  return eventsOf(await historyOf(handle), 'WORKFLOW_TASK_COMPLETED').map((event) => {
    const attributes = event.workflowTaskCompletedEventAttributes;
    const behavior = VersioningBehavior[attributes?.versioningBehavior ?? 0] ?? '';
    return [behavior.replace(/^VERSIONING_BEHAVIOR_/, ''), attributes?.deploymentVersion?.buildId ?? ''];
  });
}

describe('worker versioning', { concurrency: true, skip: flavour === 'node' }, () => {
  it("a history shows the worker's version and behaviour", async () => {
    const deployment = newDeployment();
    await startVersion(deployment, '1', 'auto-upgrade');
    const handle = await suite.start(versionedByWorker, [], { taskQueue: deployment.taskQueue });
    await handle.signal(versionedGo);
    assert.deepEqual(await handle.result(), ['1', '1']);
    const [completed] = eventsOf(await historyOf(handle), 'WORKFLOW_TASK_COMPLETED');
    const attributes = completed?.workflowTaskCompletedEventAttributes;
    assert.equal(attributes?.deploymentVersion?.deploymentName, deployment.name);
    for (const task of await tasksOf(handle)) assert.deepEqual(task, ['AUTO_UPGRADE', '1']);
  });

  it('a new version takes over workflows that upgrade, and leaves those that are pinned', async () => {
    const deployment = newDeployment();
    const { taskQueue } = deployment;
    await startVersion(deployment, '1', 'pinned');
    const [byWorker, upgrading] = await Promise.all([
      suite.start(versionedByWorker, [], { taskQueue }),
      suite.start(versionedAutoUpgrade, [], { taskQueue }),
    ]);
    const firstTask = (handle: WorkflowHandle): Promise<true> =>
      until('the first task', PATIENCE_MS, async () => ((await tasksOf(handle)).length > 0 ? true : undefined));
    await Promise.all([firstTask(byWorker), firstTask(upgrading)]);
    await startVersion(deployment, '2', 'auto-upgrade');
    await Promise.all([byWorker.signal(versionedGo), upgrading.signal(versionedGo)]);
    assert.deepEqual(await byWorker.result(), ['1', '1']);
    assert.deepEqual(await upgrading.result(), ['1', '2']);
    assert.deepEqual((await tasksOf(byWorker)).at(-1), ['PINNED', '1']);
    assert.deepEqual((await tasksOf(upgrading)).at(-1), ['AUTO_UPGRADE', '2']);
  });

  it("a workflow's own behaviour wins over the worker's", async () => {
    const deployment = newDeployment();
    await startVersion(deployment, '1', 'auto-upgrade');
    const handle = await suite.start(versionedPinned, [], { taskQueue: deployment.taskQueue });
    await handle.signal(versionedGo);
    await handle.result();
    for (const task of await tasksOf(handle)) assert.deepEqual(task, ['PINNED', '1']);
  });
});
