/** The demo's figures: one row per stage, and the cost of a cached workflow. Pure. */
import type { WorkerStatus } from '../support/status';

const MIB = 1024 * 1024;
const KIB = 1024;
/** Smaller stages are left out of the slope: they still hold one-time costs. */
const SLOPE_FROM_CACHED = 10;

export interface Stage {
  cached: number;
  rssBytes: number;
  usedHeapBytes: number;
  totalHeapBytes: number;
  nativeBytes: number;
}

export function stageOf(status: WorkerStatus): Stage {
  const sum = (of: (isolate: WorkerStatus['isolates'][0]) => number): number =>
    status.isolates.reduce((total, isolate) => total + of(isolate), 0);
  return {
    cached: status.numCachedWorkflows,
    rssBytes: status.rssBytes,
    usedHeapBytes: sum(({ usedHeapBytes }) => usedHeapBytes),
    totalHeapBytes: sum(({ totalHeapBytes }) => totalHeapBytes),
    nativeBytes: status.nativeBytes,
  };
}

const mib = (bytes: number): string => (bytes / MIB).toFixed(1);

/** The stages as aligned text, sizes in MiB. */
export function formatStages(stages: Stage[]): string {
  const head = ['cached', 'RSS MiB', 'heap used MiB', 'heap total MiB', 'native MiB'];
  const rows = stages.map((stage) => [
    String(stage.cached),
    mib(stage.rssBytes),
    mib(stage.usedHeapBytes),
    mib(stage.totalHeapBytes),
    mib(stage.nativeBytes),
  ]);
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  return [head, ...rows].map((row) => row.map((cell, i) => cell.padStart(widths[i] ?? 0)).join('  ')).join('\n');
}

/** Least squares of `bytes` over the cached workflows, in KiB per workflow; undefined below two distinct stages. */
export function slopeKibPerWorkflow(stages: Stage[], bytes: (stage: Stage) => number): number | undefined {
  const points = stages.filter(({ cached }) => cached >= SLOPE_FROM_CACHED);
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const meanX = mean(points.map(({ cached }) => cached));
  const meanY = mean(points.map(bytes));
  const spread = points.reduce((sum, { cached }) => sum + (cached - meanX) ** 2, 0);
  if (!(spread > 0)) return undefined;
  const covariance = points.reduce((sum, stage) => sum + (stage.cached - meanX) * (bytes(stage) - meanY), 0);
  return covariance / spread / KIB;
}
