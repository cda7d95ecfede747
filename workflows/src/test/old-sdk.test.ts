/** Bundles with older SDKs in them run as those with the newest one. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import type { Workflow } from '@temporalio/client';
import { DIST_DIR, PACKAGE_DIR, writeBundle } from '../tools/bundles';
import type { answers, failsPlainly, shielded, tellsWords } from '../workflows/testing/versions/every-sdk';
import { type TestWorker, flavour, useSuite } from './harness';
import { historyWith, taskFailure } from './history';

/** The old SDKs; package.json installs `@temporalio/workflow` 1.12 as `workflow-1.12`, and so on. */
const OLD = ['1.12', '1.16', '1.20'];

const suite = useSuite();

/** Bundles the same workflows as ever, with an old SDK in the place of the new one. */
async function bundleWith(release: string): Promise<{ bundle: string; version: string }> {
  const workflow = path.join(PACKAGE_DIR, 'node_modules', `workflow-${release}`);
  const common = path.join(workflow, 'node_modules/@temporalio/common');
  const bundle = path.join(DIST_DIR, `sdk-${release}-bundle.js`);
  await writeBundle(path.join(PACKAGE_DIR, 'src/workflows/testing/versions/every-sdk.ts'), bundle, {
    webpackConfigHook: (config) => ({
      ...config,
      resolve: {
        ...config.resolve,
        alias: { ...config.resolve?.alias, '@temporalio/workflow': workflow, '@temporalio/common': common },
      },
    }),
  });
  const { version } = JSON.parse(readFileSync(path.join(workflow, 'package.json'), 'utf8')) as { version: string };
  return { bundle, version };
}

// The Node worker wants a bundle of its own version.
for (const release of OLD) {
  describe(`the SDK ${release}`, { skip: flavour === 'node' }, () => {
    const taskQueue = `${suite.taskQueue}-${release}`;
    let worker: TestWorker;
    let version: string;
    before(async () => {
      const bundled = await bundleWith(release);
      version = bundled.version;
      worker = await suite.startWorker({ taskQueue, bundle: bundled.bundle, isolates: 1 });
    });

    async function start<W extends Workflow>(name: string, ...args: Parameters<W>) {
      const options = { taskQueue, workflowId: `${name}-${randomUUID()}`, args };
      return suite.client.workflow.start<Workflow>(name, options);
    }

    it('is what the bundle carries', async () => {
      assert.ok(version.startsWith(`${release}.`));
      assert.equal((await worker.status()).bundle?.sdkVersion, version);
    });

    it('runs a workflow with timers, activities, children and messages', async () => {
      const run = await start<typeof tellsWords>('tellsWords', 3);
      await run.signal('say', 'alpha');
      assert.equal(await run.executeUpdate('sayAndCount', { args: ['beta'] }), 2);
      assert.equal(await run.query('count'), 2);
      await run.signal('say', 'gamma');
      const words = ['alpha', 'beta', 'gamma'];
      const told = (await run.result()) as Awaited<ReturnType<typeof tellsWords>>;
      assert.deepEqual(told, {
        words,
        echoed: { words, at: '20' },
        child: 'alpha beta gamma!',
        patched: true,
        unique: true,
      });
    });

    // Up to 1.14 the disposal of one run switches off the scopes of all others under the Node worker.
    it('keeps the cancellation scopes of a run when another one ends', async () => {
      const run = await start<typeof shielded>('shielded');
      await historyWith(run, 'WORKFLOW_TASK_COMPLETED');
      const other = await start<typeof answers>('answers', 'done');
      assert.equal(await other.result(), 'done!');
      await run.cancel();
      await run.signal('goOn');
      assert.equal(await run.result(), 'not cancelled');
    });

    it('fails the task of a workflow that throws', async () => {
      const run = await start<typeof failsPlainly>('failsPlainly');
      const failure = await taskFailure(run, /thrown on purpose/);
      assert.match(failure.stackTrace ?? '', /every-sdk\.ts:\d+:\d+/);
      await run.terminate();
    });
  });
}
