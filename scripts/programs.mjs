// The programs that the scripts of this folder start, and how one of them is run.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPO_ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** The binary in a folder of cargo's, or the one that BURDOCK_BIN names; `target` of the Makefile builds it. */
function programIn(folder, target) {
  const built = process.env.CARGO_TARGET_DIR ?? path.join(REPO_ROOT, 'target');
  const program = process.env.BURDOCK_BIN ?? path.join(built, folder, 'burdock');
  if (!existsSync(program)) fail(`there is no program ${program}: run 'make ${target}', or name it by BURDOCK_BIN`);
  return program;
}

/** The `burdock` binary for work and tests. */
export const burdockProgram = () => programIn('debug', 'build');

/** The `burdock` binary that is shipped: figures come from it. */
export const shippedProgram = () => programIn('dist', 'dist');

/** The Temporal CLI: BURDOCK_TEMPORAL_CLI, or what the set-up finds or installs. */
export function temporalProgram() {
  if (process.env.BURDOCK_TEMPORAL_CLI) return process.env.BURDOCK_TEMPORAL_CLI;
  return run(path.join(REPO_ROOT, 'scripts/setup-temporal.sh'), ['--quiet']).stdout.trim();
}

/** Runs a program to its end; an exit code other than `expected` is an error. */
export function run(program, args, { env = process.env, expected = 0, echo = false } = {}) {
  const stdio = ['ignore', 'pipe', echo ? 'inherit' : 'pipe'];
  const result = spawnSync(program, args, { env, stdio, encoding: 'utf8', maxBuffer: 64 << 20 });
  if (result.error) fail(`${program} cannot be run: ${result.error.message}`);
  if (result.status !== expected) {
    const how = result.status ?? result.signal;
    fail(`'${path.basename(program)} ${args.join(' ')}' ended with ${how}.\n${result.stderr ?? ''}`);
  }
  return result;
}

/** Ends the script with one sentence. */
export function fail(sentence) {
  console.error(`${path.basename(process.argv[1])}: ${sentence}`);
  process.exit(1);
}
