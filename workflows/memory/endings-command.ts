/** `memory -- endings`: both workers in turn, their raw data, and what they came to. */
import { type EndingsResult, type EndingsSide, endingsTroubles, runEndings } from './endings';
import type { Flags } from './flags';
import { writeResult } from './results';
import type { Surroundings } from './surroundings';
import { mib } from './units';
import { withDefaults } from './worker';

const FULL = { workflows: 600, rounds: 3, restMs: 15_000 };
const SHORT = { workflows: 40, rounds: 1, restMs: 1_000 };
/** Tasks at a time, threads that execute them and room in the cache are the same on both sides, and memory is ample. */
const BURDOCK_FLAGS = ['--memory-limit=4GiB', '--max-cached-workflows=2000', '--isolates=2', '--workflow-slots=12'];
const NODE_OPTIONS = {
  maxCachedWorkflows: 2_000,
  workflowThreadPoolSize: 2,
  maxConcurrentWorkflowTaskExecutions: 12,
};

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;

function sideText({ startCpuMs, endCpuMs, restCpuMs, endTookMs, rssRestedBytes }: EndingsSide): string {
  const cpu = `${seconds(startCpuMs)} to start, ${seconds(endCpuMs)} to end, ${seconds(restCpuMs)} in the rest`;
  return `CPU ${cpu}; ended after ${seconds(endTookMs)}, RSS ${mib(rssRestedBytes)} MiB then`;
}

function summaryOf({ rounds }: EndingsResult): string {
  const ratios = rounds.map(({ burdock, node }) => (burdock.endCpuMs / node.endCpuMs).toFixed(2));
  return `CPU to end all runs, Burdock / Node, by rounds: ${ratios.join(', ')}`;
}

export async function endingsCommand(
  flags: Flags,
  withSurroundings: <T>(body: (around: Surroundings) => Promise<T>) => Promise<T>
): Promise<{ name: string; summary: string; troubles: string[] }> {
  const form = flags.short ? SHORT : FULL;
  const options = {
    ...form,
    workflows: flags.workflows ?? form.workflows,
    rounds: flags.rounds ?? form.rounds,
    flags: withDefaults(flags.workerFlags, BURDOCK_FLAGS),
    nodeOptions: NODE_OPTIONS,
  };
  const name = `endings-${options.workflows}`;
  const result = await runEndings(options, withSurroundings, (round, kind, side) =>
    console.log(`round ${round}, ${kind}: ${sideText(side)}`)
  );
  if (!flags.short) console.log(`wrote ${await writeResult(name, result)}`);
  return { name, summary: summaryOf(result), troubles: endingsTroubles(result) };
}
