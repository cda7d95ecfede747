/** Runs one case on one worker and brings back what is compared. */
import { randomBytes } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { typeOf } from '../src/test/history';
import type { ConformanceCase, FailureSummary } from './case';
import { Environment, type Surroundings } from './environment';
import { Histories, type RunHistory, isClosed } from './histories';
import { type NormalisedHistory, normaliseHistory } from './normalise';
import { summaryOf, toJson } from './outcome';
import { Placeholders } from './placeholders';

/** What the driver made of the case; `lost` is a run that could not be observed. */
export type Ending = { returned: unknown } | { threw: FailureSummary } | { hung: string } | { lost: string };

/** What is compared. */
export interface CaseRun {
  ending: Ending;
  histories: NormalisedHistory[];
  /** How the case's first workflow ended, for the table. */
  summary: string;
  /** From the start to the last history. */
  tookMs: number;
}

/** Longest time of a driver. Without a cache the Node worker was seen to take nearly a minute for a case beside others. */
const CASE_TIMEOUT_MS = 120_000;
/** How long workflows may take to close after the driver is done. */
const SETTLE_MS = 5_000;

async function drive(item: ConformanceCase, env: Environment): Promise<Ending> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Ending>((resolve) => {
    timer = setTimeout(() => resolve({ hung: `no end within ${CASE_TIMEOUT_MS / 1000} s` }), CASE_TIMEOUT_MS);
  });
  const driven = Promise.resolve()
    .then(() => item.drive(env))
    .then(
      (returned): Ending => ({ returned: toJson(returned) ?? null }),
      (err: unknown): Ending => ({ threw: summaryOf(err) })
    );
  const ending = await Promise.race([driven, late]);
  clearTimeout(timer);
  return ending;
}

async function terminateOpen(client: Client, runs: readonly RunHistory[]): Promise<void> {
  const open = runs.filter(({ events }) => !isClosed(events));
  const handles = open.map(({ workflowId, runId }) => client.workflow.getHandle(workflowId, runId));
  await Promise.allSettled(handles.map((handle) => handle.terminate('the case is over')));
}

interface TaskFailure {
  cause?: string;
  failure?: { message?: string };
}

/** With what the workflow tasks failed with, which is mostly why a case hangs. */
function hungBecause(hung: string, histories: readonly NormalisedHistory[]): string {
  const failures = histories.flatMap(({ taskFailures }) => taskFailures) as TaskFailure[];
  const texts = failures.map(({ cause, failure }) => `${cause ?? ''} ${failure?.message ?? ''}`.trim());
  return [hung, ...texts].join('; ');
}

function failureTypeOf(failure: temporal.api.failure.v1.IFailure | null | undefined): string {
  const type = failure?.applicationFailureInfo?.type;
  const info = Object.keys(failure ?? {}).find((key) => key.endsWith('FailureInfo'));
  const name = info ? info.replace(/Info$/, '').replace(/^./, (letter) => letter.toUpperCase()) : 'failure';
  return type ? `${name} ${type}` : name;
}

/** How a chain of runs ended, in a few words that are the same in every run. */
function chainEnd(runs: readonly RunHistory[]): string {
  const first = runs[0];
  const last = runs
    .filter((run) => run.workflowId === first?.workflowId)
    .at(-1)
    ?.events.at(-1);
  if (last === undefined) return 'no workflow';
  const type = typeOf(last);
  if (!type.startsWith('WORKFLOW_EXECUTION_') || type === 'WORKFLOW_EXECUTION_SIGNALED') return 'open';
  const failure = last.workflowExecutionFailedEventAttributes?.failure;
  const word = type.replace('WORKFLOW_EXECUTION_', '').toLowerCase().replaceAll('_', ' ');
  return failure ? `${word}: ${failureTypeOf(failure)}` : word;
}

function summarise(ending: Ending, runs: readonly RunHistory[], histories: readonly NormalisedHistory[]): string {
  if ('hung' in ending) return 'hung';
  const failures = histories.some(({ taskFailures }) => taskFailures.length > 0) ? ', failed tasks' : '';
  const threw = 'threw' in ending ? `, driver: ${ending.threw.name}` : '';
  return `${chainEnd(runs)}${failures}${threw}`;
}

/** Puts what is in another order in every run into one that is the same. */
export type Arrangement = (runs: readonly RunHistory[]) => readonly RunHistory[];

/** Runs the case; nothing that goes wrong in it is an error here. */
export async function runCase(
  item: ConformanceCase,
  surroundings: Surroundings,
  arrange: Arrangement = (runs) => runs
): Promise<CaseRun> {
  const started = Date.now();
  const run = await observe(item, surroundings, arrange).catch(withoutHistory);
  return { ...run, tookMs: Date.now() - started };
}

/** The run of a case that could not be observed. */
export function withoutHistory(err: unknown): Omit<CaseRun, 'tookMs'> {
  return { ending: { lost: err instanceof Error ? err.message : String(err) }, histories: [], summary: 'lost' };
}

async function observe(
  item: ConformanceCase,
  surroundings: Surroundings,
  arrange: Arrangement
): Promise<Omit<CaseRun, 'tookMs'>> {
  // Equally long in all runs, as the name of the task queue is.
  const id = `${item.name}-${randomBytes(6).toString('hex')}`;
  const env = new Environment(surroundings, id);
  const ending = await drive(item, env);
  const runs = arrange(await new Histories(env.client, 'hung' in ending ? 0 : SETTLE_MS).collect(env.chains));
  await terminateOpen(env.client, runs);
  const names = new Placeholders({ [id]: '<case>', ...surroundings.names });
  const named = names.replaceIn(ending) as Ending;
  const histories = runs.map(({ workflowId, events }) => normaliseHistory(workflowId, events, names));
  const told = 'hung' in named ? { hung: hungBecause(named.hung, histories) } : named;
  return { ending: told, histories, summary: summarise(told, runs, histories) };
}
