/** `burdock activate` as a child process, whoever speaks to it. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { coresdk } from '@temporalio/proto';
import { burdockProgram } from './temporal';

const { WorkflowActivation } = coresdk.workflow_activation;
const { WorkflowActivationCompletion } = coresdk.workflow_completion;

export type Activation = coresdk.workflow_activation.IWorkflowActivation;
export type Completion = coresdk.workflow_completion.WorkflowActivationCompletion;

/** Takes whole messages from the front of `bytes`; what is left stays in `rest`. */
export function takeMessages(bytes: Buffer): { messages: Completion[]; rest: Buffer } {
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

/** Activations in, completions out, in the same order. */
export class ActivationStream {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<unknown>;
  stderrText = '';
  private readonly completions: Completion[] = [];
  private rest = Buffer.alloc(0);
  private arrived: () => void = () => undefined;
  private isOver = false;

  constructor(flags: readonly string[]) {
    this.child = spawn(burdockProgram(), ['activate', ...flags], { stdio: 'pipe' });
    // A process that has ended is told of when answers are waited for.
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
  }

  write(bytes: Uint8Array): void {
    this.child.stdin.write(bytes);
  }

  /** Sends activations and waits for as many completions. */
  async answers(activations: readonly Activation[]): Promise<Completion[]> {
    for (const activation of activations) this.write(WorkflowActivation.encodeDelimited(activation).finish());
    while (this.completions.length < activations.length) {
      if (this.isOver) throw new Error(`burdock ended early:\n${this.stderrText}`);
      await new Promise<void>((resolve) => (this.arrived = resolve));
    }
    return this.completions.splice(0, activations.length);
  }
}
