/**
 * The proof in a real memory control group:
 *
 *     npm --prefix workflows run memory -- incident [--workers burdock,node] [--bundles w3,w4] [--workflows 1000] [--limit 1GiB]
 *     npm --prefix workflows run memory -- mixed [--duration 30m] [--limit 512MiB]
 *     npm --prefix workflows run memory -- near-limit [--events 1000] [--settings 64MiB,280MiB,1024MiB,280MiB-tight] [--shapes array,mapGrowth]
 *     npm --prefix workflows run memory -- endings [--workflows 600] [--rounds 3]
 *     npm --prefix workflows run memory -- sharing [--workflows 600] [--bundles w1,w2,w4,w3]
 *     npm --prefix workflows run memory -- host-bytes
 *     npm --prefix workflows run memory -- report [--check]
 *
 * The first five write raw data into `memory/results`, unless `--short` asks for the short form; `report` makes
 * `docs/memory-proof.md` of it. `--worker-flag=--name=value`, once or more, is handed on to `burdock worker`.
 */
import { endChildrenOnSignals } from '../src/support/child';
import { requireBurdock } from '../src/support/temporal';
import { available } from './cgroup';
import { accuracyTroubles, measure, publishAccuracy } from './accuracy';
import { endingsCommand } from './endings-command';
import { type Flags, readFlags } from './flags';
import { measureHostBytes } from './host-bytes';
import { incidentTroubles, runIncident } from './incident';
import { type MixedRaw, mixedTroubles, runMixed } from './mixed';
import { nearLimitCommand } from './near-limit-command';
import { report } from './report';
import { writeCsv, writeResult } from './results';
import { runSharing, sharingTroubles } from './sharing';
import { type Surroundings, surroundings } from './surroundings';
import { withDefaults } from './worker';
import { mib, parseSize, sizeName } from './units';

const FULL_WORKFLOWS = 1_000;
const SHORT_WORKFLOWS = 150;
/** So many healthy runs as fit the cache. Each of the ways to misbehave has a turn. What one of them holds up is the isolate that it is on, so there are some. */
const FULL_MIXED = { durationMs: 1_800_000, quietMs: 180_000, residents: 60, offenceEveryMs: 90_000 };
const FULL_MIXED_FLAGS = ['--isolates=4'];
const SHORT_MIXED = { durationMs: 60_000, quietMs: 10_000, residents: 20, offenceEveryMs: 2_000 };

/** Says what a run came to; the answer is whether it is in order. */
function tell(name: string, summary: string, troubles: readonly string[]): boolean {
  console.log(`${name}: ${summary}`);
  for (const trouble of troubles) console.log(`  trouble: ${trouble}`);
  return troubles.length === 0;
}

async function incident(flags: Flags): Promise<boolean> {
  const limitBytes = flags.limitBytes ?? parseSize('1GiB');
  const workflows = flags.workflows ?? (flags.short ? SHORT_WORKFLOWS : FULL_WORKFLOWS);
  let good = true;
  for (const bundle of flags.bundles) {
    for (const worker of flags.workers) {
      const name = `incident-${worker}-${bundle}-${workflows}-${sizeName(limitBytes)}`;
      const { lives, timeoutMs, workerFlags } = flags;
      const options = {
        worker,
        bundle,
        workflows,
        limitBytes,
        lives,
        timeoutMs,
        flags: worker === 'burdock' ? workerFlags : [],
      };
      // A server of its own for each, so that none carries what another left.
      const result = await withSurroundings((around) => runIncident(options, around));
      if (!flags.short) console.log(`wrote ${await writeResult(name, result)}`);
      const memory = `oom_kill ${result.oomKills}, peak RSS ${mib(result.peakRssBytes)} MiB`;
      const summary = `${result.completed} of ${workflows} completed, ${memory}, ${result.lives.length} lives`;
      // The Node worker is looked at, not judged.
      const inOrder = tell(name, summary, worker === 'node' ? [] : incidentTroubles(result));
      good &&= inOrder;
    }
  }
  return good;
}

async function accuracy(flags: Flags): Promise<boolean> {
  const isolates = [];
  for (const context of ['shared', 'per-workflow'] as const) {
    for (let seed = 1; seed <= (flags.short ? 1 : 5); seed += 1) isolates.push(await measure(seed, 60, context));
  }
  if (!flags.short) await publishAccuracy(isolates);
  return tell('accuracy', `${isolates.length} isolates of 60 runs`, isolates.flatMap(accuracyTroubles));
}

async function nearLimit(flags: Flags): Promise<boolean> {
  const { name, summary, troubles } = await nearLimitCommand(flags, withSurroundings);
  return tell(name, summary, troubles);
}

async function endings(flags: Flags): Promise<boolean> {
  const { name, summary, troubles } = await endingsCommand(flags, withSurroundings);
  return tell(name, summary, troubles);
}

async function sharing(flags: Flags): Promise<boolean> {
  const bundles = flags.bundlesGiven ? flags.bundles : (['w1', 'w2', 'w4', 'w3'] as const);
  const runs = flags.workflows ?? (flags.short ? SHORT_WORKFLOWS : 600);
  const result = await runSharing(bundles, runs, (bundle, side, { slope, startCpuMs, runs: count }) =>
    console.log(
      `${bundle}, ${side}: ${Math.round(slope.slope / 1024)} KB and ${(startCpuMs / count).toFixed(2)} ms a run`
    )
  );
  if (!flags.short) console.log(`wrote ${await writeResult('sharing', result)}`);
  const parts = result.rounds.map(
    ({ bundle, sides: { off, on } }) => `${bundle} ${(off.slope.slope / on.slope.slope).toFixed(1)} times less`
  );
  return tell('sharing', parts.join(', '), sharingTroubles(result));
}

async function hostBytes(): Promise<boolean> {
  const { run, ...others } = await withSurroundings(measureHostBytes);
  const beyond = Object.entries(others).map(([what, bytes]) => `${Math.round(bytes)} ${what}`);
  return tell(
    'host-bytes',
    `${Math.round(run.slope)} ± ${Math.round(run.halfWidth)} bytes a run; beyond it ${beyond.join(', ')}`,
    []
  );
}

async function writeRaw(name: string, { samples, latencies }: MixedRaw): Promise<void> {
  const header = ['at_ms', 'rss_bytes', 'anon_bytes', 'group_usage_bytes', 'cached_workflows', 'stolen_ms'];
  const rows = samples.map((sample) => {
    const { atMs, rssBytes, anonBytes, groupUsageBytes, cachedWorkflows, stolenMs } = sample;
    return [atMs, rssBytes, anonBytes, groupUsageBytes, cachedWorkflows ?? '', stolenMs];
  });
  await writeCsv(`${name}-samples`, header, rows);
  const times = latencies.map(({ atMs, tookMs }) => [atMs, tookMs.toFixed(1)]);
  await writeCsv(`${name}-latencies`, ['at_ms', 'took_ms'], times);
}

async function mixed(flags: Flags): Promise<boolean> {
  const limitBytes = flags.limitBytes ?? parseSize('512MiB');
  const durationMs = flags.durationMs ?? (flags.short ? SHORT_MIXED.durationMs : FULL_MIXED.durationMs);
  const form = flags.short ? SHORT_MIXED : FULL_MIXED;
  const workerFlags = withDefaults(flags.workerFlags, flags.short ? [] : FULL_MIXED_FLAGS);
  const options = { ...form, durationMs, limitBytes, flags: workerFlags };
  const { result, raw } = await withSurroundings((around) => runMixed(options, around));
  const name = `mixed-${Math.round(durationMs / 60_000)}min-${sizeName(limitBytes)}`;
  if (!flags.short) {
    await writeRaw(name, raw);
    console.log(`wrote ${await writeResult(name, result)}`);
  }
  const contained = result.offences.filter(({ verdict }) => verdict === 'contained').length;
  const summary =
    `${contained} of ${result.offences.length} offences contained, ${result.visitors} visitors, p99 ${result.quiet.p99Ms} ms quiet ` +
    `and ${result.mixed.p99Ms} ms mixed, peak RSS ${mib(result.peaks.peakRssBytes)} MiB`;
  return tell(name, summary, mixedTroubles(result, !flags.short));
}

async function withSurroundings<T>(body: (around: Surroundings) => Promise<T>): Promise<T> {
  const around = await surroundings();
  try {
    return await body(around);
  } finally {
    await around.close();
  }
}

async function main(): Promise<number> {
  const flags = readFlags(process.argv.slice(2));
  // The document follows from files and needs nothing else.
  if (flags.command === 'report') return (await report(flags.check)) ? 0 : 1;
  if (flags.command === 'accuracy') return (await accuracy(flags)) ? 0 : 1;
  if (flags.command === 'host-bytes') return (await hostBytes()) ? 0 : 1;
  requireBurdock();
  endChildrenOnSignals();
  if (flags.command === 'sharing') return (await sharing(flags)) ? 0 : 1;
  if (flags.command === 'endings') return (await endings(flags)) ? 0 : 1;
  const { reason } = available();
  if (reason !== undefined) throw new Error(reason);
  const commands = { incident, mixed, 'near-limit': nearLimit };
  return (await commands[flags.command](flags)) ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (err: unknown) => {
    console.error(err instanceof Error ? err.message : err);
    process.exit(1);
  }
);
