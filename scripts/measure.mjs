#!/usr/bin/env node
// Measures the shipped binary and prints the table of figures that README.md holds. Plain Node, no packages.
//
//   node scripts/measure.mjs                    all figures
//   node scripts/measure.mjs --only start       one group: start, idle, cached or size
//   node scripts/measure.mjs --only executors   what the executors cost; with --write into docs/isolation.md
//   node scripts/measure.mjs --write            all figures, and puts the table into README.md
//   node scripts/measure.mjs --demo-output F    reads the output of a demo that ran already from a file
//
// `make dist` first. BURDOCK_BIN and BURDOCK_TEMPORAL_CLI name other programs.
import { existsSync, readFileSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { table, writeBlock } from './markdown.mjs';
import { measureExecutors } from './measure/executors.mjs';
import { fetchStatus, startServer, startWorker, until } from './measure/processes.mjs';
import { REPO_ROOT, shippedProgram, fail, run, temporalProgram } from './programs.mjs';

const STARTS = 10;
/** Memory is at rest when readings this far apart in time stay this close together. */
const REST_READINGS = 15;
const REST_BYTES = 256 << 10;
const REST_TIMEOUT_MS = 60_000;
const MIB = 1 << 20;

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, write: { type: 'boolean' }, 'demo-output': { type: 'string' } },
});

const bundlePath = path.join(REPO_ROOT, 'workflows/dist/workflow-bundle.js');

function bundle() {
  if (!existsSync(bundlePath)) run('npm', ['--prefix', path.join(REPO_ROOT, 'workflows'), 'run', '--silent', 'bundle']);
  return bundlePath;
}

const mib = (bytes) => `${(bytes / MIB).toFixed(1)} MiB`;

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Runs `body` against a dev server of its own. */
async function withServer(body) {
  const { address, child } = await startServer(temporalProgram());
  try {
    return await body(address);
  } finally {
    child.process.kill('SIGTERM');
    await child.exited;
  }
}

async function measureStart(address) {
  const times = [];
  for (let i = 0; i < STARTS; i += 1) {
    const { child, firstPollMs } = await startWorker(shippedProgram(), bundle(), address);
    await child.stop();
    times.push(firstPollMs);
  }
  const ms = (time) => time.toFixed(0);
  const range = `${ms(Math.min(...times))} to ${ms(Math.max(...times))}`;
  const value = `${ms(median(times))} ms (${range})`;
  return [[`process start to first poll, demo bundle (median of ${STARTS})`, value, 'start']];
}

async function measureIdle(address) {
  const { child, statusAddress } = await startWorker(shippedProgram(), bundle(), address);
  const readings = [];
  const status = await until('memory at rest', REST_TIMEOUT_MS, async () => {
    const reading = await fetchStatus(statusAddress);
    readings.push(reading.rssBytes);
    const last = readings.slice(-REST_READINGS);
    return last.length === REST_READINGS && Math.max(...last) - Math.min(...last) <= REST_BYTES ? reading : undefined;
  });
  await child.stop();
  if (status.numCachedWorkflows !== 0) throw new Error('the idle worker holds workflows');
  const anonymous = `, of it ${mib(status.anonBytes)} anonymous`;
  return [
    [`RSS with 0 cached workflows, ${status.isolates.length} isolates`, `${mib(status.rssBytes)}${anonymous}`, 'idle'],
  ];
}

function demoOutput(variables = {}) {
  if (options['demo-output']) return readFileSync(options['demo-output'], 'utf8');
  const env = { ...process.env, BURDOCK_BIN: shippedProgram(), BURDOCK_TEMPORAL_CLI: temporalProgram(), ...variables };
  const npm = ['--prefix', path.join(REPO_ROOT, 'workflows'), 'run', '--silent', 'demo'];
  return run('npm', npm, { env, echo: true }).stdout;
}

function measureCached() {
  const text = demoOutput();
  if (!/all \d+ conversations reached their expected state/.test(text))
    throw new Error('the demo did not reach its end');
  const slope = (name) => {
    const found = new RegExp(`^${name}: ([\\d.-]+) KB per cached workflow$`, 'm').exec(text);
    if (!found) throw new Error(`the demo printed no line '${name}: .. KB per cached workflow'`);
    return `${Number(found[1]).toFixed(0)} KB`;
  };
  const count = /all (\d+) conversations/.exec(text)[1];
  const value = `${slope('RSS')} (V8 heap in use ${slope('heap used')}, native ${slope('native')})`;
  return [[`RSS per cached workflow, demo (slope from 10 to ${count})`, value, 'cached']];
}

function measureSize() {
  return [['size of the binary, stripped', mib(statSync(shippedProgram()).size), 'size']];
}

function machine() {
  const cpus = os.cpus();
  const load = loadBefore.toFixed(1);
  return `${cpus.length} CPUs (${cpus[0]?.model.trim()}), ${os.type()} ${os.machine()}, load average ${load} before the measurement.`;
}

const loadBefore = os.loadavg()[0];
const GROUPS = ['start', 'idle', 'cached', 'size'];

function executors() {
  const rows = measureExecutors(shippedProgram(), demoOutput);
  const columns = ['setting', 'RSS per cached workflow', 'V8 heap in use', 'CPU time, the dev server included'];
  const command = 'The demo under each setting, one after the other: `node scripts/measure.mjs --only executors`.';
  const block = `${table(columns, rows)}\n\n${command}\n${machine()}`;
  console.log(block);
  if (options.write) writeBlock('docs/isolation.md', 'executors', block);
}

async function main() {
  if (options.only === 'executors') return executors();
  const wanted = options.only ? [options.only] : GROUPS;
  if (!GROUPS.includes(wanted[0])) fail(`--only is '${options.only}'; it takes ${GROUPS.join(', ')} and executors`);
  if (options.only && options.write) fail('--write puts all figures into README.md; leave --only out');
  const rows = [];
  if (wanted.includes('start') || wanted.includes('idle')) {
    await withServer(async (address) => {
      if (wanted.includes('start')) rows.push(...(await measureStart(address)));
      if (wanted.includes('idle')) rows.push(...(await measureIdle(address)));
    });
  }
  if (wanted.includes('cached')) rows.push(...measureCached());
  if (wanted.includes('size')) rows.push(...measureSize());
  const cells = rows.map(([figure, value, group]) => [figure, value, `\`node scripts/measure.mjs --only ${group}\``]);
  const block = `${table(['figure', 'value', 'command'], cells)}\n\n${machine()}`;
  console.log(block);
  if (options.write) writeBlock('README.md', 'measured', block);
}

main().then(
  () => process.exit(0),
  (error) => fail(error.message)
);
