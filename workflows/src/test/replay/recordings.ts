/** Real histories in files, as tools and SDKs write them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import type { Workflow, WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { ManagedChild } from '../../support/child';
import { temporalProgram } from '../../support/temporal';
import { PATIENCE_MS, type Suite } from '../harness';

const { History } = temporal.api.history.v1;

/** A history as JSON, its text parsed. */
export interface HistoryJson {
  events: Record<string, unknown>[];
}

/** Histories of one test file, in a folder that goes with it. */
export class Recordings {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'burdock-replay-'));

  constructor() {
    const remove = (): void => rmSync(this.folder, { recursive: true, force: true });
    process.on('exit', remove);
    after(remove);
  }

  /** Writes a file into the folder and returns its path. */
  write(name: string, content: string | Uint8Array): string {
    const file = path.join(this.folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  writeJson(name: string, history: HistoryJson): string {
    return this.write(name, JSON.stringify(history));
  }
}

/** A history as the CLI exports it. */
export async function jsonOf(suite: Suite, { workflowId }: WorkflowHandle): Promise<HistoryJson> {
  const show = ['workflow', 'show', '--output', 'json', '--address', suite.address, '--workflow-id', workflowId];
  const child = new ManagedChild('temporal workflow show', temporalProgram(), show);
  const { code } = await child.wait(PATIENCE_MS);
  if (code !== 0) throw new Error(`temporal workflow show failed.\n${child.tail()}`);
  return JSON.parse(child.stdoutLines.join('\n')) as HistoryJson;
}

export async function bytesOf(handle: WorkflowHandle): Promise<Uint8Array> {
  return History.encode(await handle.fetchHistory()).finish();
}

/** Runs a workflow to its end, whatever that is. */
export async function ended(
  suite: Suite,
  workflow: Workflow | string,
  args: unknown[] = [],
  taskQueue = suite.taskQueue
): Promise<WorkflowHandle> {
  const type = typeof workflow === 'string' ? workflow : workflow.name;
  const options = { taskQueue, workflowId: `${type}-${taskQueue}`, args };
  const handle = await suite.client.workflow.start(type, options);
  await handle.result().catch(() => undefined);
  return handle;
}

/** The spellings of the oldest tools: enum values without prefix, numbers instead of texts. */
export function inOldSpelling({ events }: HistoryJson): HistoryJson {
  const pascal = (name: string): string =>
    name
      .replace(/^EVENT_TYPE_/, '')
      .toLowerCase()
      .replace(/(^|_)([a-z])/g, (_match, _bar, letter: string) => letter.toUpperCase());
  return {
    events: events.map((event) => ({
      ...event,
      eventId: Number(event['eventId']),
      eventType: pascal(String(event['eventType'])),
    })),
  };
}
