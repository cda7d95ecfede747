/**
 * The official Node worker behind the flags of `burdock worker`. It validates the test cases themselves
 * (`BURDOCK_TEST_WORKER=node`), hosts the activities of the migration tests, and the Nexus service.
 */
import { parseArgs } from 'node:util';
import type { ServiceHandler } from 'nexus-rpc';
import { NativeConnection, Runtime, DefaultLogger, Worker, type WorkerOptions } from '@temporalio/worker';
import { freePort } from '../../support/ports';
import { conversationActivities, probeActivities } from './activities';
import { nexusService } from './nexus-service';
import { serveStatus } from './status-server';

/** The exit code of a worker that a second signal ended. */
const INTERRUPTED_TWICE = 130;

const { values: flags } = parseArgs({
  options: {
    bundle: { type: 'string' },
    'task-queue': { type: 'string', default: 'default' },
    address: { type: 'string', default: '127.0.0.1:7233' },
    namespace: { type: 'string', default: 'default' },
    'max-cached-workflows': { type: 'string' },
    isolates: { type: 'string', default: '2' },
    'workflow-slots': { type: 'string', default: '40' },
    'activity-slots': { type: 'string', default: '100' },
    'status-addr': { type: 'string' },
    'workflow-timeout': { type: 'string', default: '5s' },
    'shutdown-grace-time': { type: 'string', default: '10s' },
    // Accepted and ignored, as is the next one: these activities keep their leads in memory.
    'activity-store': { type: 'string' },
    'max-heap-per-isolate': { type: 'string' },
    nexus: { type: 'boolean', default: false },
    services: { type: 'string' },
    'deployment-name': { type: 'string' },
    'build-id': { type: 'string' },
    // Accepted and ignored: a worker with a deployment's name always is a version of it.
    'use-worker-versioning': { type: 'boolean' },
    'default-versioning-behavior': { type: 'string' },
  },
});

const BEHAVIORS = { pinned: 'PINNED', 'auto-upgrade': 'AUTO_UPGRADE' } as const;

/** The deployment that the worker is a version of, if it is one. */
function deployment(): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  const { 'deployment-name': deploymentName, 'build-id': buildId = '' } = flags;
  if (deploymentName === undefined) return {};
  const behavior = BEHAVIORS[flags['default-versioning-behavior'] as keyof typeof BEHAVIORS] ?? 'AUTO_UPGRADE';
  const version = { deploymentName, buildId };
  return { workerDeploymentOptions: { useWorkerVersioning: true, version, defaultVersioningBehavior: behavior } };
}

/** What the module of `--services` exports. */
interface Services {
  activities?: Record<string, (...args: never[]) => Promise<unknown>>;
  nexusServices?: ServiceHandler[];
}

async function loadServices(): Promise<Services> {
  return flags.services === undefined ? {} : ((await import(flags.services)) as Services);
}

function options(
  connection: NativeConnection,
  services: Services
): WorkerOptions & { isolateExecutionTimeout: string } {
  const nexusServices = [...(flags.nexus ? [nexusService] : []), ...(services.nexusServices ?? [])];
  const workflowSlots = Number(flags['workflow-slots']);
  const activitySlots = Number(flags['activity-slots']);
  const hostsWorkflows = workflowSlots > 0 && flags.bundle !== undefined;
  return {
    connection,
    namespace: flags.namespace,
    taskQueue: flags['task-queue'],
    isolateExecutionTimeout: flags['workflow-timeout'],
    workflowThreadPoolSize: Number(flags.isolates),
    shutdownGraceTime: flags['shutdown-grace-time'],
    defaultHeartbeatThrottleInterval: '100ms',
    maxHeartbeatThrottleInterval: '100ms',
    ...(hostsWorkflows ? { workflowBundle: { codePath: flags.bundle ?? '' } } : {}),
    ...(workflowSlots > 0 ? { maxConcurrentWorkflowTaskExecutions: workflowSlots } : {}),
    ...(flags['max-cached-workflows'] ? { maxCachedWorkflows: Number(flags['max-cached-workflows']) } : {}),
    // Local activities run on the worker that hosts the workflow, so they are registered in any case.
    ...(hostsWorkflows || activitySlots > 0
      ? { activities: { ...conversationActivities, ...probeActivities, ...services.activities } }
      : {}),
    ...(activitySlots > 0
      ? { maxConcurrentActivityTaskExecutions: activitySlots }
      : { enableNonLocalActivities: false }),
    ...deployment(),
    ...(nexusServices.length > 0 ? { nexusServices } : {}),
  };
}

async function main(): Promise<void> {
  const metricsPort = await freePort();
  Runtime.install({
    logger: new DefaultLogger('INFO'),
    shutdownSignals: [],
    telemetryOptions: { metrics: { prometheus: { bindAddress: `127.0.0.1:${metricsPort}` } } },
  });
  const connection = await NativeConnection.connect({ address: flags.address });
  const worker = await Worker.create(options(connection, await loadServices()));
  let signals = 0;
  const onSignal = (): void => {
    signals += 1;
    if (signals > 1) process.exit(INTERRUPTED_TWICE);
    worker.shutdown();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  const running = worker.run();
  if (flags['status-addr']) serveStatus(worker, flags['status-addr'], metricsPort);
  await running;
  await connection.close();
}

main().then(
  () => process.exit(0),
  (err: unknown) => {
    console.error(err);
    process.exit(1);
  }
);
