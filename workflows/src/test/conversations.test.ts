/** The demo's workflows: their messages one by one, and a thousand of them together. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { concurrently } from '../support/concurrently';
import { endCallManager, letThingsHappen, readBack, startCallManager, startConversation } from '../demo/conversations';
import { planOf } from '../demo/plan';
import { conversation } from '../workflows';
import { editNextMessage, replyReceived } from '../workflows/messages';
import { useSuite } from './harness';

const COUNT = 1_000;
const CONCURRENCY = 60;
const suite = useSuite();
before(() => suite.startWorker({ maxCachedWorkflows: 2 * COUNT }));

describe('a conversation', { concurrency: true }, () => {
  it('without a call manager ends with a person', async () => {
    const input = { leadId: 'lonely-1', callManagerId: 'nobody' };
    const handle = await suite.start(conversation, [input]);
    await handle.signal(replyReceived, { text: 'yes' });
    const { outcome, path } = await handle.result();
    assert.deepEqual([outcome, path.at(-2)], ['needsHuman', 'call']);
  });

  it('refuses a campaign that leads nowhere', async () => {
    const campaign = { name: 'broken', start: 'x', nodes: {} };
    const handle = await suite.start(conversation, [{ leadId: 'broken-1', campaign }]);
    await assert.rejects(handle.result(), (err: Error) => /start names the node 'x'/.test(String(err.cause)));
  });

  it('tells how an edited message will go out', async () => {
    const handle = await suite.start(conversation, [{ leadId: 'edited-1' }]);
    const edited = await handle.executeUpdate(editNextMessage, { args: [{ body: 'Short.' }] });
    assert.equal(edited.body, 'Short.');
    await handle.terminate();
  });
});

describe('many conversations', () => {
  it(`${COUNT} of them reach their expected state`, async () => {
    const run = `many-${suite.taskQueue.slice(-8)}`;
    const plans = Array.from({ length: COUNT }, (_, index) => planOf(run, index));
    const managerId = plans[0]?.input.callManagerId ?? '';
    await startCallManager(suite.client, suite.taskQueue, managerId);
    const differences = await concurrently(plans, CONCURRENCY, async (plan) => {
      await startConversation(suite.client, suite.taskQueue, plan);
      await letThingsHappen(suite.client, plan);
      return readBack(suite.client, plan);
    });
    assert.deepEqual(differences.flat(), []);
    const calls = await endCallManager(suite.client, managerId);
    const expectedCalls = plans.filter((plan) => plan.expected.history.calls > 0).length;
    assert.deepEqual([calls.booked + calls.voicemail, calls.failed, calls.pending], [expectedCalls, 0, 0]);
    assert.ok(calls.runs > 1, 'the call manager continued as new');
  });
});
