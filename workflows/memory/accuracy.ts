/** How true the measured cost of runs is: what `worker/examples/measure_runs.rs` finds, judged and written down. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { PACKAGE_DIR } from '../src/tools/bundles';
import { requireBurdock } from '../src/support/temporal';
import { bundleOf } from './bundles';
import { writeCsv } from './results';
import { quantile } from './statistics';

/** A run's estimate has to be this near the truth, by share or by size. */
const SHARE_MAX = 0.15;
const BYTES_MAX = 16 << 10;
/** The estimates and the shared base together have to be this near the live heap. */
const SUM_SHARE_MAX = 0.1;
const DOCUMENT = path.resolve(PACKAGE_DIR, '../docs/memory-accuracy.md');

export interface MeasuredRun {
  runId: string;
  pattern: string;
  kind: string;
  stateBytes: number;
  estimateBytes: number;
  truthBytes: number;
}

export interface MeasuredIsolate {
  seed: number;
  context: string;
  liveBytes: number;
  baseBytes: number;
  sumBytes: number;
  runs: MeasuredRun[];
}

/** Drives runs of known state through an isolate, and takes them out again. */
export async function measure(
  seed: number,
  runs: number,
  context: 'shared' | 'per-workflow'
): Promise<MeasuredIsolate> {
  requireBurdock();
  const program = path.join(path.dirname(process.env.BURDOCK_BIN ?? ''), 'examples/measure_runs');
  const { file } = await bundleOf('hold-state');
  const { stdout } = await promisify(execFile)(program, [file, String(seed), String(runs), context], {
    maxBuffer: 16 << 20,
  });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as MeasuredRun | Omit<MeasuredIsolate, 'runs'>);
  const isolate = lines.pop() as Omit<MeasuredIsolate, 'runs'>;
  return { ...isolate, seed, context, runs: lines as MeasuredRun[] };
}

const errorOf = ({ estimateBytes, truthBytes }: MeasuredRun): number => Math.abs(estimateBytes - truthBytes);

/** What is not as near the truth as it has to be. */
export function accuracyTroubles({ seed, runs, liveBytes, baseBytes, sumBytes }: MeasuredIsolate): string[] {
  const troubles = runs
    .filter((run) => errorOf(run) > BYTES_MAX && errorOf(run) > SHARE_MAX * run.truthBytes)
    .map(
      (run) =>
        `seed ${seed}: ${run.runId} (${run.pattern} ${run.kind}) is ${run.truthBytes} bytes, not ${run.estimateBytes}`
    );
  const sum = baseBytes + sumBytes;
  if (Math.abs(sum - liveBytes) > SUM_SHARE_MAX * liveBytes) {
    troubles.push(`seed ${seed}: base and runs are ${sum} bytes, the live heap is ${liveBytes}`);
  }
  return troubles;
}

/** Writes every run as CSV and the distribution of the errors as a document. */
export async function publishAccuracy(isolates: readonly MeasuredIsolate[]): Promise<void> {
  const rows = isolates.flatMap(({ seed, context, runs }) =>
    runs.map((run) => [
      context,
      seed,
      run.runId,
      run.pattern,
      run.kind,
      run.stateBytes,
      run.estimateBytes,
      run.truthBytes,
    ])
  );
  const header = ['context', 'seed', 'runId', 'pattern', 'kind', 'stateBytes', 'estimateBytes', 'truthBytes'];
  await writeCsv('accuracy', header, rows);
  const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
  const lines = isolates.map((isolate) => {
    const bytes = isolate.runs.map(errorOf);
    const shares = isolate.runs.map((run) => errorOf(run) / Math.max(run.truthBytes, 1));
    const sum = (isolate.baseBytes + isolate.sumBytes) / isolate.liveBytes - 1;
    const cells = [0.5, 0.9, 0.99, 1].map((q) => `${quantile(bytes, q)} B, ${percent(quantile(shares, q) ?? NaN)}`);
    return `| ${[isolate.context, isolate.seed, isolate.runs.length, ...cells, percent(sum)].join(' | ')} |`;
  });
  await writeFile(
    DOCUMENT,
    `<!-- Written by \`npm --prefix workflows run memory -- accuracy\`. -->

# How true the measured cost of a run is

Runs whose state is known (1 KB to 16 MB of text, objects, maps or buffers, written, untouched or touched in part; growing, shrinking, mixed) change it in turns in one
isolate. It measures them as an idle worker does; then each is evicted and collected, and what came back is the truth. Each estimate has to
be within ${percent(SHARE_MAX)} or ${BYTES_MAX >> 10} KiB of it, and all with the shared base within ${percent(SUM_SHARE_MAX)} of the isolate's live heap; a test checks that on every build.

The errors' quantiles, in bytes and as a share of the truth, and how far base and runs together are from the live heap. Every run is in
[\`accuracy.csv\`](../workflows/memory/results/accuracy.csv).

| context | seed | runs | 50 % | 90 % | 99 % | 100 % | sum |
|---|---|---|---|---|---|---|---|
${lines.join('\n')}

What runs share without the bundle sharing it, such as hidden classes and equal property names, is counted for the oldest of them:
nobody's eviction gives it back alone. Here that is a run that stays throughout; it is in the sum and not in the table.
`
  );
}
