/** Runs a case once, for the sake of its histories. */
import type { ConformanceCase } from '../case';
import { allCases } from '../cases';
import { Environment, type Surroundings } from '../environment';
import { Histories, type RunHistory, isClosed } from '../histories';

/** Longest time of a driver: it waits for ever where a release lacks what the workflow calls. */
const DRIVE_MS = 40_000;
/** How long workflows may take to close after the driver is done. */
const SETTLE_MS = 10_000;

export function caseNamed(name: string): ConformanceCase {
  const found = allCases.find((item) => item.name === name);
  if (found === undefined) throw new Error(`There is no conformance case '${name}'.`);
  return found;
}

/** How the case ends is what the conformance runner compares. */
async function driveWithin(ms: number, item: ConformanceCase, env: Environment): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The driver of case '${item.name}' did not end.`)), ms);
  });
  const driven = item.drive(env).catch(() => undefined);
  await Promise.race([driven, late]).finally(() => clearTimeout(timer));
}

/** The histories of all runs of the case, parents before their children; `id` is the base of the workflows' ids. */
export async function recordCase(item: ConformanceCase, surroundings: Surroundings, id: string): Promise<RunHistory[]> {
  const env = new Environment(surroundings, id);
  await driveWithin(DRIVE_MS, item, env);
  const runs = await new Histories(env.client, SETTLE_MS).collect(env.chains);
  const open = runs.find(({ events }) => !isClosed(events));
  if (open !== undefined) throw new Error(`The workflow '${open.workflowId}' of case '${item.name}' did not end.`);
  if (runs.length === 0) throw new Error(`The case '${item.name}' started no workflow.`);
  return runs;
}
