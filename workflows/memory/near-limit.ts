/** Runs that fill the memory of an isolate in each of the ways of `leaps.ts`, one after the other, among healthy runs that must not notice. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { Exit } from '../src/support/child';
import { bundleOf } from './bundles';
import { MemoryGroup } from './cgroup';
import { HEALTHY_TYPES, HealthyRun } from './healthy';
import { type Offence, type OffenceOutcome, commit, leapOffences } from './offences';
import { type Machine, type Surroundings, machine } from './surroundings';
import { sizeName } from './units';
import { ConfinedWorker, type WorkerSetup, lastLinesOf, withDefaults } from './worker';

/** Enough that each isolate has several: new runs go where the fewest are. */
const NEIGHBOURS = 8;
const EVENT_TIMEOUT_MS = 90_000;
/** After so many the rest tells nothing new. */
const MAX_DEATHS = 20;
/** The memory has to be full before the watchdog is at its deadline. */
const DEFAULT_FLAGS = ['--workflow-timeout=60s'];

export interface NearLimitOptions {
  events: number;
  limitBytes: number;
  flags: readonly string[];
}

export interface NearLimitEvent extends OffenceOutcome {
  /** Why a neighbour did not answer with its unchanged state; null if all did. */
  neighbours: string | null;
  workerUp: boolean;
  /** During this event. */
  oomKills: number;
  rssBytes: number | null;
}

/** A worker that ended by itself. Another one was started, so that one way to fill the memory hides no other. */
interface Death {
  /** Of the event that it did not survive. */
  how: string;
  exit: Exit;
  lastLines: string[];
}

export interface NearLimitResult {
  kind: 'near-limit';
  machine: Machine;
  options: NearLimitOptions;
  events: NearLimitEvent[];
  /** Troubles of the neighbours at the very end, when their results are compared. */
  lost: string[];
  deaths: Death[];
  /** How the last worker ended when it was asked to. */
  exit: Exit;
  tookMs: number;
  /** Over all workers. Pages that repeat count once for each place that shows them. */
  peakRssBytes: number;
  /** What the group was charged at most. */
  maxUsageBytes: number;
  oomKills: number;
}

/** A worker and its healthy runs. */
class Scene {
  private constructor(
    readonly worker: ConfinedWorker,
    private readonly neighbours: readonly HealthyRun[]
  ) {}

  static async open(setup: WorkerSetup, client: Client): Promise<Scene> {
    const worker = await ConfinedWorker.start(setup);
    try {
      // A queue of its own: nothing that an earlier worker left comes here.
      const place = { client, taskQueue: setup.taskQueue, gone: worker.child.exited };
      const starts = Array.from({ length: NEIGHBOURS }, (_, n) =>
        HealthyRun.start(place, HEALTHY_TYPES[n % 2] ?? 'tiny', n)
      );
      const scene = new Scene(worker, await Promise.all(starts));
      const trouble = await scene.ask(1);
      if (trouble !== null) throw new Error(`The neighbours do not answer before anything has happened: ${trouble}`);
      return scene;
    } catch (err) {
      await worker.end();
      worker.sampler.stop();
      throw err;
    }
  }

  /** Pokes all neighbours; the answer is the first trouble. */
  async ask(amount: number): Promise<string | null> {
    const answers = await Promise.allSettled(this.neighbours.map((run) => run.poke(amount)));
    const failed = answers.find((answer) => answer.status === 'rejected');
    return failed ? String(failed.reason) : null;
  }

  /** Lets all neighbours return; the answer are the troubles. */
  async finish(): Promise<string[]> {
    const ends = await Promise.allSettled(this.neighbours.map((run) => run.finish()));
    return ends.flatMap((end) => (end.status === 'rejected' ? [String(end.reason)] : []));
  }

  async close(): Promise<{ exit: Exit; peakRssBytes: number }> {
    const exit = await this.worker.end();
    return { exit, peakRssBytes: this.worker.sampler.stop().peakRssBytes };
  }
}

/** One event: the offence, and then the neighbours. */
async function eventOf(
  scene: Scene,
  offence: Offence,
  at: number,
  around: Surroundings,
  setup: WorkerSetup
): Promise<NearLimitEvent> {
  const { worker } = scene;
  const before = setup.group.read().oomKills;
  const outcome = await commit(around.client, setup.taskQueue, offence, () => worker.isRunning, EVENT_TIMEOUT_MS);
  const neighbours = worker.isRunning ? await scene.ask(at) : 'the worker is gone';
  const status = await worker.status().catch(() => undefined);
  const oomKills = setup.group.read().oomKills - before;
  return { ...outcome, neighbours, workerUp: worker.isRunning, oomKills, rssBytes: status?.rssBytes ?? null };
}

export async function runNearLimit(
  options: NearLimitOptions,
  around: Surroundings,
  observe: (event: NearLimitEvent, at: number) => void = () => undefined
): Promise<NearLimitResult> {
  const { file: bundle } = await bundleOf('mixed');
  const ground = await machine();
  const group = MemoryGroup.create(options.limitBytes);
  const flags = withDefaults(options.flags, DEFAULT_FLAGS);
  const setupOf = (): WorkerSetup => ({
    kind: 'burdock',
    bundle,
    taskQueue: `near-limit-${randomUUID()}`,
    address: around.address,
    group,
    flags,
  });
  const began = Date.now();
  const events: NearLimitEvent[] = [];
  const deaths: Death[] = [];
  let peakRssBytes = 0;
  let setup = setupOf();
  let scene: Scene | undefined;
  try {
    scene = await Scene.open(setup, around.client);
    while (events.length < options.events && deaths.length < MAX_DEATHS) {
      const offence = leapOffences[events.length % leapOffences.length];
      if (offence === undefined) break;
      const event = await eventOf(scene, offence, events.length, around, setup);
      events.push(event);
      observe(event, events.length);
      if (scene.worker.isRunning) continue;
      const { exit, peakRssBytes: peak } = await scene.close();
      deaths.push({ how: event.how, exit, lastLines: lastLinesOf(scene.worker.child) });
      peakRssBytes = Math.max(peakRssBytes, peak);
      setup = setupOf();
      scene = await Scene.open(setup, around.client);
    }
    const lost = await scene.finish();
    const { exit, peakRssBytes: peak } = await scene.close();
    peakRssBytes = Math.max(peakRssBytes, peak);
    const { oomKills, maxUsageBytes } = group.read();
    const tookMs = Date.now() - began;
    return {
      kind: 'near-limit',
      machine: ground,
      options: { ...options, flags },
      events,
      lost,
      deaths,
      exit,
      tookMs,
      peakRssBytes,
      maxUsageBytes,
      oomKills,
    };
  } finally {
    await scene?.close();
    await group.close();
  }
}

/** Whether the event was contained, conclusively. */
export function isContained({ verdict, neighbours, workerUp, oomKills }: NearLimitEvent): boolean {
  return verdict === 'contained' && neighbours === null && workerUp && oomKills === 0;
}

export function nearLimitTroubles({ options, events, lost, deaths, exit, oomKills }: NearLimitResult): string[] {
  const bad = events.filter((event) => !isContained(event));
  const kinds = new Set(
    bad.map(
      ({ how, verdict, neighbours, message }) =>
        `${how}: ${verdict}, message ${JSON.stringify(message)}, neighbours: ${neighbours ?? 'well'}`
    )
  );
  const ends = deaths.map((death) => `${death.how} (${death.exit.signal ?? death.exit.code})`);
  const points: [boolean, string][] = [
    [
      events.length === options.events,
      `only ${events.length} of ${options.events} events, then the worker had died too often`,
    ],
    [bad.length === 0, `${bad.length} of ${events.length} events not contained:\n    ${[...kinds].join('\n    ')}`],
    [lost.length === 0, `neighbours lost: ${lost.join('; ')}`],
    [deaths.length === 0, `the worker died ${deaths.length} times, by ${ends.join(', ')}`],
    [exit.code === 0, `the worker ended with ${exit.code ?? exit.signal}`],
    [oomKills === 0, `oom_kill is ${oomKills} at ${sizeName(options.limitBytes)}`],
  ];
  return points.flatMap(([holds, trouble]) => (holds ? [] : [trouble]));
}
