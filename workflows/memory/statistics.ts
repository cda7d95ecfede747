/** The few statistics that the report states. */

/** The value below which a share of all lies, by the nearest rank; NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** How long updates took. */
export interface PhaseLatency {
  updates: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

/** Times to a tenth of a millisecond; NaN where nothing was asked. */
export function latencyOf(tookMs: readonly number[]): PhaseLatency {
  const of = (share: number): number => Math.round(quantile(tookMs, share) * 10) / 10;
  return { updates: tookMs.length, p50Ms: of(0.5), p99Ms: of(0.99), maxMs: of(1) };
}

export interface Slope {
  /** Of y per x. */
  slope: number;
  /** Half the width of the confidence interval of 95 %. */
  halfWidth: number;
  points: number;
}

const Z = 1.959964;

/** The two-sided 95 % quantile of Student's t, by its expansion in the degrees of freedom; good from 5 on. */
export function studentT(freedom: number): number {
  const first = (Z ** 3 + Z) / (4 * freedom);
  const second = (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / (96 * freedom ** 2);
  const third = (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / (384 * freedom ** 3);
  return Z + first + second + third;
}

export type Point = readonly [x: number, y: number];

/** Ordinary least squares; undefined for fewer points than a confidence needs. */
export function leastSquares(points: readonly Point[]): Slope | undefined {
  const n = points.length;
  if (n < 5) return undefined;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const sxx = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  if (sxx === 0) return undefined;
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / sxx;
  const residual = points.reduce((sum, [x, y]) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  return { slope, halfWidth: studentT(n - 2) * Math.sqrt(residual / (n - 2) / sxx), points: n };
}

/**
 * Means over blocks of x. Samples close to each other are alike, so that a confidence computed from them all is too
 * good; means of blocks longer than that likeness are not.
 */
export function blockMeans(points: readonly Point[], width: number): Point[] {
  const mean = (block: readonly Point[], at: 0 | 1): number =>
    block.reduce((sum, point) => sum + point[at], 0) / block.length;
  return blocksOf(points, width).map((block) => [mean(block, 0), mean(block, 1)]);
}

/** The lowest point of each block of x: of memory, what is left when garbage has just been collected. */
export function blockFloors(points: readonly Point[], width: number): Point[] {
  return blocksOf(points, width).map((block) =>
    block.reduce((lowest, point) => (point[1] < lowest[1] ? point : lowest))
  );
}

function blocksOf(points: readonly Point[], width: number): Point[][] {
  const blocks = new Map<number, Point[]>();
  for (const point of points) {
    const key = Math.floor(point[0] / width);
    const block = blocks.get(key);
    if (block === undefined) blocks.set(key, [point]);
    else block.push(point);
  }
  return [...blocks.values()];
}
