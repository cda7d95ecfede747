/** The processes that a run needs: the dev server, the Node worker for activities, and the workers under test. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Client } from '@temporalio/client';
import { spawnServer, TestWorker } from '../src/test/harness';
import type { ManagedChild } from '../src/support/child';
import { connect } from '../src/support/temporal';
import { clientConverter, writeCaseBundle } from './bundles';
import type { CaseBundle } from './case';
import type { Configuration } from './configuration';
import { deploymentFlags, makeCurrent } from './deployment';
import type { Surroundings } from './environment';

/** Of the types that the server of the tests has none of; `workflows/attribute-keys.ts` has their keys. */
const SEARCH_ATTRIBUTES = [
  'BurdockText=Text',
  'BurdockRatio=Double',
  'BurdockFlag=Bool',
  'BurdockWhen=Datetime',
  'BurdockTags=KeywordList',
];
const DYNAMIC_CONFIG = [
  // Ids are used again at once by the cases of id policies.
  'history.workflowIdReuseMinimalInterval="0s"',
  'frontend.workerVersioningWorkflowAPIs=true',
  'frontend.workerVersioningRuleAPIs=true',
  'system.enableDeploymentVersions=true',
  'system.enableEagerWorkflowStart=true',
  'frontend.enableExecuteMultiOperation=true',
  'system.refreshNexusEndpointsMinWait="0s"',
  'frontend.namespaceCount=20000',
];

/** The version of the workers of deployments. */
const BUILD_ID = 'conformance';

/** What all configurations share. */
export class Ground {
  private readonly bundles = new Map<CaseBundle, Promise<string>>();

  private constructor(
    readonly address: string,
    readonly client: Client,
    readonly activityQueue: string,
    readonly nexusEndpoint: string,
    private readonly server: ManagedChild,
    private readonly activityWorker: TestWorker
  ) {}

  static async open(): Promise<Ground> {
    const flags = DYNAMIC_CONFIG.flatMap((value) => ['--dynamic-config-value', value]);
    const { address, child } = await spawnServer({ searchAttributes: SEARCH_ATTRIBUTES, flags });
    const client = await connect(address);
    const activityQueue = 'conformance-activities';
    const nexusEndpoint = 'conformance-endpoint';
    const activityWorker = await TestWorker.start(address, {
      taskQueue: activityQueue,
      flavour: 'node',
      bundle: null,
      workflowSlots: 0,
      services: path.join(__dirname, 'services.js'),
    });
    const target = { worker: { namespace: 'default', taskQueue: activityQueue } };
    await client.connection.operatorService.createNexusEndpoint({ spec: { name: nexusEndpoint, target } });
    return new Ground(address, client, activityQueue, nexusEndpoint, child, activityWorker);
  }

  /** The bundle's file, written once for the run. */
  bundle(kind: CaseBundle): Promise<string> {
    const file = this.bundles.get(kind) ?? writeCaseBundle(kind);
    this.bundles.set(kind, file);
    return file;
  }

  async close(): Promise<void> {
    await this.activityWorker.stop().catch(() => this.activityWorker.kill());
    await this.client.connection.close();
    await this.server.stop('SIGTERM').catch(() => undefined);
  }
}

/** The workers of one configuration: one process for each bundle, started when a case first needs it. */
export class Fleet {
  private readonly workers = new Map<CaseBundle, Promise<{ worker: TestWorker; surroundings: Surroundings }>>();

  constructor(
    private readonly ground: Ground,
    readonly configuration: Configuration,
    /** More flags of the workers. */
    private readonly flags: readonly string[]
  ) {}

  async surroundings(kind: CaseBundle): Promise<Surroundings> {
    const started = this.workers.get(kind) ?? this.start(kind);
    this.workers.set(kind, started);
    const { worker, surroundings } = await started;
    // Otherwise every further case would hang.
    if (!worker.child.isRunning) throw new Error(`${worker.child.name} ended.\n${worker.child.tail()}`);
    return surroundings;
  }

  async close(): Promise<void> {
    const started = await Promise.allSettled(this.workers.values());
    const workers = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value.worker] : []));
    await Promise.all(workers.map((worker) => worker.stop().catch(() => worker.kill())));
  }

  private async start(kind: CaseBundle): Promise<{ worker: TestWorker; surroundings: Surroundings }> {
    const { subject, maxCachedWorkflows } = this.configuration;
    // As long as any other, so that names do not change the sizes of histories.
    const taskQueue = `conformance-${randomUUID()}`;
    const { address, activityQueue, nexusEndpoint, client } = this.ground;
    const deployment = kind === 'versioned' ? { name: `deployment-${randomUUID()}`, buildId: BUILD_ID } : undefined;
    const worker = await TestWorker.start(address, {
      taskQueue,
      bundle: await this.ground.bundle(kind),
      maxCachedWorkflows,
      flavour: subject === 'node' ? 'node' : 'burdock',
      extraFlags: [...this.flags, ...(deployment ? deploymentFlags(deployment) : [])],
    });
    if (deployment) await makeCurrent(client, deployment);
    const dataConverter = clientConverter(kind);
    const own = dataConverter ? new Client({ connection: client.connection, dataConverter }) : client;
    const names = { [taskQueue]: '<task queue>', ...(deployment ? { [deployment.name]: '<deployment>' } : {}) };
    const cached = maxCachedWorkflows > 0;
    return { worker, surroundings: { client: own, taskQueue, activityQueue, nexusEndpoint, cached, names } };
  }
}
