// What the two executors and the capture of stack traces cost: the demo, run with each setting one after the other.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The settings that are compared; ratios are to the first. */
const MODES = [
  { name: '`context = "shared"` (default)', env: {} },
  { name: '`context = "per-workflow"`', env: { BURDOCK_CONTEXT: 'per-workflow' } },
  { name: '`stack-traces = "always"`', env: { BURDOCK_STACK_TRACES: 'always' } },
];

// Runs the worker and notes the CPU time that it and its children (the dev server) took; signals reach it.
const WRAPPER = `#!/bin/bash
"$MEASURED_PROGRAM" "$@" &
worker=$!
trap 'kill -TERM "$worker"' TERM
trap 'kill -INT "$worker"' INT
wait "$worker"; code=$?
while kill -0 "$worker" 2>/dev/null; do wait "$worker"; code=$?; done
times >> "$MEASURED_TIMES"
exit "$code"
`;

const seconds = (text) => text.split('m').reduce((total, part) => total * 60 + Number(part.replace('s', '')), 0);

/** User and system time of the children of the wrapper: the second line of `times`. */
function cpuSeconds(file) {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const [user, system] = lines.at(-1).split(' ').map(seconds);
  return user + system;
}

function slope(text, name) {
  const found = new RegExp(`^${name}: ([\\d.-]+) KB per cached workflow$`, 'm').exec(text);
  if (!found) throw new Error(`the demo printed no line '${name}: .. KB per cached workflow'`);
  return Number(found[1]);
}

/** Rows of the table: setting, RSS and heap per cached workflow, CPU time of the worker, and ratios to the first row. */
export function measureExecutors(burdock, runDemo) {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'burdock-executors-'));
  const wrapper = path.join(scratch, 'burdock');
  const times = path.join(scratch, 'times');
  writeFileSync(wrapper, WRAPPER);
  chmodSync(wrapper, 0o755);
  try {
    const figures = MODES.map(({ name, env }) => {
      const text = runDemo({ ...env, BURDOCK_BIN: wrapper, MEASURED_PROGRAM: burdock, MEASURED_TIMES: times });
      return { name, rss: slope(text, 'RSS'), heap: slope(text, 'heap used'), cpu: cpuSeconds(times) };
    });
    const [base] = figures;
    const ratio = (value, to) => `${(value / to).toFixed(1)}x`;
    return figures.map(({ name, rss, heap, cpu }) => [
      name,
      `${rss.toFixed(0)} KB (${ratio(rss, base.rss)})`,
      `${heap.toFixed(0)} KB (${ratio(heap, base.heap)})`,
      `${cpu.toFixed(1)} s (${ratio(cpu, base.cpu)})`,
    ]);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
