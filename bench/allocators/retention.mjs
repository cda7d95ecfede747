#!/usr/bin/env node
// What `malloc` keeps after runs that took hundreds of megabytes: the offenders of the mixed load, one after the other, while
// healthy runs are updated; then a rest, and what the worker holds then; and all of it again. With thresholds for large blocks
// that move and up to sixteen arenas, as glibc has them on two cores; with fixed thresholds; and with two arenas as well, as the
// worker sets them.
//
//     node bench/allocators/retention.mjs [--laps N] [--settings moving,fixed,fixed-2-arenas] [--without-offenders]
//     node bench/allocators/retention.mjs --report
//
// The first appends rows to retention.csv, the second makes the table of docs/allocators.md. It needs what run.mjs needs; of the
// variables BURDOCK_BIN and BURDOCK_TEMPORAL_CLI alone.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { table, writeBlock } from '../../scripts/markdown.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.resolve(HERE, '../..');
const RESULTS = path.join(HERE, 'retention.csv');
const DOCUMENT = 'docs/allocators.md';
const MIB = 1 << 20;

/** Whoever tunes glibc keeps his own thresholds: this names a default of glibc. */
const SETTINGS = {
  moving: { GLIBC_TUNABLES: 'glibc.malloc.tcache_count=7' },
  fixed: { MALLOC_ARENA_MAX: '16' },
  'fixed-2-arenas': { MALLOC_ARENA_MAX: '2' },
};
const LIMIT_BYTES = 512 * MIB;
const RESIDENTS = 60;
const FLAGS = ['--isolates=4', '--workflow-timeout=1s'];
/** What the load without offenders takes in place of them. */
const QUIET_MS = 120_000;
const BETWEEN_MS = 2_000;
const REST_MS = 20_000;
const OFFENCE_TIMEOUT_MS = 60_000;
const COLUMNS = [
  'date',
  'settings',
  'lap',
  'offenders',
  'contained',
  'updates',
  'rss_bytes',
  'anon_bytes',
  'malloc_allocated_bytes',
  'malloc_retained_bytes',
  'heap_committed_bytes',
  'isolates',
  'burdock',
];

/** Commits all offences in turn; how many of them were contained. */
async function offend(lib, around, worker, taskQueue) {
  let contained = 0;
  for (const offence of lib.offences.allOffences) {
    const { verdict } = await lib.offences.commit(
      around.client,
      taskQueue,
      offence,
      () => worker.isRunning,
      OFFENCE_TIMEOUT_MS
    );
    if (verdict === 'contained') contained += 1;
    await delay(BETWEEN_MS);
  }
  return contained;
}

/** One worker under these settings through all laps; `tell` gets a row after each. */
async function measure(lib, settings, laps, withOffenders, tell) {
  const around = await lib.surroundings.surroundings();
  const group = lib.cgroup.MemoryGroup.create(LIMIT_BYTES);
  const { file: bundle } = await lib.bundles.bundleOf('mixed');
  const { burdock } = await lib.surroundings.machine();
  const taskQueue = `retention-${settings}-${Date.now()}`;
  let worker;
  try {
    Object.assign(process.env, SETTINGS[settings]);
    worker = await lib.worker.ConfinedWorker.start({
      kind: 'burdock',
      bundle,
      taskQueue,
      address: around.address,
      group,
      flags: FLAGS,
    });
    for (const name of Object.keys(SETTINGS[settings])) delete process.env[name];
    const traffic = await lib.traffic.Traffic.start(
      { client: around.client, taskQueue, gone: worker.child.exited },
      RESIDENTS
    );
    for (let lap = 1; lap <= laps; lap += 1) {
      let isOver = false;
      const flowing = traffic.flow(() => isOver);
      const contained = withOffenders ? await offend(lib, around, worker, taskQueue) : await delay(QUIET_MS, 0);
      isOver = true;
      await flowing;
      await delay(REST_MS);
      const { rssBytes, anonBytes, memory, isolates } = await worker.status();
      if (traffic.lost.length > 0) throw new Error(traffic.lost.join('\n'));
      tell({
        ...{
          date: new Date().toISOString().slice(0, 19),
          settings,
          lap,
          offenders: withOffenders ? lib.offences.allOffences.length : 0,
          contained,
        },
        ...{ updates: traffic.latencies.length, rss_bytes: rssBytes, anon_bytes: anonBytes },
        ...{
          malloc_allocated_bytes: memory.allocator.allocatedBytes,
          malloc_retained_bytes: memory.parts.allocatorRetainedBytes,
        },
        ...{
          heap_committed_bytes: isolates.reduce((sum, isolate) => sum + isolate.totalHeapBytes, 0),
          isolates: isolates.length,
          burdock,
        },
      });
    }
  } finally {
    await worker?.end();
    worker?.sampler.stop();
    await group.close();
    await around.close();
  }
}

/** The generated table of docs/allocators.md. */
function report() {
  const [head, ...lines] = readFileSync(RESULTS, 'utf8').trim().split('\n');
  const rows = lines.map((line) => Object.fromEntries(head.split(',').map((name, n) => [name, line.split(',')[n]])));
  const mib = (row, field) => (Number(row[field]) / MIB).toFixed(0);
  const header = [
    'settings',
    'lap',
    'offenders',
    'updates',
    'anonymous memory',
    'in use by `malloc`',
    'kept by `malloc`',
    "V8's heaps, committed",
    'isolates',
  ];
  const cells = rows.map((row) => {
    const sizes = ['anon_bytes', 'malloc_allocated_bytes', 'malloc_retained_bytes', 'heap_committed_bytes'].map(
      (field) => mib(row, field)
    );
    return [row.settings, row.lap, `${row.offenders}, ${row.contained} contained`, row.updates, ...sizes, row.isolates];
  });
  writeBlock(DOCUMENT, 'retention', table(header, cells));
}

/** What was asked for, or what is wrong with it. */
function asked({ laps, settings }) {
  const names = settings.split(',');
  const unknown = names.find((name) => !Object.hasOwn(SETTINGS, name));
  if (unknown !== undefined)
    throw new Error(`--settings: there is no ${unknown}; name some of ${Object.keys(SETTINGS).join(', ')}`);
  if (!/^[1-9]\d*$/.test(laps)) throw new Error(`--laps: ${laps} is no number of laps; give one from 1 on`);
  return { names, laps: Number(laps) };
}

async function main() {
  const { values } = parseArgs({
    options: {
      laps: { type: 'string', default: '3' },
      settings: { type: 'string', default: Object.keys(SETTINGS).join(',') },
      'without-offenders': { type: 'boolean' },
      report: { type: 'boolean' },
    },
  });
  if (values.report) return report();
  const { names: chosen, laps } = asked(values);
  const require = createRequire(path.join(ROOT, 'workflows/lib/'));
  const names = ['bundles', 'cgroup', 'offences', 'surroundings', 'traffic', 'worker'];
  const lib = Object.fromEntries(names.map((name) => [name, require(`./memory/${name}.js`)]));
  require('./src/support/child.js').endChildrenOnSignals();
  if (!existsSync(RESULTS)) writeFileSync(RESULTS, `${COLUMNS.join(',')}\n`);
  for (const settings of chosen) {
    await measure(lib, settings, laps, !values['without-offenders'], (row) => {
      appendFileSync(RESULTS, `${COLUMNS.map((column) => row[column]).join(',')}\n`);
      console.log(JSON.stringify(row));
    });
  }
}

main().then(
  () => process.exit(0),
  (err) => {
    console.error(err instanceof Error ? err.message : err);
    process.exit(1);
  }
);
