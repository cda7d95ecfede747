/**
 * What a cached run costs with shared modules and without, through `burdock activate`: no server, so what is measured is the
 * isolate. Both sides are given the same activations, in turns, and have to give the same answers.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { coresdk } from '@temporalio/proto';
import { type Activation, ActivationStream, type Completion } from '../src/support/activation-stream';
import { activation, evict, fireTimer, start } from '../src/test/activate/activations';
import { WORKFLOW_TYPES, bundleOf } from './bundles';
import { cpuMsOf } from './endings';
import { sizesOf } from './sampler';
import { type Slope, leastSquares } from './statistics';
import { type Machine, machine } from './surroundings';

type Job = coresdk.workflow_activation.IWorkflowActivationJob;
export type SharingBundle = keyof typeof WORKFLOW_TYPES;
export const SHARING_SIDES = ['off', 'on'] as const;
export type SharingSide = (typeof SHARING_SIDES)[number];

const STEP_RUNS = 25;
const REST_MS = 15_000;
const { WorkflowActivationCompletion } = coresdk.workflow_completion;

export interface SharingFigures {
  runs: number;
  /** After the first run, which has the modules evaluated. */
  baseBytes: number;
  firstRunMs: number;
  points: { runs: number; rssBytes: number }[];
  /** Of RSS, in bytes per run, over all points but the first fifth. */
  slope: Slope;
  /** User and system time of the process: start to waiting, and to the end and out of the cache. */
  startCpuMs: number;
  endCpuMs: number;
  rssEndedBytes: number;
  /** Of all completions. */
  answers: string;
}

export interface SharingResult {
  kind: 'sharing';
  machine: Machine;
  rounds: { bundle: SharingBundle; sides: Record<SharingSide, SharingFigures> }[];
}

const payload = (value: unknown) => ({
  metadata: { encoding: Buffer.from('json/plain') },
  data: Buffer.from(JSON.stringify(value)),
});

const finish: Job = { signalWorkflow: { signalName: 'finish', input: [] } };
const resolved = (value: number): Job => ({
  resolveActivity: { seq: 1, result: { completed: { result: payload(value) } } },
});

/** One process, its runs and its answers. */
class Side {
  private readonly stream: ActivationStream;
  private readonly hash = createHash('sha256');

  constructor(
    file: string,
    private readonly type: string,
    sharing: SharingSide
  ) {
    const flags = ['--bundle', file, '--activity', 'work', '--workflow-timeout', '60s', '--share-modules', sharing];
    this.stream = new ActivationStream(flags);
  }

  /** The same job for each run. */
  async each(ids: readonly number[], jobOf: (id: number) => Job, atMs: number): Promise<void> {
    const activations: Activation[] = ids.map((id) => activation(`run-${id}`, [jobOf(id)], atMs));
    for (const completion of await this.stream.answers(activations)) this.note(completion);
  }

  start(ids: readonly number[]): Promise<void> {
    return this.each(ids, (id) => start(this.type, `run-${id}`, id), 0);
  }

  private note(completion: Completion): void {
    if (completion.failed) throw new Error(`a task failed: ${completion.failed.failure?.message}`);
    this.hash.update(WorkflowActivationCompletion.encode(completion).finish());
  }

  private read(file: string): Promise<string> {
    return readFile(`/proc/${this.stream.child.pid}/${file}`, 'utf8');
  }

  async rssBytes(): Promise<number> {
    return sizesOf(await this.read('status')).get('VmRSS') ?? 0;
  }

  async cpuMs(): Promise<number> {
    return cpuMsOf(await this.read('stat'));
  }

  async close(): Promise<string> {
    this.stream.child.stdin.end();
    await this.stream.ended;
    return this.hash.digest('hex');
  }
}

async function measureSide(bundle: SharingBundle, sharing: SharingSide, runs: number): Promise<SharingFigures> {
  const { file } = await bundleOf(bundle);
  const side = new Side(file, WORKFLOW_TYPES[bundle], sharing);
  const began = Date.now();
  await side.start([runs]);
  const firstRunMs = Date.now() - began;
  const [baseBytes, cpuBefore] = [await side.rssBytes(), await side.cpuMs()];
  const points: SharingFigures['points'] = [];
  for (let first = 0; first < runs; first += STEP_RUNS) {
    const ids = Array.from({ length: Math.min(STEP_RUNS, runs - first) }, (_, at) => first + at);
    await side.start(ids);
    await side.each(ids, () => fireTimer(1), 10);
    await side.each(ids, resolved, 20);
    points.push({ runs: first + ids.length, rssBytes: await side.rssBytes() });
  }
  const cpuWaiting = await side.cpuMs();
  const all = Array.from({ length: runs }, (_, id) => id);
  await side.each(all, () => finish, 30);
  await side.each(all, () => evict, 40);
  const endCpuMs = (await side.cpuMs()) - cpuWaiting;
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  const rssEndedBytes = await side.rssBytes();
  const counted = points.slice(Math.floor(points.length / 5));
  const slope = leastSquares(counted.map(({ runs: x, rssBytes }) => [x, rssBytes] as const));
  if (slope === undefined) throw new Error('Too few runs for a slope; give --workflows more.');
  const answers = await side.close();
  return {
    runs,
    baseBytes,
    firstRunMs,
    points,
    slope,
    startCpuMs: cpuWaiting - cpuBefore,
    endCpuMs,
    rssEndedBytes,
    answers,
  };
}

/** A run without sharing costs so much with W3 that fewer fit the heap of one isolate. */
const runsOf = (bundle: SharingBundle, sharing: SharingSide, runs: number): number =>
  bundle === 'w3' && sharing === 'off' ? Math.min(runs, 80) : runs;

export async function runSharing(
  bundles: readonly SharingBundle[],
  runs: number,
  tell: (bundle: SharingBundle, side: SharingSide, figures: SharingFigures) => void
): Promise<SharingResult> {
  const rounds: SharingResult['rounds'] = [];
  for (const bundle of bundles) {
    const sides: Partial<Record<SharingSide, SharingFigures>> = {};
    for (const side of SHARING_SIDES) {
      sides[side] = await measureSide(bundle, side, runsOf(bundle, side, runs));
      tell(bundle, side, sides[side]);
    }
    rounds.push({ bundle, sides: sides as Record<SharingSide, SharingFigures> });
  }
  return { kind: 'sharing', machine: await machine(), rounds };
}

/** Answers of as many runs have to be the same. */
export function sharingTroubles({ rounds }: SharingResult): string[] {
  return rounds.flatMap(({ bundle, sides: { off, on } }) =>
    off.runs === on.runs && off.answers !== on.answers ? [`${bundle}: the answers differ`] : []
  );
}
