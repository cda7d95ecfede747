/** The releases of the SDK whose histories are kept, and where what belongs to them is. */
import path from 'node:path';
import type { BundleOptions } from '@temporalio/worker';
import { DIST_DIR, PACKAGE_DIR, writeBundle } from '../../src/tools/bundles';

/** Every second minor release from 1.12; `recorder/package.json` has the newest patch of each. */
export const RELEASES = ['1.12', '1.14', '1.16', '1.18', '1.20', '1.22', '1.24'] as const;
export type Release = (typeof RELEASES)[number];

/** The release of this package's own SDK. */
export const CURRENT: Release = '1.24';

const CONFORMANCE_DIR = path.join(PACKAGE_DIR, 'conformance');
export const RECORDER_DIR = path.join(CONFORMANCE_DIR, 'recorder');

export function historiesFolder(release: Release): string {
  return path.join(CONFORMANCE_DIR, 'histories', release);
}

/** `1.9` is before `1.12`. */
export function isSince(release: Release, since: string | undefined): boolean {
  const minor = (version: string): number => Number(version.split('.')[1]);
  return since === undefined || minor(release) >= minor(since);
}

/** The workflows that a release can load. */
export function entryOf(release: Release): string {
  return path.join(CONFORMANCE_DIR, 'workflows', release === CURRENT ? 'index.ts' : 'recorded.ts');
}

/** Folders of packages that a bundle takes in place of those of the same name beside its sources. */
export type Packages = Record<string, string>;

/** Writes the workflows of a release with these packages in them, by the bundler that `@temporalio/worker` is here. */
export async function writeReleaseBundle(release: Release, packages: Packages, name: string): Promise<string> {
  const file = path.join(DIST_DIR, `${name}-${release}.js`);
  const webpackConfigHook: BundleOptions['webpackConfigHook'] = (config) => ({
    ...config,
    resolve: { ...config.resolve, alias: { ...config.resolve?.alias, ...packages } },
  });
  await writeBundle(entryOf(release), file, { webpackConfigHook });
  return file;
}
