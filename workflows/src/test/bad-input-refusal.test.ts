/** Servers that answer no: trying again would not help. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TEST_BUNDLE } from '../tools/bundles';
import { EXIT, burdock, complaintOf, group, says, workerFlags } from './bad-input/command';
import { grpcServer } from './bad-input/servers';
import { useSuite } from './harness';

const UNAUTHENTICATED = 16;
const PERMISSION_DENIED = 7;
const API_KEY = 'hush-hush';

const suite = useSuite();

describe('a server refuses', group, () => {
  it('a namespace that it does not have', async () => {
    const flags = { bundle: TEST_BUNDLE, address: suite.address, namespace: 'no-such-namespace' };
    const complaint = await complaintOf(burdock(workerFlags(flags)), EXIT.refused);
    says(complaint, suite.address, 'refused the worker', 'no-such-namespace is not found', 'check `namespace`');
  });

  for (const [name, status] of Object.entries({ UNAUTHENTICATED, PERMISSION_DENIED })) {
    it(`the connection, with ${name}`, async () => {
      const server = await grpcServer(() => status);
      const child = burdock(workerFlags({ bundle: TEST_BUNDLE, address: server.address }));
      const complaint = await complaintOf(child, EXIT.refused);
      says(complaint, server.address, 'refused the worker', 'no entry', '`api-key`');
      assert.doesNotMatch(child.stderr, /trying again/);
    });

    it(`the namespace, with ${name}`, async () => {
      const server = await grpcServer((method) => (method === 'DescribeNamespace' ? status : undefined));
      const child = burdock(workerFlags({ bundle: TEST_BUNDLE, address: server.address }));
      const complaint = await complaintOf(child, EXIT.refused);
      says(complaint, server.address, 'refused the worker', 'no entry', '`namespace`', '`api-key`');
      assert.ok(server.calls.some(({ method }) => method === 'DescribeNamespace'));
    });
  }

  it('an API key, which is sent and never printed', async () => {
    const server = await grpcServer(() => UNAUTHENTICATED);
    const flags = { bundle: TEST_BUNDLE, address: server.address, tls: 'false' };
    const child = burdock(workerFlags(flags), { TEMPORAL_API_KEY: API_KEY });
    says(await complaintOf(child, EXIT.refused), '`api-key`');
    assert.equal(server.calls[0]?.authorization, `Bearer ${API_KEY}`);
    assert.ok(!child.output.includes(API_KEY), child.tail());
  });
});
