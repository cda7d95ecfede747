#!/usr/bin/env node
// What `malloc` keeps after runs that took hundreds of megabytes: the offenders of the mixed load, one after the other, while
// healthy runs are updated; then a rest, and what the worker holds then. With thresholds for large blocks that move, as glibc
// has them, and with fixed ones, as the worker sets them; in turn, so that both meet the same machine.
//
//     node bench/allocators/retention.mjs [--rounds N] [--without-offenders]
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

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.resolve(HERE, '../..');
const RESULTS = path.join(HERE, 'retention.csv');
const DOCUMENT = path.join(ROOT, 'docs/allocators.md');
const MIB = 1 << 20;

/** Whoever tunes glibc keeps his own thresholds: this names a default of glibc. */
const THRESHOLDS = { moving: { GLIBC_TUNABLES: 'glibc.malloc.tcache_count=7' }, fixed: {} };
const LIMIT_BYTES = 512 * MIB;
const RESIDENTS = 60;
const FLAGS = ['--isolates=4', '--workflow-timeout=1s'];
/** What the load without offenders takes in place of them. */
const QUIET_MS = 120_000;
const BETWEEN_MS = 2_000;
const REST_MS = 15_000;
const OFFENCE_TIMEOUT_MS = 60_000;
const COLUMNS = ['date', 'thresholds', 'offenders', 'contained', 'updates', 'rss_bytes', 'anon_bytes', 'malloc_allocated_bytes', 'malloc_free_bytes', 'heap_committed_bytes', 'burdock'];

/** Commits all offences in turn; how many of them were contained. */
async function offend(lib, around, worker, taskQueue) {
  let contained = 0;
  for (const offence of lib.offences.allOffences) {
    const { verdict } = await lib.offences.commit(around.client, taskQueue, offence, () => worker.isRunning, OFFENCE_TIMEOUT_MS);
    if (verdict === 'contained') contained += 1;
    await delay(BETWEEN_MS);
  }
  return contained;
}

async function measure(lib, thresholds, withOffenders) {
  const around = await lib.surroundings.surroundings();
  const group = lib.cgroup.MemoryGroup.create(LIMIT_BYTES);
  const { file: bundle } = await lib.bundles.bundleOf('mixed');
  const taskQueue = `retention-${thresholds}-${Date.now()}`;
  Object.assign(process.env, THRESHOLDS[thresholds]);
  let worker;
  try {
    worker = await lib.worker.ConfinedWorker.start({ kind: 'burdock', bundle, taskQueue, address: around.address, group, flags: FLAGS });
    for (const name of Object.keys(THRESHOLDS[thresholds])) delete process.env[name];
    const traffic = await lib.traffic.Traffic.start({ client: around.client, taskQueue, gone: worker.child.exited }, RESIDENTS);
    let isOver = false;
    const flowing = traffic.flow(() => isOver);
    const contained = withOffenders ? await offend(lib, around, worker, taskQueue) : await delay(QUIET_MS, 0);
    isOver = true;
    await flowing;
    await delay(REST_MS);
    const status = await worker.status();
    if (traffic.lost.length > 0) throw new Error(traffic.lost.join('\n'));
    return {
      ...{ date: new Date().toISOString().slice(0, 19), thresholds, offenders: withOffenders ? lib.offences.allOffences.length : 0, contained },
      ...{ updates: traffic.latencies.length, rss_bytes: status.rssBytes, anon_bytes: status.anonBytes },
      ...{ malloc_allocated_bytes: status.memory.allocator.allocatedBytes, malloc_free_bytes: status.memory.allocator.freeBytes },
      heap_committed_bytes: status.isolates.reduce((sum, isolate) => sum + isolate.totalHeapBytes, 0),
      burdock: (await lib.surroundings.machine()).burdock,
    };
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
  const table = ['| thresholds | offenders | updates | anonymous memory | in use by `malloc` | free in `malloc` | V8\'s heaps, committed |', `|${'---|'.repeat(7)}`];
  for (const row of rows) {
    const sizes = ['anon_bytes', 'malloc_allocated_bytes', 'malloc_free_bytes', 'heap_committed_bytes'].map((field) => mib(row, field));
    table.push(`| ${[row.thresholds, `${row.offenders}, ${row.contained} contained`, row.updates, ...sizes].join(' | ')} |`);
  }
  const [begin, end] = ['<!-- retention:begin -->', '<!-- retention:end -->'];
  const text = readFileSync(DOCUMENT, 'utf8');
  writeFileSync(DOCUMENT, `${text.split(begin)[0]}${begin}\n\n${table.join('\n')}\n\n${end}${text.split(end)[1]}`);
}

async function main() {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '2' }, 'without-offenders': { type: 'boolean' }, report: { type: 'boolean' } } });
  if (values.report) return report();
  const require = createRequire(path.join(ROOT, 'workflows/lib/'));
  const names = ['bundles', 'cgroup', 'offences', 'surroundings', 'traffic', 'worker'];
  const lib = Object.fromEntries(names.map((name) => [name, require(`./memory/${name}.js`)]));
  require('./src/support/child.js').endChildrenOnSignals();
  if (!existsSync(RESULTS)) writeFileSync(RESULTS, `${COLUMNS.join(',')}\n`);
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const thresholds of Object.keys(THRESHOLDS)) {
      const row = await measure(lib, thresholds, !values['without-offenders']);
      appendFileSync(RESULTS, `${COLUMNS.map((column) => row[column]).join(',')}\n`);
      console.log(`${thresholds}: ${JSON.stringify(row)}`);
    }
  }
}

main().then(
  () => process.exit(0),
  (err) => {
    console.error(err instanceof Error ? err.stack : err);
    process.exit(1);
  }
);
