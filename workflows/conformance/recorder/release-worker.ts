/** The Node worker of another release of the SDK, in a process of its own. */
import path from 'node:path';
import { ManagedChild } from '../../src/support/child';
import type { Release } from './releases';

const START_MS = 60_000;

/** Runs a program of this folder with the packages of a release. */
function withRelease(release: Release, program: string, ...args: string[]): ManagedChild {
  const flags = ['--require', path.join(__dirname, 'load-release.js'), path.join(__dirname, program)];
  const env = { BURDOCK_RECORDER_RELEASE: release };
  return new ManagedChild(`${program} with ${release}`, process.execPath, [...flags, ...args], { env });
}

/** The bundle's file, written by the release's own bundler. */
export async function bundleForRelease(release: Release): Promise<string> {
  const child = withRelease(release, 'bundle-release.js', release);
  const { code } = await child.wait(START_MS);
  const file = child.stdoutLines.at(-1);
  if (code !== 0 || file === undefined) throw new Error(`${child.name} failed.\n${child.tail()}`);
  return file;
}

/** Starts the worker and waits until it polls. */
export async function startReleaseWorker(
  release: Release,
  { bundle, taskQueue, address }: { bundle: string; taskQueue: string; address: string }
): Promise<ManagedChild> {
  const child = withRelease(release, 'worker-main.js', bundle, taskQueue, address);
  const ended = child.exited.then(() => Promise.reject(new Error(`${child.name} ended at once.\n${child.tail()}`)));
  ended.catch(() => undefined);
  await Promise.race([child.sees(/^polls$/m, START_MS), ended]);
  return child;
}
