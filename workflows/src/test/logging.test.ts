/** What workflows print reaches the worker's output once, however often they replay. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { writesLines } from '../workflows/testing';
import { flavour, useSuite } from './harness';

const suite = useSuite();

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

describe('console and log', { concurrency: true }, () => {
  for (const maxCachedWorkflows of [0, 100]) {
    it(`each line appears once with ${maxCachedWorkflows} cached workflows`, async () => {
      const taskQueue = `logging-${randomUUID()}`;
      const worker = await suite.startWorker({ taskQueue, maxCachedWorkflows });
      const marker = `marker-${randomUUID()}`;
      const handle = await suite.start(writesLines, [marker], { taskQueue });
      await handle.result();
      await worker.stop();
      // Burdock keeps standard output for machines; Node prints `console.log` there.
      const text = flavour === 'node' ? worker.output : worker.child.stderr;
      for (const line of ['console before', 'log before', 'console after', 'log after']) {
        assert.equal(count(text, `${marker} ${line}`), 1, `${line} in:\n${text}`);
      }
      assert.match(text, new RegExp(`\\[writesLines\\(${handle.workflowId}\\)\\].*${marker} console before`));
      assert.match(text, /green/, 'the attributes of a log line');
      assert.match(text, /nowhere/, 'an unregistered sink is named');
    });
  }
});
