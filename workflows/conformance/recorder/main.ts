/** Records `conformance/histories`: `node lib/conformance/recorder/main.js [--release R,...] [--only CASE,...]`. */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { endChildrenOnSignals } from '../../src/support/child';
import { concurrently } from '../../src/support/concurrently';
import type { ConformanceCase } from '../case';
import type { Surroundings } from '../environment';
import { Ground } from '../workers';
import { casesOf } from './cases';
import { writeHistory } from './history-file';
import { recordCase } from './record';
import { bundleForRelease, startReleaseWorker } from './release-worker';
import { RELEASES, type Release, historiesFolder, isSince } from './releases';

/** A case has a file for each of its runs: `name.json`, `name-2.json`, and so on. */
function fileOf(release: Release, { name }: ConformanceCase, index: number): string {
  return path.join(historiesFolder(release), `${name}${index === 0 ? '' : `-${index + 1}`}.json`);
}

/** How many cases run at a time. Up to 1.14 the end of one run disturbs the cancellation scopes of the others. */
function concurrencyOf(release: Release): number {
  return isSince(release, '1.15') ? 4 : 1;
}

async function recordRelease(ground: Ground, release: Release, cases: readonly ConformanceCase[]): Promise<void> {
  const { client, activityQueue, nexusEndpoint, address } = ground;
  const taskQueue = `recorder-${release}`;
  const worker = await startReleaseWorker(release, { bundle: await bundleForRelease(release), taskQueue, address });
  const surroundings: Surroundings = { client, taskQueue, activityQueue, nexusEndpoint, cached: true, names: {} };
  await mkdir(historiesFolder(release), { recursive: true });
  const record = async (item: ConformanceCase): Promise<void> => {
    const runs = await recordCase(item, surroundings, `${item.name}-${release}`);
    const sizes: number[] = [];
    for (const [index, run] of runs.entries()) {
      sizes.push(await writeHistory(address, run, fileOf(release, item, index)));
    }
    console.log(`${release} ${item.name}: ${sizes.join(', ')} bytes`);
  };
  const leftOut = (item: ConformanceCase, err: unknown): void =>
    console.log(`${release} ${item.name} is left out: ${err instanceof Error ? err.message : String(err)}`);
  try {
    await concurrently(cases, concurrencyOf(release), (item) =>
      record(item).catch((err: unknown) => leftOut(item, err))
    );
  } finally {
    await worker.stop('SIGTERM').catch(() => undefined);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { release: { type: 'string' }, only: { type: 'string' } } });
  const listed = (text: string | undefined): string[] | undefined => text?.split(',');
  const [wanted, only] = [listed(values.release), listed(values.only)];
  endChildrenOnSignals();
  const ground = await Ground.open();
  try {
    for (const release of RELEASES.filter((known) => wanted?.includes(known) ?? true)) {
      if (only === undefined) await rm(historiesFolder(release), { recursive: true, force: true });
      const cases = casesOf(release).filter(({ name }) => only?.includes(name) ?? true);
      await recordRelease(ground, release, cases);
    }
  } finally {
    await ground.close();
  }
}

main().then(
  () => process.exit(0),
  (err: unknown) => {
    console.error(err);
    process.exit(1);
  }
);
