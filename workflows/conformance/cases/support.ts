/** What drivers of several features share. */
import type { Workflow } from '@temporalio/client';
import type { CaseBundle, ConformanceCase, Feature } from '../case';

/** A case without its driver. */
export interface CaseHead<W extends Workflow> {
  name: string;
  title: string;
  workflow: W;
  bundle?: CaseBundle;
  since?: string;
}

/** A case that runs one workflow to its end, with fixed arguments, and sends it nothing. */
export function runsToEnd<W extends Workflow>(
  feature: Feature,
  { workflow, ...head }: CaseHead<W>,
  ...args: Parameters<W>
): ConformanceCase {
  return { ...head, feature, workflow: workflow.name, drive: (env) => env.execute<W>(workflow, args) };
}

/** {@link runsToEnd} for the many cases of one feature that consist of a workflow alone. */
export function aloneFor(
  feature: Feature
): <W extends Workflow>(name: string, title: string, workflow: W, ...args: Parameters<W>) => ConformanceCase {
  return (name, title, workflow, ...args) => runsToEnd(feature, { name, title, workflow }, ...args);
}
