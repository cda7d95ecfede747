/** Runs the test files against one dev server: `node lib/src/tools/run-tests.js [name filter]`. */
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { endChildrenOnSignals } from '../support/child';
import { requireBurdock } from '../support/temporal';
import { flavour, spawnServer } from '../test/harness';
import { PACKAGE_DIR, writeTestBundle } from './bundles';

const TEST_DIR = path.resolve(__dirname, '../test');
/** Test files that run side by side; most of them wait for timers. */
const CONCURRENCY = 2;
/** Files that load a worker to its limits: what others take of the processor then would be seen as its fault. They run alone. */
const ALONE = /^memory-/;
/** A file that takes longer hangs: the slowest one needs three minutes alone, unoptimised as the worker is, and has another beside it. */
const FILE_TIMEOUT_MS = 600_000;

async function testFiles(filter: string): Promise<string[]> {
  // By the sources: the output folder may still hold files whose source is gone.
  const sources = await readdir(path.join(PACKAGE_DIR, 'src/test'));
  const chosen = sources.filter((name) => name.endsWith('.test.ts') && name.includes(filter));
  return chosen.sort().map((name) => path.join(TEST_DIR, name.replace(/\.ts$/, '.js')));
}

function runNodeTest(files: string[], concurrency: number, address: string): Promise<number> {
  if (files.length === 0) return Promise.resolve(0);
  const flags = ['--enable-source-maps', '--test', `--test-concurrency=${concurrency}`];
  const reporting = ['--test-reporter=spec', `--test-timeout=${FILE_TIMEOUT_MS}`];
  const env = { ...process.env, BURDOCK_TEST_ADDRESS: address };
  // A group of its own, so that the files end with the run.
  const child = spawn(process.execPath, [...flags, ...reporting, ...files], { stdio: 'inherit', env, detached: true });
  const endGroup = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
  };
  process.on('exit', endGroup);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

async function main(): Promise<number> {
  const filter = process.argv[2] ?? '';
  const files = await testFiles(filter);
  if (files.length === 0) throw new Error(`No test file in ${TEST_DIR} has '${filter}' in its name.`);
  if (flavour === 'burdock') requireBurdock();
  endChildrenOnSignals();
  await writeTestBundle();
  const server = await spawnServer();
  try {
    const isAlone = (file: string): boolean => ALONE.test(path.basename(file));
    const codes = [
      await runNodeTest(
        files.filter((file) => !isAlone(file)),
        CONCURRENCY,
        server.address
      ),
      await runNodeTest(files.filter(isAlone), 1, server.address),
    ];
    return Math.max(...codes);
  } finally {
    await server.child.stop('SIGTERM').catch(() => undefined);
  }
}

main().then(
  (code) => process.exit(code),
  (err: unknown) => {
    console.error(err instanceof Error ? err.message : err);
    process.exit(1);
  }
);
