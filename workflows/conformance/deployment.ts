/** Workers that are a version of a deployment, for the cases of worker versioning. */
import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { until } from '../src/support/poll';

export interface Deployment {
  name: string;
  buildId: string;
}

const { ROUTING_CONFIG_UPDATE_STATE_COMPLETED } = temporal.api.enums.v1.RoutingConfigUpdateState;
const PATIENCE_MS = 60_000;

/** The flags of a worker of this version; workflows that say nothing else upgrade. */
export function deploymentFlags({ name, buildId }: Deployment): string[] {
  const version = ['--deployment-name', name, '--build-id', buildId, '--use-worker-versioning'];
  return [...version, '--default-versioning-behavior', 'auto-upgrade'];
}

/** Makes the version of a worker that polls the current one, and waits until its task queues know. */
export async function makeCurrent(client: Client, { name: deploymentName, buildId }: Deployment): Promise<void> {
  const { namespace } = client.options;
  await until(`version '${buildId}' of '${deploymentName}' to become the current one`, PATIENCE_MS, () =>
    client.workflowService.setWorkerDeploymentCurrentVersion({ namespace, deploymentName, buildId })
  );
  await until(`version '${buildId}' of '${deploymentName}' to be routed to`, PATIENCE_MS, async () => {
    const { workerDeploymentInfo } = await client.workflowService.describeWorkerDeployment({
      namespace,
      deploymentName,
    });
    return workerDeploymentInfo?.routingConfigUpdateState === ROUTING_CONFIG_UPDATE_STATE_COMPLETED || undefined;
  });
}
