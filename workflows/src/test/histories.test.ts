/**
 * Histories recorded under the Node worker with older and current SDKs replay under Burdock, with the SDK of their
 * recording and with the current one, and Burdock's own replay under the Node worker. See conformance/histories.
 */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import type { HistoryAndWorkflowId } from '@temporalio/client';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { writeCaseBundle } from '../../conformance/bundles';
import { caseNamed, recordCase } from '../../conformance/recorder/record';
import {
  CURRENT,
  RELEASES,
  type Release,
  historiesFolder,
  writeReleaseBundle,
} from '../../conformance/recorder/releases';
import { concurrently } from '../support/concurrently';
import { PACKAGE_DIR } from '../tools/bundles';
import { burdock } from './bad-input/command';
import { flavour, useSuite } from './harness';
import { historyFromJson } from './replay/from-json';

/** Of all releases together. */
const LEAST_HISTORIES = 150;
/** Some hundred histories in one run, on a machine that does much else. */
const REPLAY_MS = 120_000;
/** The local activities of the recorded workflows. */
const ACTIVITIES = ['echo', 'failTimes', 'wait'].flatMap((name) => ['--activity', name]);

/** Cases that the server of the tests has all that is needed for. */
const OWN_CASES = [
  'timers-race',
  'timer-cancelled-by-signal',
  'condition-times-out',
  'activity-arguments',
  'activity-failure-chain',
  'activity-wait-cancellation-completed-cancelled',
  'local-activity-backs-off',
  'local-activities-together',
  'child-executed',
  'child-wait-cancellation-completed-cancelled',
  'external-signal-run',
  'scopes-nest',
  'cancellation-clean-up',
  'task-fails-after-timer',
  'uuid4',
  'signal-handlers-meet',
  'update-with-activities',
  'update-among-signals',
  'continue-with-signals',
  'patch-in-branches',
  'patch-in-handlers',
  'memo-upsert',
];

const suite = useSuite();
/** The bundle of the conformance cases, with the current SDK. */
let current: string;

interface RecordedJson {
  events: {
    workflowExecutionStartedEventAttributes?: { workflowId?: string };
    workflowTaskCompletedEventAttributes?: { sdkMetadata?: { sdkVersion?: string } };
  }[];
}

/** Every history of a release, by its file. */
function recorded(release: Release): Map<string, RecordedJson> {
  const folder = historiesFolder(release);
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const textOf = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
  return new Map(files.map((name) => [name, JSON.parse(textOf(name)) as RecordedJson]));
}

/** As the Node worker takes it; workflows make ids of their own id, so it has to be the recorded one. */
function forNode(json: RecordedJson): HistoryAndWorkflowId {
  const workflowId = json.events[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? '';
  return { workflowId, history: historyFromJson(json) };
}

function sdkVersions({ events }: RecordedJson): string[] {
  const told = events.map(({ workflowTaskCompletedEventAttributes: task }) => task?.sdkMetadata?.sdkVersion);
  return told.filter((version) => version !== undefined);
}

/** A bundle with the SDK of the release, which package.json installs under a name of its own. */
async function bundleOf(release: Release): Promise<string> {
  if (release === CURRENT) return current;
  const workflow = path.join(PACKAGE_DIR, 'node_modules', `workflow-${release}`);
  const common = path.join(workflow, 'node_modules/@temporalio/common');
  const packages = { '@temporalio/workflow': workflow, '@temporalio/common': common };
  return writeReleaseBundle(release, packages, 'replayed');
}

/** Replays the histories of a release under Burdock: how many fit, and what is said of the others. */
async function replayed(bundle: string, release: Release): Promise<{ ok: number; others: string[] }> {
  const child = burdock(['replay', '--bundle', bundle, '--output', 'json', ...ACTIVITIES, historiesFolder(release)]);
  await child.wait(REPLAY_MS);
  const lines = child.stdoutLines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const histories = lines.filter(({ type }) => type === 'history');
  const others = histories.filter(({ outcome }) => outcome !== 'ok');
  assert.notEqual(histories.length, 0, child.tail());
  return { ok: histories.length - others.length, others: others.map((line) => JSON.stringify(line)) };
}

/** Replays under the Node worker of the current SDK: how many histories fit, and the errors of the others. */
async function replayedUnderNode(
  histories: readonly HistoryAndWorkflowId[]
): Promise<{ ok: number; others: string[] }> {
  const told = { ok: 0, others: [] as string[] };
  const options = { workflowBundle: { codePath: current } };
  for await (const { workflowId, error } of Worker.runReplayHistories(options, histories)) {
    if (error === undefined) told.ok += 1;
    else told.others.push(`${workflowId}: ${error.name}: ${error.message}`);
  }
  return told;
}

before(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR' } } });
  current = await writeCaseBundle('plain');
});

describe('histories of the Node worker', () => {
  it('are there, and tell the SDK of their recording', () => {
    const all = RELEASES.flatMap((release) =>
      [...recorded(release)].map(([name, history]) => ({ release, name, history }))
    );
    const untold = all.filter(({ release, history }) => {
      const versions = sdkVersions(history);
      return versions.length === 0 || !versions.every((version) => version.startsWith(`${release}.`));
    });
    assert.deepEqual(
      untold.map(({ release, name }) => `${release}/${name}`),
      []
    );
    assert.ok(all.length >= LEAST_HISTORIES, `${all.length} histories`);
  });

  for (const release of RELEASES) {
    it(`of ${release} replay with their own SDK`, { skip: flavour === 'node' }, async () => {
      assert.deepEqual(await replayed(await bundleOf(release), release), { ok: recorded(release).size, others: [] });
    });

    it(`of ${release} replay with the current SDK`, { skip: flavour === 'node' || release === CURRENT }, async () => {
      assert.deepEqual(await replayed(current, release), { ok: recorded(release).size, others: [] });
    });

    it(`of ${release} replay with the current SDK under the Node worker`, async () => {
      const histories = [...recorded(release).values()].map(forNode);
      assert.deepEqual(await replayedUnderNode(histories), { ok: histories.length, others: [] });
    });
  }
});

describe('histories of Burdock', { skip: flavour === 'node' }, () => {
  it('replay under the Node worker', async () => {
    const activityQueue = `${suite.taskQueue}-activities`;
    const services = path.join(__dirname, '../../conformance/services.js');
    await suite.startWorker({ taskQueue: activityQueue, flavour: 'node', bundle: null, workflowSlots: 0, services });
    await suite.startWorker({ bundle: current });
    const { client, taskQueue } = suite;
    const surroundings = { client, taskQueue, activityQueue, nexusEndpoint: '', cached: true, names: {} };
    const runs = await concurrently(OWN_CASES, 4, (name) =>
      recordCase(caseNamed(name), surroundings, `${name}-${taskQueue}`)
    );
    const histories = runs.flat().map(({ workflowId, events }) => ({ workflowId, history: { events } }));
    assert.ok(histories.length >= OWN_CASES.length);
    assert.deepEqual(await replayedUnderNode(histories), { ok: histories.length, others: [] });
  });
});
