/** Writes workflow bundles with the official bundler. */
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type BundleOptions, DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';

/** The npm package's own folder; this file runs from `lib/src/tools`. */
export const PACKAGE_DIR = path.resolve(__dirname, '../../..');
export const DIST_DIR = path.join(PACKAGE_DIR, 'dist');

/** The bundle that `burdock worker --bundle` is pointed at. */
export const WORKFLOW_BUNDLE = path.join(DIST_DIR, 'workflow-bundle.js');
/** The demo's workflows together with those that exist for the tests. */
export const TEST_BUNDLE = path.join(DIST_DIR, 'test-bundle.js');

/** Writes a file that others may read or write at this moment: until it is whole, it has a name that only this call uses. */
async function writeWhole(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const unfinished = `${file}.${randomUUID()}`;
  try {
    await writeFile(unfinished, text);
    await rename(unfinished, file);
  } catch (err) {
    await rm(unfinished, { force: true });
    throw err;
  }
}

/** Bundles the module at `entry` and writes it to `output`; returns the size in bytes. */
export async function writeBundle(
  entry: string,
  output: string,
  options: Partial<BundleOptions> = {}
): Promise<number> {
  const logger = new DefaultLogger('WARN');
  const { code } = await bundleWorkflowCode({ ...options, workflowsPath: entry, logger });
  await writeWhole(output, code);
  return Buffer.byteLength(code);
}

/** Bundles the TypeScript sources, so that stack traces name `.ts` lines. */
export function writeWorkflowBundle(): Promise<number> {
  return writeBundle(path.join(PACKAGE_DIR, 'src/workflows/index.ts'), WORKFLOW_BUNDLE);
}

export function writeTestBundle(): Promise<number> {
  return writeBundle(path.join(PACKAGE_DIR, 'src/workflows/testing/index.ts'), TEST_BUNDLE);
}
