/** What the run says about each case, for people and for the table. */
import type { ConformanceCase } from './case';
import { type Subject, nameOf } from './configuration';
import { type Difference, describeDifference } from './compare';
import { KNOWN_DIFFERENCES } from './differences';

/** How many of the slowest runs are named. */
const SLOWEST = 5;

/** How one case did with one worker and one size of the cache. */
export interface Verdict {
  item: ConformanceCase;
  subject: Subject;
  maxCachedWorkflows: number;
  /** In a few words, such as `completed`. */
  summary: string;
  /** The first difference to the Node worker, which is still there after the repetitions. */
  difference?: Difference | undefined;
  /** The case itself is broken, with any worker: it hung, or its history could not be read. */
  broken?: string | undefined;
  /** How often the case was run again. */
  repeated: number;
  /** The time of its last run. */
  tookMs: number;
}

/** The documented reason of a difference, if it has one. */
export function reasonOf({ item, difference }: Verdict): string | undefined {
  const known = KNOWN_DIFFERENCES.find((entry) => entry.case === item.name);
  return known && difference?.path.startsWith(known.path) ? known.reason : undefined;
}

export function isFailure(verdict: Verdict): boolean {
  return verdict.broken !== undefined || (verdict.difference !== undefined && reasonOf(verdict) === undefined);
}

/** Documented differences that no longer exist. */
export function staleDifferences(verdicts: readonly Verdict[]): string[] {
  return KNOWN_DIFFERENCES.map((known) => known.case).filter((name) => {
    const ran = verdicts.filter(({ item, subject }) => item.name === name && subject !== 'node');
    return ran.length > 0 && ran.every(({ difference }) => difference === undefined);
  });
}

/** The case and where it ran. */
export function headingOf({ item, subject, maxCachedWorkflows }: Verdict): string {
  return `${item.name} [${nameOf({ subject, maxCachedWorkflows })}]`;
}

/** One verdict's trouble in a few lines. */
export function describeTrouble(verdict: Verdict): string {
  const { broken, difference, repeated } = verdict;
  const times = repeated > 0 ? ` (run ${repeated + 1} times)` : '';
  const what = broken ?? (difference ? `differs ${describeDifference(difference)}` : 'nothing');
  return `${headingOf(verdict)}${times}: ${what}`;
}

/** What a run came to, in a few lines. */
export function describeRun(verdicts: readonly Verdict[]): string[] {
  const failures = verdicts.filter(isFailure);
  const lucky = verdicts.filter((verdict) => verdict.repeated > 0 && !isFailure(verdict));
  const slowest = [...verdicts].sort((a, b) => b.tookMs - a.tookMs).slice(0, SLOWEST);
  return [
    ...slowest.map((verdict) => `slow: ${headingOf(verdict)} ${(verdict.tookMs / 1000).toFixed(1)} s`),
    ...lucky.map((verdict) => `equal only when repeated: ${headingOf(verdict)}, ${verdict.repeated} times`),
    ...failures.map((verdict) => `trouble: ${headingOf(verdict)}`),
    `${verdicts.length} runs: ${failures.length} with trouble, ${lucky.length} equal only when repeated`,
  ];
}
