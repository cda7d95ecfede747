/** A worker in a control group, with healthy runs on each of its isolates. */
import type { Client } from '@temporalio/client';
import type { Exit } from '../src/support/child';
import { until } from '../src/support/poll';
import type { BurdockStatus, TopRun } from '../src/support/status';
import { HEALTHY_TYPES, HealthyRun, type Place } from './healthy';
import { type Beat, Pulse } from './near-limit-pulse';
import { ConfinedWorker, type WorkerSetup } from './worker';

/** Enough that each isolate has several: new runs go where the fewest are. No more than the status lists beside another run. */
const NEIGHBOURS = 8;
/** Updates of a run before another one takes its place: a history that grows for ever is not what a healthy run has. */
const POKES_OF_RUN = 150;
const STATUS_TIMEOUT_MS = 20_000;

interface PlacedRun extends TopRun {
  isolate: number;
}

/** Which isolate each healthy run is on, and how long each isolate has been in activations. */
export interface Whereabouts {
  isolateOf: ReadonlyMap<string, number>;
  activationMs: readonly number[];
}

export class Scene {
  private readonly began = performance.now();
  private pulse: Pulse | undefined;
  private seed = NEIGHBOURS;

  private constructor(
    readonly worker: ConfinedWorker,
    private readonly place: Place,
    private readonly runs: HealthyRun[]
  ) {}

  static async open(setup: WorkerSetup, client: Client): Promise<Scene> {
    const worker = await ConfinedWorker.start(setup);
    try {
      const place = { client, taskQueue: setup.taskQueue, gone: worker.child.exited };
      const starts = Array.from({ length: NEIGHBOURS }, (_, n) =>
        HealthyRun.start(place, HEALTHY_TYPES[n % HEALTHY_TYPES.length] ?? 'tiny', n)
      );
      const scene = new Scene(worker, place, await Promise.all(starts));
      const trouble = await scene.ask(1);
      if (trouble !== null) throw new Error(`The neighbours do not answer before anything has happened: ${trouble}`);
      return scene;
    } catch (err) {
      await worker.end();
      worker.sampler.stop();
      throw err;
    }
  }

  /** Since the scene was opened. */
  get atMs(): number {
    return performance.now() - this.began;
  }

  /** Begins to update the healthy runs at a steady pace. */
  startPulse(): void {
    this.pulse = new Pulse(this.runs, () => this.atMs);
  }

  /** Ends the steady updates; the answer is all of them, and what went wrong. */
  async stopPulse(): Promise<{ beats: readonly Beat[]; lost: readonly string[] }> {
    await this.pulse?.stop();
    return { beats: this.pulse?.beats ?? [], lost: this.pulse?.lost ?? [] };
  }

  /** Pokes all neighbours, one after the other, so as not to be in the way of the pulse; the answer is the first trouble. */
  async ask(amount: number): Promise<string | null> {
    for (const run of this.runs) {
      try {
        await this.between(run, () => run.poke(amount));
      } catch (err) {
        return String(err);
      }
    }
    return null;
  }

  /** Lets runs with a long history return, and puts others in their place. */
  async renew(): Promise<void> {
    for (const run of this.runs.filter(({ pokes }) => pokes >= POKES_OF_RUN)) {
      await this.between(run, async () => {
        run.busy = true;
        await run.finish();
        this.seed += 1;
        const next = await HealthyRun.start(this.place, run.type, this.seed);
        await next.poke(1);
        this.runs[this.runs.indexOf(run)] = next;
      });
    }
  }

  /** Where all healthy runs are; undefined when the worker does not tell. */
  async whereabouts(): Promise<Whereabouts | undefined> {
    const found = until('the isolates of the healthy runs', STATUS_TIMEOUT_MS, async () => {
      const { topRuns, isolates } = (await this.worker.status()) as BurdockStatus;
      const isolateOf = new Map((topRuns as PlacedRun[]).map(({ workflowId, isolate }) => [workflowId, isolate]));
      if (this.runs.some(({ workflowId }) => !isolateOf.has(workflowId))) return undefined;
      return { isolateOf, activationMs: isolates.map(({ activationTimeUs }) => activationTimeUs / 1_000) };
    });
    return found.catch(() => undefined);
  }

  /** Lets all neighbours return; the answer are the troubles. */
  async finish(): Promise<string[]> {
    const ends = await Promise.allSettled(this.runs.map((run) => run.finish()));
    return ends.flatMap((end) => (end.status === 'rejected' ? [String(end.reason)] : []));
  }

  async close(): Promise<{ exit: Exit; peakRssBytes: number }> {
    await this.pulse?.stop();
    const exit = await this.worker.end();
    return { exit, peakRssBytes: this.worker.sampler.stop().peakRssBytes };
  }

  private between<T>(run: HealthyRun, body: () => Promise<T>): Promise<T> {
    return this.pulse === undefined ? body() : this.pulse.between(run, body);
  }
}

/** The isolate that has worked by far the longest in between; null when none has worked for a good part of `tookMs`. */
export function busiest(before: Whereabouts, after: Whereabouts, tookMs: number): number | null {
  const worked = after.activationMs.map((ms, at) => ms - (before.activationMs[at] ?? 0));
  const most = Math.max(...worked);
  return most < tookMs / 4 ? null : worked.indexOf(most);
}
