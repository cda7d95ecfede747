/** The events at one setting: one control group, and in it one worker, unless that ends or is of no use any more. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Exit } from '../src/support/child';
import { until } from '../src/support/poll';
import { MemoryGroup } from './cgroup';
import { type SettingLatency, type SidedBeat, type Window, latencies, sidesOf } from './near-limit-latency';
import { Scene, type Whereabouts, busiest } from './near-limit-scene';
import type { Programme, Setting } from './near-limit-settings';
import { type OffenceOutcome, commit, leapOffence } from './offences';
import type { Surroundings } from './surroundings';
import { type WorkerSetup, lastLinesOf, withDefaults } from './worker';
import type { LeapName } from './workflows/leaps';

const EVENT_TIMEOUT_MS = 90_000;
/** After so many at one setting the rest tells nothing new. */
const MAX_DEATHS = 10;
/** Until the worker tells how long its isolates have worked. */
const TELLING_MS = 2_000;

export interface NearLimitEvent extends Omit<OffenceOutcome, 'kind'> {
  /** Why a neighbour did not answer with its unchanged state; null if all did. */
  neighbours: string | null;
  workerUp: boolean;
  /** During this event. */
  oomKills: number;
  rssBytes: number | null;
  /** The isolate whose memory was filled; null when the worker did not tell. */
  isolate: number | null;
}

/** A worker that ended, or whose runs gave no answer. Another one was started, so that one way to fill the memory hides no other. */
interface Death {
  /** Of the event that it did not survive. */
  how: string;
  exit: Exit;
  lastLines: string[];
}

export interface SettingResult {
  setting: Setting;
  /** So many events were to be. */
  planned: number;
  events: NearLimitEvent[];
  /** Troubles of the healthy runs beside the events: of their steady updates, and at the very end, when their results are compared. */
  lost: string[];
  deaths: Death[];
  /** How the last worker ended when it was asked to. */
  exit: Exit;
  latency: SettingLatency;
  /** Over all workers. */
  peakRssBytes: number;
  /** What the group was charged at most. */
  maxUsageBytes: number;
  oomKills: number;
  tookMs: number;
}

export interface StageOptions {
  programme: Programme;
  bundle: string;
  /** Healthy runs alone, before and after the events. */
  quietMs: number;
  /** Flags of `burdock worker` that take the place of the setting's own. */
  flags: readonly string[];
  observe: (event: NearLimitEvent, at: number) => void;
}

/** Whether the event was contained, conclusively. */
export function isContained({ verdict, neighbours, workerUp, oomKills }: NearLimitEvent): boolean {
  return verdict === 'contained' && neighbours === null && workerUp && oomKills === 0;
}

/** Runs the events of one setting; the updates of the healthy runs come beside the result. */
export async function runStage(
  options: StageOptions,
  around: Surroundings
): Promise<{ result: SettingResult; beats: SidedBeat[] }> {
  const { setting, hows } = options.programme;
  const group = MemoryGroup.create(setting.limitBytes);
  const stage = new Stage({ ...options, quietMs: setting.isolates > 1 ? options.quietMs : 0 }, around, group);
  const began = performance.now();
  try {
    const exit = await stage.run();
    const { oomKills, maxUsageBytes } = group.read();
    const { events, lost, deaths, beats, peakRssBytes } = stage;
    const result = {
      setting: { ...setting, flags: stage.flags },
      planned: hows.length,
      events,
      lost,
      deaths,
      exit,
      latency: latencies(beats),
      peakRssBytes,
      maxUsageBytes,
      oomKills,
      tookMs: Math.round(performance.now() - began),
    };
    return { result, beats };
  } finally {
    await stage.close();
    await group.close();
  }
}

class Stage {
  readonly events: NearLimitEvent[] = [];
  readonly lost: string[] = [];
  readonly deaths: Death[] = [];
  readonly beats: SidedBeat[] = [];
  readonly flags: readonly string[];
  peakRssBytes = 0;
  private windows: Window[] = [];
  private scene: Scene | undefined;

  constructor(
    private readonly options: StageOptions,
    private readonly around: Surroundings,
    private readonly group: MemoryGroup
  ) {
    this.flags = withDefaults(options.flags, options.programme.setting.flags);
  }

  /** All events; the answer is how the worker ended. */
  async run(): Promise<Exit> {
    const { programme, quietMs, observe } = this.options;
    let setup = this.setup();
    let scene = await this.open(setup);
    await delay(quietMs);
    for (const how of programme.hows) {
      if (this.deaths.length >= MAX_DEATHS) break;
      const event = await this.event(scene, setup, how);
      this.events.push(event);
      observe(event, this.events.length);
      if (scene.worker.isRunning && event.neighbours === null) continue;
      const exit = await this.end(scene, Number.POSITIVE_INFINITY);
      this.deaths.push({ how, exit, lastLines: lastLinesOf(scene.worker.child) });
      setup = this.setup();
      scene = await this.open(setup);
    }
    const untilMs = scene.atMs;
    await delay(quietMs);
    return this.end(scene, untilMs);
  }

  async close(): Promise<void> {
    await this.scene?.close();
  }

  /** Each worker has its own queue: nothing that an earlier one left comes to it. */
  private setup(): WorkerSetup {
    const { bundle } = this.options;
    const { address } = this.around;
    const taskQueue = `near-limit-${randomUUID()}`;
    return { kind: 'burdock', bundle, taskQueue, address, group: this.group, flags: this.flags };
  }

  private async open(setup: WorkerSetup): Promise<Scene> {
    const scene = (this.scene = await Scene.open(setup, this.around.client));
    scene.startPulse();
    return scene;
  }

  /** One event: the run that fills the memory, and then its neighbours. */
  private async event(scene: Scene, setup: WorkerSetup, how: LeapName): Promise<NearLimitEvent> {
    const { worker } = scene;
    await scene.renew().catch((err: unknown) => void this.lost.push(String(err)));
    const before = await scene.whereabouts();
    const window: Window = { fromMs: scene.atMs, whereabouts: before, isolate: null };
    this.windows.push(window);
    const { oomKills } = this.group.read();
    const offence = leapOffence(how, this.options.programme.setting.heapBytes);
    const { client } = this.around;
    const { kind: _, ...outcome } = await commit(
      client,
      setup.taskQueue,
      offence,
      () => worker.isRunning,
      EVENT_TIMEOUT_MS
    );
    const neighbours = worker.isRunning ? await scene.ask(this.events.length) : 'the worker is gone';
    window.isolate = before === undefined ? null : await isolateOf(scene, before, outcome.tookMs);
    const status = await worker.status().catch(() => undefined);
    return {
      ...outcome,
      neighbours,
      workerUp: worker.isRunning,
      oomKills: this.group.read().oomKills - oomKills,
      rssBytes: status?.rssBytes ?? null,
      isolate: window.isolate,
    };
  }

  /** Ends a scene and keeps what its healthy runs tell; events end at `untilMs`. */
  private async end(scene: Scene, untilMs: number): Promise<Exit> {
    const { beats, lost } = await scene.stopPulse();
    if (scene.worker.isRunning && untilMs !== Number.POSITIVE_INFINITY) this.lost.push(...(await scene.finish()));
    this.lost.push(...lost);
    this.beats.push(...sidesOf(beats, this.windows, untilMs));
    this.windows = [];
    const { exit, peakRssBytes } = await scene.close();
    this.peakRssBytes = Math.max(this.peakRssBytes, peakRssBytes);
    this.scene = undefined;
    return exit;
  }
}

/** The isolate that worked on what took so long. */
async function isolateOf(scene: Scene, before: Whereabouts, tookMs: number): Promise<number | null> {
  const found = until('the isolate that has worked', TELLING_MS, async () => {
    const after = await scene.whereabouts();
    return after === undefined ? undefined : (busiest(before, after, tookMs) ?? undefined);
  });
  return found.catch(() => null);
}
