/** `burdock activate` for a test: ends with the test file at the latest, and says on standard error what it should. */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { type Activation, ActivationStream, type Completion } from '../../support/activation-stream';
import { TEST_BUNDLE } from '../../tools/bundles';
import { PATIENCE_MS } from '../harness';

export type { Activation, Completion };

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

/** A running `burdock activate`, of the tests' bundle if the flags name no other one. */
export class ActivateProcess extends ActivationStream {
  constructor(...flags: string[]) {
    super(flags.includes('--bundle') ? flags : ['--bundle', TEST_BUNDLE, ...flags]);
    after(() => this.child.kill('SIGKILL'));
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
