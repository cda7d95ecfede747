/** Runs one program under both workers and compares. */
import { firstDifference } from '../compare';
import type { Subject } from '../configuration';
import { type CaseRun, runCase, withoutHistory } from '../run';
import { Fleet, type Ground } from '../workers';
import { arrange } from './arrange';
import { caseOf } from './driver';
import { generate } from './generate';
import type { Program } from './program';
import type { Task } from './plan';

/** What one program came to. */
export interface Verdict {
  task: Task;
  program: Program;
  node: CaseRun;
  burdock: CaseRun;
  /** In one line; absent: both are the same. */
  trouble?: string | undefined;
}

const MAX_CHARS = 400;
/**
 * With less room sdk-core evicts a run now and then while its local activities are under way, and does them again in
 * another workflow task.
 */
const SIZE_FOR_LOCAL_ACTIVITIES = 50;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}...` : text;
}

/** Why a run says nothing about its worker. */
function brokenBy(name: string, { ending, histories }: CaseRun): string | undefined {
  if ('hung' in ending) return `${name} hung: ${ending.hung}`;
  if ('lost' in ending) return `${name} was lost: ${ending.lost}`;
  // A program does nothing that fails a workflow task, and its driver fails only for lack of patience.
  if ('threw' in ending) return `${name}'s driver failed: ${ending.threw.message}`;
  const failure = histories.flatMap(({ taskFailures }) => taskFailures)[0];
  return failure === undefined ? undefined : `${name} failed a workflow task: ${shown(failure)}`;
}

function troubleOf(node: CaseRun, burdock: CaseRun): string | undefined {
  const comparable = ({ ending, histories }: CaseRun): unknown => ({ ending, histories });
  const broken = brokenBy('Node', node) ?? brokenBy('Burdock', burdock);
  if (broken !== undefined) return broken.replaceAll('\n', ' ');
  const difference = firstDifference(comparable(node), comparable(burdock));
  return difference && `at ${difference.path} Node has ${shown(difference.node)}, Burdock ${shown(difference.burdock)}`;
}

/** The workers of one size of the cache. */
export class Pairs {
  private readonly fleets = new Map<Subject, Fleet>();

  constructor(
    private readonly ground: Ground,
    private readonly maxCachedWorkflows: number
  ) {}

  async run(task: Task): Promise<Verdict> {
    const { seed, maxCachedWorkflows, context } = task;
    const program = generate({ seed, localActivities: maxCachedWorkflows >= SIZE_FOR_LOCAL_ACTIVITIES });
    const [node, burdock] = await Promise.all([this.runOne('node', program), this.runOne(context, program)]);
    return { task, program, node, burdock, trouble: troubleOf(node, burdock) };
  }

  async close(): Promise<void> {
    await Promise.all([...this.fleets.values()].map((fleet) => fleet.close()));
  }

  private runOne(subject: Subject, program: Program): Promise<CaseRun> {
    return this.fleet(subject)
      .surroundings('plain')
      .then(
        (surroundings) => runCase(caseOf(program), surroundings, arrange),
        (err: unknown): CaseRun => ({ ...withoutHistory(err), tookMs: 0 })
      );
  }

  private fleet(subject: Subject): Fleet {
    const { ground, maxCachedWorkflows } = this;
    const flags = subject === 'node' ? [] : ['--context', subject];
    const fleet = this.fleets.get(subject) ?? new Fleet(ground, { subject, maxCachedWorkflows }, flags);
    this.fleets.set(subject, fleet);
    return fleet;
  }
}
