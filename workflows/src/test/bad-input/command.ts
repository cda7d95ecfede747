/** Runs `burdock` on bad input, in an environment that holds no settings but the test's own. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { ManagedChild, endChildrenOnSignals } from '../../support/child';
import { burdockProgram } from '../../support/temporal';
import { flavour } from '../harness';

/** The exit codes that bad input ends with; they are part of the command's interface. */
export const EXIT = { ok: 0, usage: 64, bundle: 65, connect: 69, statusPort: 73, refused: 77 } as const;

/** Options of every `describe` here. A few at a time: each case starts a process. */
export const group = {
  concurrency: 3,
  skip: flavour === 'node' ? 'the Node worker has messages of its own' : false,
};

/** Longest time that a refusal may take; a hang is a failure. */
const PATIENCE_MS = 30_000;

/** Files of one test file, in a folder that goes with it. */
export class Inputs {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'burdock-bad-input-'));

  /** Writes a file and returns its path. */
  write(name: string, content: string | Buffer): string {
    const file = path.join(this.folder, name);
    writeFileSync(file, content);
    return file;
  }

  /** The path of a file that is not there. */
  missing(name: string): string {
    return path.join(this.folder, name);
  }
}

export function useInputs(): Inputs {
  endChildrenOnSignals();
  const inputs = new Inputs();
  const remove = (): void => rmSync(inputs.folder, { recursive: true, force: true });
  process.on('exit', remove);
  after(remove);
  return inputs;
}

/** Starts `burdock`. Settings in this process's own environment, and in the user's folders, do not reach it. */
export function burdock(args: string[], variables: Record<string, string> = {}): ManagedChild {
  const own = Object.keys(process.env).filter((name) => /^(BURDOCK|TEMPORAL)_/.test(name));
  const none = Object.fromEntries(own.map((name) => [name, undefined]));
  const env = { ...none, XDG_CONFIG_HOME: path.join(__dirname, 'no-such-folder'), ...variables };
  return new ManagedChild(`burdock ${args[0] ?? ''}`.trim(), burdockProgram(), args, { env });
}

/** Flags of a worker that lacks nothing; later ones go in `extra`, none may come twice. */
export function workerFlags(extra: Record<string, string>): string[] {
  const flags = { 'task-queue': 'bad-input', 'status-addr': 'off', ...extra };
  return ['worker', ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`)];
}

/** Waits for the end with `code`; returns what `burdock` says to the user, without the log lines before it. */
export async function complaintOf(child: ManagedChild, code: number, patienceMs = PATIENCE_MS): Promise<string> {
  const exit = await child.wait(patienceMs);
  assert.doesNotMatch(child.output, /panicked|stack backtrace|C stack trace/);
  assert.deepEqual(exit, { code, signal: null }, child.tail());
  const start = child.stderr.search(/^(burdock: |error: |Temporal workflow worker)/m);
  assert.notEqual(start, -1, `a sentence of burdock in:\n${child.tail()}`);
  return child.stderr.slice(start).trimEnd();
}

/** Asserts that every part is in the text. */
export function says(text: string, ...parts: (string | RegExp)[]): void {
  for (const part of parts) {
    const found = typeof part === 'string' ? text.includes(part) : part.test(text);
    assert.ok(found, `${String(part)} is not in:\n${text}`);
  }
}
