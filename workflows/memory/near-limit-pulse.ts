/** Updates of healthy runs at a steady pace, while something happens to their worker. */
import { setTimeout as delay } from 'node:timers/promises';
import type { HealthyRun } from './healthy';

/** Between two updates, whether the last was answered or not. */
const BEAT_EVERY_MS = 100;
/** Between two looks for a run that can be updated. */
const IDLE_LOOK_MS = 20;

export interface Beat {
  /** When the update was due. */
  atMs: number;
  tookMs: number;
  workflowId: string;
}

export class Pulse {
  readonly beats: Beat[] = [];
  /** Whatever did not go as it has to, as sentences. */
  readonly lost: string[] = [];
  private readonly pending = new Map<HealthyRun, Promise<void>>();
  private turn = 0;
  private isOver = false;
  private readonly beating: Promise<void>;

  /** Updates `runs` in turn from now on; which ones they are may change. `now` is the time that beats are noted in. */
  constructor(
    private readonly runs: HealthyRun[],
    private readonly now: () => number
  ) {
    this.beating = this.beat();
  }

  /** Ends the pulse, and waits for the updates that are under way. */
  async stop(): Promise<void> {
    this.isOver = true;
    await this.beating;
    await Promise.all(this.pending.values());
  }

  /** Calls `body` once the run has answered its last update, and before it gets another one. */
  async between<T>(run: HealthyRun, body: () => Promise<T>): Promise<T> {
    await this.pending.get(run);
    return body();
  }

  private async beat(): Promise<void> {
    let dueMs = this.now();
    while (!this.isOver) {
      if (this.now() >= dueMs) {
        void this.pokeNext(dueMs);
        dueMs += BEAT_EVERY_MS;
      }
      await delay(Math.max(1, dueMs - this.now()));
    }
  }

  /**
   * Updates the next run that has answered its last one. The time counts from when the update was due: while all runs are
   * stuck, those that wait for their turn are late too.
   */
  private async pokeNext(dueMs: number): Promise<void> {
    let idle: HealthyRun | undefined;
    while ((idle = this.nextIdle()) === undefined) {
      if (this.isOver) return;
      await delay(IDLE_LOOK_MS);
    }
    const run = idle;
    const work = run
      .poke(this.turn % 1_000)
      .then(() => void this.beats.push({ atMs: dueMs, tookMs: this.now() - dueMs, workflowId: run.workflowId }))
      .catch((err: unknown) => void this.lost.push(String(err)))
      .finally(() => this.pending.delete(run));
    this.pending.set(run, work);
    await work;
  }

  private nextIdle(): HealthyRun | undefined {
    this.turn += 1;
    const inTurn = this.runs.map((_, n) => this.runs[(this.turn + n) % this.runs.length]);
    return inTurn.find((run) => run && !run.busy);
  }
}
