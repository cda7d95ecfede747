/** Writes the bundle of one release by its own bundler: `bundle-release.js RELEASE`; see `load-release.ts`. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { RECORDER_DIR, RELEASES, writeReleaseBundle } from './releases';

async function main(wanted: string | undefined): Promise<void> {
  const release = RELEASES.find((known) => known === wanted);
  if (release === undefined) throw new Error(`The recorder knows ${RELEASES.join(', ')}, not '${wanted}'.`);
  const fromRecorder = createRequire(path.join(RECORDER_DIR, 'package.json'));
  const fromRelease = createRequire(fromRecorder.resolve(`worker-${release}/package.json`));
  const folder = (name: string): string => path.dirname(fromRelease.resolve(`${name}/package.json`));
  const names = ['@temporalio/workflow', '@temporalio/common'];
  const packages = Object.fromEntries(names.map((name) => [name, folder(name)]));
  console.log(await writeReleaseBundle(release, packages, 'recorded'));
}

main(process.argv[2]).catch((err: unknown) => {
  console.error(err);
  process.exit(1);
});
