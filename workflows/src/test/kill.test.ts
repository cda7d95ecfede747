/** A worker that dies takes nothing with it: the next one continues from the history. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { it } from 'node:test';
import { conversation } from '../workflows';
import { replyReceived } from '../workflows/messages';
import { activityHeartbeats, add, counter, finish } from '../workflows/testing';
import { until } from '../support/poll';
import { PATIENCE_MS, useSuite } from './harness';
import { historyOf, typesOf } from './history';

const COUNT = 10;
const suite = useSuite();

it('workflows of a killed worker continue on the next one', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'burdock-kill-'));
  const activityStore = path.join(folder, 'conversations.db');
  const first = await suite.startWorker({ activityStore });
  const counters = await Promise.all(Array.from({ length: COUNT }, (_, i) => suite.start(counter, [i])));
  await Promise.all(counters.map((handle) => handle.signal(add, 1000)));
  const talks = await Promise.all(
    Array.from({ length: COUNT }, (_, i) => suite.start(conversation, [{ leadId: `kill-${i}` }]))
  );
  const busy = await suite.start(activityHeartbeats, [3_000]);
  await first.statusWhere('all workflows in the cache', ({ numCachedWorkflows }) => numCachedWorkflows > 2 * COUNT);
  await until('the activity to be under way', PATIENCE_MS, async () => {
    const { raw } = await busy.describe();
    return raw.pendingActivities?.some((activity) => activity.lastHeartbeatTime) || undefined;
  });
  await first.kill();

  // What arrives while no worker is there waits on the server.
  await Promise.all(counters.map((handle) => handle.signal(add, 100)));
  await Promise.all(talks.map((handle) => handle.signal(replyReceived, { text: 'No, stop this.' })));
  const next = await suite.startWorker({ activityStore });

  await Promise.all(counters.map((handle) => handle.signal(finish)));
  const sums = await Promise.all(counters.map(async (handle) => (await handle.result()).sum));
  assert.deepEqual(
    sums,
    Array.from({ length: COUNT }, (_, i) => i + 1100)
  );
  for (const handle of talks) {
    const { outcome, path } = await handle.result();
    assert.deepEqual([outcome, path], ['declined', ['hello', 'firstReply', 'declined']]);
  }
  assert.ok((await busy.result()).waitedMs >= 3_000);
  assert.ok(!typesOf(await historyOf(busy)).has('WORKFLOW_TASK_FAILED'));
  await next.stop();
  rmSync(folder, { recursive: true });
});
