/** Payload codecs: everything is encrypted between client and worker, and a codec that fails costs a task, not a run. */
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { DIST_DIR, PACKAGE_DIR, writeBundle } from '../tools/bundles';
import { PLAINTEXT, ask, coded, codedFailure, echoFails, look, says, tell } from '../workflows/testing/codecs';
import { CodecServer, type Manner, WebCryptoCodec } from './codec-server';
import { flavour, useSuite } from './harness';
import { eventsOf, historyOf, historyWith, taskFailure, typesOf } from './history';

const suite = useSuite();
const BUNDLE = path.join(DIST_DIR, 'codecs-bundle.js');
const KEY_ID = 'burdock-test-key';
const KEY = randomBytes(32);
const AUTHORIZATION = 'Bearer burdock-test';
// The Node worker's codecs are functions; nothing of these flags is for it.
const skip = flavour === 'node';

const failureConverterPath = require.resolve('../workflows/testing/encoded-failures');
let codec: WebCryptoCodec;
let client: Client;

before(async () => {
  if (skip) return;
  const entry = path.join(PACKAGE_DIR, 'src/workflows/testing/codecs.ts');
  const converter = path.join(PACKAGE_DIR, 'src/workflows/testing/encoded-failures.ts');
  await writeBundle(entry, BUNDLE, { failureConverterPath: converter });
  await suite.open();
  codec = await WebCryptoCodec.create(KEY_ID, KEY);
  const dataConverter = { payloadCodecs: [codec], failureConverterPath };
  client = new Client({ connection: suite.client.connection, dataConverter });
});

/** Whether a text stands anywhere in the bytes of the handle's history. */
async function historyHolds(handle: WorkflowHandle, text: string): Promise<boolean> {
  const bytes = temporal.api.history.v1.History.encode({ events: await historyOf(handle) }).finish();
  return Buffer.from(bytes).includes(text);
}

/** Runs `coded` with everything that a client can send; every part of the result, and what the server holds. */
async function everythingIsCoded(taskQueue: string): Promise<void> {
  const options = { taskQueue, workflowId: `coded-${randomUUID()}`, memo: { note: PLAINTEXT } };
  const started = await client.workflow.start(coded, {
    ...options,
    args: [PLAINTEXT, 1],
    staticSummary: `${PLAINTEXT} summary`,
  });
  const first = client.workflow.getHandle(options.workflowId, started.firstExecutionRunId);
  await historyWith(first, 'WORKFLOW_EXECUTION_CONTINUED_AS_NEW');
  const handle = client.workflow.getHandle<typeof coded>(options.workflowId);
  await handle.signal(tell, `${PLAINTEXT} told`);
  assert.equal(await handle.executeUpdate(ask, { args: [PLAINTEXT] }), `${PLAINTEXT} and ${PLAINTEXT} told`);
  assert.equal(await handle.query(look, PLAINTEXT), `${PLAINTEXT} saw ${PLAINTEXT} told`);
  assert.deepEqual(await handle.result(), {
    told: `${PLAINTEXT} told`,
    memo: { note: PLAINTEXT },
    echoed: PLAINTEXT,
    echoedLocally: PLAINTEXT,
    child: `${PLAINTEXT} of a child`,
    childFailure: { message: `${PLAINTEXT} failed`, details: { text: PLAINTEXT } },
    activityDetail: 2,
  });
  assert.deepEqual((await handle.describe()).memo, { note: PLAINTEXT, changed: PLAINTEXT });

  for (const run of [first, handle]) assert.equal(await historyHolds(run, PLAINTEXT), false, 'plaintext in a history');
  const events = await historyOf(handle);
  const types = ['WORKFLOW_EXECUTION_SIGNALED', 'WORKFLOW_EXECUTION_UPDATE_COMPLETED', 'ACTIVITY_TASK_FAILED'];
  for (const type of [...types, 'ACTIVITY_TASK_COMPLETED', 'MARKER_RECORDED', 'WORKFLOW_PROPERTIES_MODIFIED']) {
    assert.ok(typesOf(events).has(type), `${type} was not seen`);
  }
  const [failed] = eventsOf(events, 'ACTIVITY_TASK_FAILED');
  const detail = failed?.activityTaskFailedEventAttributes?.failure?.applicationFailureInfo?.details?.payloads?.[0];
  assert.equal(Buffer.from(detail?.metadata?.['encoding'] ?? []).toString(), 'binary/encrypted');
}

describe('the AES-GCM codec', { skip, concurrency: true }, () => {
  const taskQueue = `burdock-test-aes-${randomUUID()}`;
  const keys = `${KEY_ID}:${KEY.toString('hex')}`;

  it('meets the official client in every payload, and no plaintext reaches the server', async () => {
    await suite.startWorker({ taskQueue, bundle: BUNDLE, env: { BURDOCK_CODEC_AES_GCM_KEY: keys } });
    await everythingIsCoded(taskQueue);
  });

  it('encodes the failure of a workflow with its message', async () => {
    await suite.startWorker({ taskQueue, bundle: BUNDLE, env: { BURDOCK_CODEC_AES_GCM_KEY: keys } });
    const workflowId = `coded-failure-${randomUUID()}`;
    const handle = await client.workflow.start(codedFailure, { taskQueue, workflowId, args: [PLAINTEXT] });
    await assert.rejects(handle.result(), (error: { cause?: { message?: string; details?: unknown[] } }) => {
      assert.equal(error.cause?.message, `${PLAINTEXT} failed`);
      assert.deepEqual(error.cause?.details, [{ text: PLAINTEXT }]);
      return true;
    });
    assert.equal(await historyHolds(handle, PLAINTEXT), false);
  });

  it('fails the attempt of an activity whose arguments it has no key for, retryably', async () => {
    const taskQueue = `burdock-test-keys-${randomUUID()}`;
    const other = `other:${randomBytes(16).toString('base64')}`;
    const env = { BURDOCK_CODEC_AES_GCM_KEY: keys };
    await suite.startWorker({ taskQueue, bundle: BUNDLE, env, activitySlots: 0 });
    const activities = { taskQueue, bundle: null, workflowSlots: 0 };
    await suite.startWorker({ ...activities, env: { BURDOCK_CODEC_AES_GCM_KEY: other } });
    const handle = await client.workflow.start(echoFails, { taskQueue, workflowId: taskQueue, args: [PLAINTEXT] });
    const { type, message } = await handle.result();
    assert.equal(type, 'PayloadCodecError');
    assert.match(message, /`aes-gcm` could not decode .*Start\.input of activity echo/);
    assert.match(message, /burdock-test-key.*codec-aes-gcm-key/);
    const started = eventsOf(await historyOf(handle), 'ACTIVITY_TASK_STARTED');
    assert.equal(started[0]?.activityTaskStartedEventAttributes?.attempt, 2);
  });
});

describe('a remote codec server', { skip }, () => {
  const taskQueue = `burdock-test-remote-${randomUUID()}`;
  let server: CodecServer;
  before(async () => {
    if (skip) return;
    server = await CodecServer.start(codec);
    const extraFlags = ['--codec-endpoint', `${server.address}/{namespace}`, '--codec-timeout', '1s'];
    await suite.startWorker({ taskQueue, bundle: BUNDLE, extraFlags, env: { BURDOCK_CODEC_AUTH: AUTHORIZATION } });
  });
  after(() => server?.stop());

  it('encodes and decodes for the worker, and is told namespace and authorization', async () => {
    await everythingIsCoded(taskQueue);
    assert.ok(server.requests > 0);
    assert.deepEqual([...server.seen], [`default ${AUTHORIZATION}`]);
  });

  const manners: [Exclude<Manner, 'answers'>, RegExp][] = [
    ['fails', /HTTP status 500/],
    ['hangs', /did not end within 1000 ms.*codec-timeout/],
    ['adds one', /2 payloads to 1/],
  ];
  for (const method of ['decode', 'encode'] as const) {
    for (const [manner, reason] of manners) {
      it(`that ${manner} when it is to ${method} fails the task, which is tried again`, async () => {
        server.manner[method] = manner;
        const workflowId = `says-${randomUUID()}`;
        try {
          const handle = await client.workflow.start(says, { taskQueue, workflowId, args: [PLAINTEXT] });
          const { message } = await taskFailure(handle, /payload codec/);
          assert.match(message ?? '', new RegExp(`could not ${method} `));
          assert.match(message ?? '', reason);
          assert.match(message ?? '', new RegExp(`run ${handle.firstExecutionRunId} \\(workflow type says\\)`));
          assert.doesNotMatch(message ?? '', /burdock-plaintext|on purpose/);
          server.manner[method] = 'answers';
          assert.equal(await handle.result(), `${PLAINTEXT}!`);
        } finally {
          server.manner[method] = 'answers';
        }
      });
    }
  }
});

describe('settings of codecs', { skip }, () => {
  it('are refused when they are wrong, and no secret is shown', async () => {
    const secret = 'aHVzaC1odXNoLWh1c2g';
    const env = { BURDOCK_CODEC_AES_GCM_KEY: `k:${secret}` };
    const started = suite.startWorker({ taskQueue: 'unused', bundle: null, workflowSlots: 0, env });
    await assert.rejects(started, (error: Error) => {
      assert.match(error.message, /BURDOCK_CODEC_AES_GCM_KEY: key 1 \("k"\) has 14 bytes; give NAME:KEY/);
      assert.ok(!error.message.includes(secret));
      return true;
    });
  });
});
