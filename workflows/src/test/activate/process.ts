/** `burdock activate` as a child process: activations in, completions out. */
import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after } from 'node:test';
import { coresdk } from '@temporalio/proto';
import { burdockProgram } from '../../support/temporal';
import { TEST_BUNDLE } from '../../tools/bundles';
import { PATIENCE_MS } from '../harness';

const { WorkflowActivation } = coresdk.workflow_activation;
const { WorkflowActivationCompletion } = coresdk.workflow_completion;

export type Activation = coresdk.workflow_activation.IWorkflowActivation;
export type Completion = coresdk.workflow_completion.WorkflowActivationCompletion;

/** One line of standard error, see `docs/replay.md`. */
export interface Line {
  origin: 'console' | 'sink' | 'burdock';
  runId?: string;
  workflowId?: string;
  level: string;
  sink?: string;
  function?: string;
  args: unknown[];
}

/** Takes whole messages from the front of `bytes`; what is left stays in `rest`. */
function takeMessages(bytes: Buffer): { messages: Completion[]; rest: Buffer } {
  const messages: Completion[] = [];
  let start = 0;
  for (;;) {
    let length = 0;
    let at = start;
    let byte = 0x80;
    for (let shift = 0; byte >= 0x80 && at < bytes.length; shift += 7) {
      byte = bytes[at++] ?? 0;
      length += (byte & 0x7f) * 2 ** shift;
    }
    if (byte >= 0x80 || at + length > bytes.length) return { messages, rest: bytes.subarray(start) };
    messages.push(WorkflowActivationCompletion.decode(bytes.subarray(at, at + length)));
    start = at + length;
  }
}

/** A running `burdock activate`. Ends with the test file at the latest. */
export class ActivateProcess {
  readonly child: ChildProcessWithoutNullStreams;
  private readonly completions: Completion[] = [];
  private readonly ended: Promise<unknown>;
  private rest = Buffer.alloc(0);
  private stderrText = '';
  private arrived: () => void = () => undefined;
  private isOver = false;

  constructor(...flags: string[]) {
    const bundle = flags.includes('--bundle') ? [] : ['--bundle', TEST_BUNDLE];
    this.child = spawn(burdockProgram(), ['activate', ...bundle, ...flags], { stdio: 'pipe' });
    // Writing to a process that has ended is what some tests are about.
    this.child.stdin.on('error', () => undefined);
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => void (this.stderrText += text));
    this.child.stdout.on('data', (chunk: Buffer) => {
      const { messages, rest } = takeMessages(Buffer.concat([this.rest, chunk]));
      this.rest = Buffer.from(rest);
      this.completions.push(...messages);
      this.arrived();
    });
    this.ended = once(this.child, 'close').then(() => {
      this.isOver = true;
      this.arrived();
    });
    after(() => this.child.kill('SIGKILL'));
  }

  write(bytes: Uint8Array): void {
    this.child.stdin.write(bytes);
  }

  /** Sends activations and waits for as many completions. */
  async answers(activations: Activation[]): Promise<Completion[]> {
    for (const activation of activations) this.write(WorkflowActivation.encodeDelimited(activation).finish());
    while (this.completions.length < activations.length) {
      assert.ok(!this.isOver, `burdock ended early:\n${this.stderrText}`);
      await new Promise<void>((resolve) => (this.arrived = resolve));
    }
    return this.completions.splice(0, activations.length);
  }

  async answer(activation: Activation): Promise<Completion> {
    const [completion] = await this.answers([activation]);
    assert.ok(completion);
    return completion;
  }

  /** Ends the input and waits for the end of the process. */
  async close(): Promise<{ code: number | null; lines: Line[] }> {
    this.child.stdin.end();
    return this.end();
  }

  /** Waits for the end of the process; its lines are checked to be JSON. Those of the level `debug` are left out. */
  async end(): Promise<{ code: number | null; lines: Line[] }> {
    const timer = setTimeout(() => this.child.kill('SIGKILL'), PATIENCE_MS);
    await this.ended;
    clearTimeout(timer);
    assert.equal(this.child.signalCode, null, this.stderrText);
    const texts = this.stderrText.split('\n').filter((text) => text !== '');
    const lines = texts.map((text) => JSON.parse(text) as Line);
    // The SDK itself notes on that level when a workflow starts and ends.
    return { code: this.child.exitCode, lines: lines.filter(({ level }) => level !== 'debug') };
  }
}
