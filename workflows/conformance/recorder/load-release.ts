/**
 * Loaded before all else (`node --require`) in the recorder's child processes: what this package imports from
 * `@temporalio/*` comes from the release that `BURDOCK_RECORDER_RELEASE` names.
 */
import Module, { createRequire } from 'node:module';
import path from 'node:path';

/** Not the constant of the same name: its module loads an SDK. */
const PACKAGE_DIR = path.resolve(__dirname, '../../..');

type Resolve = (request: string, parent: { filename?: string | null } | null | undefined, ...rest: unknown[]) => string;

const release = process.env['BURDOCK_RECORDER_RELEASE'] ?? '';
const fromRecorder = createRequire(path.join(PACKAGE_DIR, 'conformance/recorder/package.json'));
const fromRelease = createRequire(fromRecorder.resolve(`worker-${release}/package.json`));
const OWN_CODE = path.join(PACKAGE_DIR, 'lib');

/** The release's module, or undefined where it has no such package. */
function inRelease(request: string): string | undefined {
  try {
    return /^@temporalio\/worker(\/|$)/.test(request)
      ? fromRecorder.resolve(request.replace('@temporalio/worker', `worker-${release}`))
      : fromRelease.resolve(request);
  } catch {
    return undefined;
  }
}

const loader = Module as unknown as { _resolveFilename: Resolve };
const resolveAsEver = loader._resolveFilename;
loader._resolveFilename = (request, parent, ...rest) => {
  const isOwn = parent?.filename?.startsWith(OWN_CODE) === true && request.startsWith('@temporalio/');
  return (isOwn ? inRelease(request) : undefined) ?? resolveAsEver.call(loader, request, parent, ...rest);
};
