import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nexusCancelled, nexusCompletes, nexusFails } from '../../workflows/testing';
import type { Suite } from '../harness';
import { typesOf } from '../history';
import type { Coverage } from './coverage';

/** Registers an endpoint that routes to a Node worker with the tests' Nexus service. */
async function openEndpoint(suite: Suite): Promise<string> {
  const taskQueue = `${suite.taskQueue}-nexus`;
  await suite.startWorker({ taskQueue, flavour: 'node', nexus: true, bundle: null, workflowSlots: 0 });
  const name = `burdock-${taskQueue.slice(-42)}`;
  const target = { worker: { namespace: 'default', taskQueue } };
  await suite.client.connection.operatorService.createNexusEndpoint({ spec: { name, target } });
  return name;
}

export function nexusCases(suite: Suite, coverage: Coverage): void {
  describe('Nexus operations', () => {
    it('complete, fail, and are cancelled', async () => {
      const endpoint = await openEndpoint(suite);
      const completed = await suite.execute(nexusCompletes, endpoint);
      assert.deepEqual(completed.result, { text: 'hello, Nexus' });
      assert.ok(typesOf(completed.events).has('NEXUS_OPERATION_COMPLETED'));
      coverage.addHistory(completed.events);
      coverage.witness('job.resolveNexusOperation', 'job.resolveNexusOperationStart');

      const failed = await suite.execute(nexusFails, endpoint);
      assert.equal(failed.result?.name, 'NexusOperationFailure');
      assert.match(failed.result?.cause?.message ?? '', /no greeting for Nexus/);
      assert.ok(typesOf(failed.events).has('NEXUS_OPERATION_FAILED'));

      const cancelled = await suite.execute(nexusCancelled, endpoint);
      assert.equal(cancelled.result.token, true);
      assert.equal(cancelled.result.error?.cancelled, true);
      assert.ok(typesOf(cancelled.events).has('NEXUS_OPERATION_CANCELED'));
      coverage.addHistory(cancelled.events);
    });
  });
}
