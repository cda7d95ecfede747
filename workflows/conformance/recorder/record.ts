/** Runs a case once, for the sake of its histories. */
import type { ConformanceCase } from '../case';
import { allCases } from '../cases';
import { Environment, type Surroundings } from '../environment';
import { Histories, type RunHistory, isClosed } from '../histories';

/** How long workflows may take to close after the driver is done. */
const SETTLE_MS = 10_000;

export function caseNamed(name: string): ConformanceCase {
  const found = allCases.find((item) => item.name === name);
  if (found === undefined) throw new Error(`There is no conformance case '${name}'.`);
  return found;
}

/** The histories of all runs of the case, parents before their children; `id` is the base of the workflows' ids. */
export async function recordCase(item: ConformanceCase, surroundings: Surroundings, id: string): Promise<RunHistory[]> {
  const env = new Environment(surroundings, id);
  // How the case ends is what the conformance runner compares.
  await item.drive(env).catch(() => undefined);
  const runs = await new Histories(env.client, SETTLE_MS).collect(env.chains);
  const open = runs.find(({ events }) => !isClosed(events));
  if (open !== undefined) throw new Error(`The workflow '${open.workflowId}' of case '${item.name}' did not end.`);
  if (runs.length === 0) throw new Error(`The case '${item.name}' started no workflow.`);
  return runs;
}
