/** The load of healthy runs: updates of long-lived runs at a steady rate, and short-lived runs beside them. */
import { setTimeout as delay } from 'node:timers/promises';
import { HEALTHY_TYPES, HealthyRun, type Place } from './healthy';

/** Between two updates of long-lived runs, whether the last was answered or not. */
const POKE_EVERY_MS = 100;
/** Between the starts of two short-lived runs. */
const VISIT_EVERY_MS = 1_000;
const POKES_OF_VISITOR = 2;
/**
 * Updates of a long-lived run before it returns and another one takes its place. A history that grows for ever is no healthy
 * one, and sdk-core keeps some kilobytes of each event of a cached run.
 */
const POKES_OF_RESIDENT = 30;
/** Between two looks for a run that can be updated. */
const IDLE_LOOK_MS = 20;

export interface Latency {
  /** Since the traffic began. */
  atMs: number;
  tookMs: number;
}

export class Traffic {
  readonly latencies: Latency[] = [];
  /** Whatever did not go as it has to, as sentences. */
  readonly lost: string[] = [];
  visitors = 0;
  private readonly began = Date.now();
  private readonly pending = new Set<Promise<void>>();
  /** Updates after which a run returns, where these are fewer than others get. */
  private readonly lives = new Map<HealthyRun, number>();
  private turn = 0;
  private seed: number;

  private constructor(
    private readonly place: Place,
    private readonly residents: HealthyRun[]
  ) {
    this.seed = residents.length;
    // Not all of them have the same age.
    for (const [n, run] of residents.entries()) {
      this.lives.set(run, 1 + Math.ceil((n * POKES_OF_RESIDENT) / residents.length));
    }
  }

  static async start(place: Place, residents: number): Promise<Traffic> {
    const types = Array.from({ length: residents }, (_, n) => HEALTHY_TYPES[n % HEALTHY_TYPES.length] ?? 'tiny');
    const runs = await Promise.all(types.map((type, n) => HealthyRun.start(place, type, n)));
    const traffic = new Traffic(place, runs);
    await Promise.all(runs.map((run) => run.poke(1)));
    return traffic;
  }

  get atMs(): number {
    return Date.now() - this.began;
  }

  /** Keeps the traffic up until `isOver`, but while it `rests`; waits for what is under way then. */
  async flow(isOver: () => boolean, rests: () => boolean = () => false): Promise<void> {
    let nextPokeMs = this.atMs;
    let nextVisitMs = this.atMs;
    while (!isOver()) {
      if (rests()) {
        nextPokeMs = nextVisitMs = this.atMs + IDLE_LOOK_MS;
        await delay(IDLE_LOOK_MS);
        continue;
      }
      if (this.atMs >= nextPokeMs) {
        nextPokeMs += POKE_EVERY_MS;
        this.track(this.pokeNext());
      }
      if (this.atMs >= nextVisitMs) {
        nextVisitMs += VISIT_EVERY_MS;
        this.track(this.visit());
      }
      await delay(Math.max(1, Math.min(nextPokeMs, nextVisitMs) - this.atMs));
    }
    await Promise.allSettled(this.pending);
  }

  /** Lets all long-lived runs return and compares their results. */
  async finish(): Promise<void> {
    const ends = await Promise.allSettled(this.residents.map((run) => run.finish()));
    for (const end of ends) if (end.status === 'rejected') this.lost.push(String(end.reason));
  }

  private track(work: Promise<void>): void {
    const tracked = work
      .catch((err: unknown) => void this.lost.push(String(err)))
      .finally(() => this.pending.delete(tracked));
    this.pending.add(tracked);
  }

  /**
   * Updates the next run that has answered its last one. The time counts from when the update was due: while all runs are
   * stuck, those that wait for their turn are late too.
   */
  private async pokeNext(): Promise<void> {
    const { atMs } = this;
    const due = performance.now();
    let idle: HealthyRun | undefined;
    while ((idle = this.nextIdle()) === undefined) await delay(IDLE_LOOK_MS);
    await idle.poke(this.turn % 1_000);
    this.latencies.push({ atMs, tookMs: performance.now() - due });
    if (idle.pokes >= (this.lives.get(idle) ?? POKES_OF_RESIDENT)) await this.replace(idle);
  }

  /** Lets a long-lived run return, and puts another one in its place. */
  private async replace(run: HealthyRun): Promise<void> {
    run.busy = true;
    this.lives.delete(run);
    await run.finish();
    this.seed += 1;
    const next = await HealthyRun.start(this.place, run.type, this.seed);
    await next.poke(1);
    this.residents[this.residents.indexOf(run)] = next;
  }

  private nextIdle(): HealthyRun | undefined {
    this.turn += 1;
    const inTurn = Array.from(this.residents, (_, n) => this.residents[(this.turn + n) % this.residents.length]);
    return inTurn.find((run) => run && !run.busy);
  }

  private async visit(): Promise<void> {
    this.seed += 1;
    const run = await HealthyRun.start(this.place, 'typical', this.seed);
    for (let n = 0; n < POKES_OF_VISITOR; n += 1) await run.poke(n);
    await run.finish();
    this.visitors += 1;
  }
}
