/** Writes histories as the CLI exports them, without what belongs to the machine of the recording. */
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { ManagedChild } from '../../src/support/child';
import { temporalProgram } from '../../src/support/temporal';
import { PACKAGE_DIR } from '../../src/tools/bundles';
import type { RunHistory } from '../histories';

const EXPORT_MS = 30_000;
/** Longer ones are no good for the repository. */
const MAX_FILE_BYTES = 60_000;

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** Identities of workers and clients name the process and the host; stack traces hold the paths of the modules. */
function withoutMachine(json: string): string {
  return json
    .replace(new RegExp(`\\d+@${escaped(hostname())}`, 'g'), 'recorder')
    .replaceAll(PACKAGE_DIR, 'workflows')
    .replace(/(?<=[\s(])\/[^\s()]*?(?=\/node_modules\/)/g, 'workflows');
}

interface HistoryJson {
  events: unknown[];
}

async function exported(address: string, { workflowId, runId }: RunHistory): Promise<HistoryJson> {
  const run = ['--address', address, '--workflow-id', workflowId, '--run-id', runId];
  const show = ['workflow', 'show', '--output', 'json', ...run];
  const child = new ManagedChild('temporal workflow show', temporalProgram(), show);
  const { code } = await child.wait(EXPORT_MS);
  if (code !== 0) throw new Error(`temporal workflow show failed.\n${child.tail()}`);
  return JSON.parse(child.stdoutLines.join('\n')) as HistoryJson;
}

/** One event a line; returns the number of bytes. */
export async function writeHistory(address: string, run: RunHistory, file: string): Promise<number> {
  const { events } = await exported(address, run);
  const lines = events.map((event) => withoutMachine(JSON.stringify(event)));
  const text = `{"events":[\n${lines.join(',\n')}\n]}\n`;
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_FILE_BYTES) throw new Error(`${file} would have ${bytes} bytes; leave the case out.`);
  await writeFile(file, text);
  return bytes;
}
