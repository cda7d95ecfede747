#!/usr/bin/env node
// Which malloc suits the worker: the same load under each allocator and memory limit, one worker process for each pair.
//
//     node bench/allocators/run.mjs [--allocators glibc,mimalloc] [--limits 512MiB,4GiB] [--rounds N] [--bundle FILE]
//     node bench/allocators/run.mjs --report
//
// The first appends rows to results.csv, the second makes docs/allocators.md of them. It needs the built package
// `workflows/`, a memory controller of cgroup version 1 that may be written, and by variables: BURDOCK_BIN,
// BURDOCK_TEMPORAL_CLI, BENCH_JEMALLOC_SO and BENCH_MIMALLOC_SO (shared libraries),
// BENCH_PREFIXED_BIN (a build whose Rust side uses jemalloc), BENCH_PLAIN_BIN (one that leaves glibc as it comes:
// `trim_malloc()` and `tune_malloc()` do nothing). What is not named is left out, and said so.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.resolve(HERE, '../..');
const RESULTS = path.join(HERE, 'results.csv');
const DOCUMENT = path.join(ROOT, 'docs/allocators.md');
const MIB = 1 << 20;

/** Arenas for each core, and pages given back after 5 s. */
const JEMALLOC_CONF = 'abort_conf:true,narenas:2,background_thread:true,dirty_decay_ms:5000,muzzy_decay_ms:5000';
const { env } = process;
/** What each runs: a program, variables, and a part of a mapped file's name that proves who answers `malloc`. */
const ALLOCATORS = {
  glibc: { program: env.BENCH_PLAIN_BIN },
  'glibc-arena-2': { program: env.BENCH_PLAIN_BIN, env: { MALLOC_ARENA_MAX: '2' } },
  // Whoever tunes glibc keeps his own thresholds: this names a default of glibc.
  'glibc-trim': { program: env.BURDOCK_BIN, env: { GLIBC_TUNABLES: 'glibc.malloc.tcache_count=7' } },
  'glibc-tuned': { program: env.BURDOCK_BIN },
  'jemalloc-prefixed': { program: env.BENCH_PREFIXED_BIN, env: { _RJEM_MALLOC_CONF: JEMALLOC_CONF } },
  jemalloc: preload(env.BENCH_JEMALLOC_SO, 'libjemalloc', { MALLOC_CONF: JEMALLOC_CONF }),
  mimalloc: preload(env.BENCH_MIMALLOC_SO, 'libmimalloc', {}),
};
/** How many runs stay cached through the whole load, and how many come in the burst. */
const LIMITS = {
  '512MiB': { bytes: 512 * MIB, residents: 40, burst: 40 },
  '1GiB': { bytes: 1024 * MIB, residents: 80, burst: 80 },
  '4GiB': { bytes: 4096 * MIB, residents: 160, burst: 160 },
};
const PHASES = ['start', 'steady', 'burst-then-idle', 'evict-all'];
const STEADY_MS = 30_000;
const POKE_EVERY_MS = 60;
/** After the burst, and after the last run has gone. */
const BURST_IDLE_MS = 15_000;
const EVICTED_IDLE_MS = 60_000;
const CONCURRENCY = 20;
const TICKS_PER_SECOND = 100;

const COLUMNS = [
  ...['date', 'allocator', 'limit', 'phase', 'cached', 'rss_bytes', 'anon_bytes', 'peak_rss_bytes', 'heap_used_bytes'],
  ...['heap_committed_bytes', 'external_bytes', 'native_bytes', 'round_trips', 'p50_ms', 'p99_ms', 'cpu_seconds'],
  ...['oom_kills', 'allocator_figures', 'command'],
];

function preload(library, mapped, variables) {
  return { program: library && env.BURDOCK_BIN, mapped, env: { ...variables, LD_PRELOAD: library } };
}

/** Numbers of a `/proc/PID/status`, in bytes. */
function sizesOf(pid) {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Object.fromEntries(
    [...text.matchAll(/^(\w+):\s+(\d+) kB$/gm)].map(([, name, kib]) => [name, Number(kib) * 1024])
  );
}

/** User and system time since the process began. */
function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function quantile(sorted, share) {
  return sorted.length === 0 ? '' : sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(1);
}

/** Runs `count` times `work(n)`, a bounded number at a time. */
async function times(count, work) {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, count) }, lane));
}

async function poke(handle, n) {
  const began = performance.now();
  await handle.executeUpdate('pokeAndGet', { args: [n] });
  return performance.now() - began;
}

/** Updates the residents in turn at a steady rate; the round trips in milliseconds, sorted. */
async function steady(handles) {
  const took = [];
  const pending = [];
  const busy = new Set();
  const began = Date.now();
  for (let n = 0; Date.now() - began < STEADY_MS; n++) {
    const handle = handles[n % handles.length];
    if (!busy.has(handle)) {
      busy.add(handle);
      pending.push(
        poke(handle, n)
          .then((ms) => took.push(ms))
          .finally(() => busy.delete(handle))
      );
    }
    await delay(Math.max(0, began + (n + 1) * POKE_EVERY_MS - Date.now()));
  }
  await Promise.all(pending);
  return took.sort((a, b) => a - b);
}

const finish = (handles) =>
  times(handles.length, async (n) => {
    await handles[n].signal('finish');
    await handles[n].result();
  });

/** What the allocator says at the end of the process, in bytes, if it says anything. */
function figuresOf(output) {
  const jemalloc =
    /Allocated: (\d+), active: (\d+), metadata: (\d+).*?resident: (\d+), mapped: (\d+), retained: (\d+)/.exec(output);
  if (jemalloc) return `allocated=${jemalloc[1]} active=${jemalloc[2]} resident=${jemalloc[4]} retained=${jemalloc[6]}`;
  return '';
}

/** One worker under one allocator and limit, through all phases. */
async function measure(lib, name, limit, bundle, command) {
  const { program, env: variables = {}, mapped } = ALLOCATORS[name];
  const { bytes, residents, burst } = LIMITS[limit];
  const group = lib.cgroup.MemoryGroup.create(bytes);
  const around = await lib.surroundings.surroundings();
  const taskQueue = `allocators-${name}-${limit}`;
  const statusAddress = `127.0.0.1:${await lib.ports.freePort()}`;
  const flags = {
    bundle,
    'task-queue': taskQueue,
    address: around.address,
    'status-addr': statusAddress,
    isolates: 2,
    'max-cached-workflows': 1000,
    'memory-limit': limit,
  };
  // The shell that joins the group must not be preloaded: the last word before the program sets the variables.
  const words = Object.entries(variables).map(([key, value]) => `${key}=${value}`);
  const args = ['worker', ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)])];
  const joined = group.command('/usr/bin/env', [...words, program, ...args]);
  const child = new lib.child.ManagedChild(name, joined.program, joined.args);
  const rows = [];
  let peak = 0;
  const sampling = setInterval(() => {
    if (child.isRunning) peak = Math.max(peak, sizesOf(child.pid).VmHWM ?? 0);
  }, 200);
  try {
    await lib.poll.until(`${name} to be ready`, 30_000, async () => {
      if (!child.isRunning) throw new Error(`${name} has ended.`);
      return (await lib.status.isReady(statusAddress)) ? true : undefined;
    });
    const maps = readFileSync(`/proc/${child.pid}/maps`, 'utf8');
    if (mapped && !maps.includes(mapped)) throw new Error(`${mapped} is not mapped: ${name} did not take effect.`);
    if (!mapped && /libjemalloc|libmimalloc/.test(maps))
      throw new Error(`Another allocator is preloaded into ${name}.`);
    const start = (n) =>
      around.client.workflow.start('typical', { taskQueue, workflowId: `${taskQueue}-${n}-${Date.now()}`, args: [n] });
    const row = async (phase, took = []) => {
      const status = await lib.status.fetchStatus(statusAddress);
      const sizes = sizesOf(child.pid);
      const sum = (field) => status.isolates.reduce((total, isolate) => total + isolate[field], 0);
      const committed = sum('totalHeapBytes');
      rows.push({
        date: new Date().toISOString().slice(0, 19),
        ...{ allocator: name, limit, phase, cached: status.numCachedWorkflows },
        ...{ rss_bytes: sizes.VmRSS, anon_bytes: sizes.RssAnon, peak_rss_bytes: peak },
        ...{
          heap_used_bytes: sum('usedHeapBytes'),
          heap_committed_bytes: committed,
          external_bytes: sum('externalBytes'),
        },
        native_bytes: sizes.RssAnon - committed,
        ...{ round_trips: took.length, p50_ms: quantile(took, 0.5), p99_ms: quantile(took, 0.99) },
        ...{
          cpu_seconds: cpuSeconds(child.pid).toFixed(2),
          oom_kills: group.read().oomKills,
          allocator_figures: '',
          command,
        },
      });
    };
    await row('start');
    const handles = [];
    await times(residents, async (n) => void (handles[n] = await start(n)));
    await times(residents, async (n) => void (await poke(handles[n], n)));
    await row('steady', await steady(handles));
    const guests = [];
    await Promise.all(Array.from({ length: burst }, async (_, n) => void (guests[n] = await start(residents + n))));
    await times(burst, async (n) => void (await poke(guests[n], n)));
    await finish(guests);
    await delay(BURST_IDLE_MS);
    await row('burst-then-idle');
    await finish(handles);
    await delay(EVICTED_IDLE_MS);
    await row('evict-all');
  } catch (cause) {
    throw new Error(`${cause}\n${child.tail()}`, { cause });
  } finally {
    clearInterval(sampling);
    await child.stop('SIGTERM').catch(() => undefined);
    await group.close();
    await around.close();
  }
  const last = rows.at(-1);
  if (last) last.allocator_figures = figuresOf(child.output);
  return rows;
}

const cell = (value) => (/[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));

function write(rows) {
  if (!existsSync(RESULTS)) writeFileSync(RESULTS, `${COLUMNS.join(',')}\n`);
  appendFileSync(RESULTS, rows.map((row) => `${COLUMNS.map((column) => cell(row[column])).join(',')}\n`).join(''));
}

/** The rows of results.csv as objects of text. */
function read() {
  const [head, ...lines] = readFileSync(RESULTS, 'utf8').trim().split('\n');
  const names = head.split(',');
  return lines.map((line) => {
    const values = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
      ([, quoted, plain]) => quoted ?? plain
    );
    return Object.fromEntries(names.map((name, n) => [name, values[n]]));
  });
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The generated part of docs/allocators.md. */
function table() {
  const rows = read();
  const mib = (found, field) => (found.length ? (mean(found.map((row) => Number(row[field]))) / MIB).toFixed(0) : '-');
  const lines = [
    "| limit | allocator | runs | anon at start | steady | idle after burst | **evicted, idle** | of it outside of V8's heap | peak RSS | p50 ms | p99 ms | CPU s |",
    `|${'---|'.repeat(12)}`,
  ];
  for (const limit of Object.keys(LIMITS)) {
    for (const allocator of Object.keys(ALLOCATORS)) {
      const of = (phase) =>
        rows.filter((row) => row.limit === limit && row.allocator === allocator && row.phase === phase);
      const [start, steadily, idle, evicted] = PHASES.map(of);
      if (evicted.length === 0) continue;
      const ms = (field) => mean(steadily.map((row) => Number(row[field]))).toFixed(0);
      const cells = [
        limit,
        allocator,
        evicted.length,
        mib(start, 'anon_bytes'),
        mib(steadily, 'anon_bytes'),
        mib(idle, 'anon_bytes'),
        `**${mib(evicted, 'anon_bytes')}**`,
      ];
      cells.push(
        mib(evicted, 'native_bytes'),
        mib(evicted, 'peak_rss_bytes'),
        ms('p50_ms'),
        ms('p99_ms'),
        mean(evicted.map((row) => Number(row.cpu_seconds))).toFixed(1)
      );
      lines.push(`| ${cells.join(' | ')} |`);
    }
  }
  return lines.join('\n');
}

function report() {
  const [begin, end] = ['<!-- allocators:begin -->', '<!-- allocators:end -->'];
  const text = readFileSync(DOCUMENT, 'utf8');
  const [before, rest] = text.split(begin);
  writeFileSync(DOCUMENT, `${before}${begin}\n\n${table()}\n\n${end}${rest.split(end)[1]}`);
}

async function main() {
  const { values } = parseArgs({
    options: {
      report: { type: 'boolean' },
      allocators: { type: 'string', default: Object.keys(ALLOCATORS).join(',') },
      limits: { type: 'string', default: Object.keys(LIMITS).join(',') },
      rounds: { type: 'string', default: '1' },
      bundle: { type: 'string' },
    },
  });
  if (values.report) return report();
  const require = createRequire(path.join(ROOT, 'workflows/lib/'));
  const names = {
    child: 'src/support/child',
    poll: 'src/support/poll',
    ports: 'src/support/ports',
    status: 'src/support/status',
    cgroup: 'memory/cgroup',
    surroundings: 'memory/surroundings',
  };
  const lib = Object.fromEntries(Object.entries(names).map(([name, file]) => [name, require(`./${file}.js`)]));
  lib.child.endChildrenOnSignals();
  const bundle = values.bundle ?? (await require('./memory/bundles.js').bundleOf('w2')).file;
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const limit of values.limits.split(',')) {
      for (const name of values.allocators.split(',')) {
        if (!ALLOCATORS[name]?.program) {
          console.log(`${name} is left out: its program or library is not named`);
          continue;
        }
        const command = `node bench/allocators/run.mjs --allocators ${name} --limits ${limit}`;
        try {
          const rows = await measure(lib, name, limit, bundle, command);
          write(rows);
          console.log(
            `${limit} ${name}: anon ${rows.map((row) => Math.round(row.anon_bytes / MIB)).join(' -> ')} MiB, p99 ${rows[1].p99_ms} ms`
          );
        } catch (err) {
          console.log(`${limit} ${name}: ${err instanceof Error ? err.stack : err}`);
        }
      }
    }
  }
}

main().then(
  () => process.exit(0),
  (err) => {
    console.error(err instanceof Error ? err.message : err);
    process.exit(1);
  }
);
