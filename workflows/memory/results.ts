/** The raw data of full runs, which are checked in. */
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PACKAGE_DIR } from '../src/tools/bundles';
import type { EndingsResult } from './endings';
import type { IncidentResult } from './incident';
import type { MixedResult } from './mixed';
import type { NearLimitResult } from './near-limit';
import type { SharingResult } from './sharing';

export type Result = IncidentResult | MixedResult | NearLimitResult | EndingsResult | SharingResult;

export const RESULTS_DIR = path.join(PACKAGE_DIR, 'memory/results');

/** Writes one result, named by what it is of; an older one of the same name is replaced. */
export async function writeResult(name: string, result: Result): Promise<string> {
  await mkdir(RESULTS_DIR, { recursive: true });
  const file = path.join(RESULTS_DIR, `${name}.json`);
  await writeFile(file, `${JSON.stringify(result, undefined, 1)}\n`);
  return path.relative(PACKAGE_DIR, file);
}

/** A table as CSV; no cell has a comma or a quote. */
export async function writeCsv(
  name: string,
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[]
): Promise<void> {
  await mkdir(RESULTS_DIR, { recursive: true });
  const lines = [header, ...rows].map((row) => row.join(','));
  await writeFile(path.join(RESULTS_DIR, `${name}.csv`), `${lines.join('\n')}\n`);
}

export async function readResults(): Promise<Result[]> {
  const names = (await readdir(RESULTS_DIR)).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(
    names.map(async (name) => JSON.parse(await readFile(path.join(RESULTS_DIR, name), 'utf8')) as Result)
  );
}
