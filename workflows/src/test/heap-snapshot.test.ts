/** Heap snapshots of a running worker: who may ask, what comes out, and that the runs do not notice. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { burdockProgram } from '../support/temporal';
import { add, counter, finish, total } from '../workflows/testing';
import { PATIENCE_MS, type TestWorker, flavour, useSuite } from './harness';

/** The property of the host's global object that runs hang on while a snapshot is taken. */
const RUNS = 'burdockCachedWorkflows';
const WORKFLOWS = 4;
/** A memory limit that no snapshot fits beside a worker. */
const LITTLE = '192MiB';

const suite = useSuite();

interface Snapshot {
  snapshot: {
    meta: { node_fields: string[]; edge_fields: string[]; edge_types: [string[]] };
    node_count: number;
    edge_count: number;
  };
  nodes: number[];
  edges: number[];
  strings: string[];
}

/** What a snapshot is answered with. */
interface Taken {
  isolate: number;
  file: string;
  bytes: number;
  durationMs: number;
}

/** An edge with a name, as DevTools shows it: from the node with this index to the other. */
interface NamedEdge {
  from: number;
  name: string;
  to: number;
}

/** Reads a file as Chrome DevTools does; fails where DevTools would. */
async function namedEdges(file: string): Promise<NamedEdge[]> {
  const { snapshot, nodes, edges, strings } = JSON.parse(await readFile(file, 'utf8')) as Snapshot;
  const { node_fields: nodeFields, edge_fields: edgeFields, edge_types: edgeTypes } = snapshot.meta;
  assert.equal(nodes.length, snapshot.node_count * nodeFields.length);
  assert.equal(edges.length, snapshot.edge_count * edgeFields.length);
  const [countAt, typeAt, nameAt, toAt] = [
    nodeFields.indexOf('edge_count'),
    edgeFields.indexOf('type'),
    edgeFields.indexOf('name_or_index'),
    edgeFields.indexOf('to_node'),
  ];
  const found: NamedEdge[] = [];
  let edge = 0;
  for (let node = 0; node < nodes.length; node += nodeFields.length) {
    const end = edge + (nodes[node + countAt] ?? 0) * edgeFields.length;
    for (; edge < end; edge += edgeFields.length) {
      if (edgeTypes[0][edges[edge + typeAt] ?? 0] !== 'property') continue;
      found.push({ from: node, name: strings[edges[edge + nameAt] ?? 0] ?? '', to: edges[edge + toAt] ?? 0 });
    }
  }
  assert.equal(edge, edges.length, 'every edge belongs to a node');
  return found;
}

/** The names under which a snapshot shows the cached runs. */
async function runsIn(file: string): Promise<string[]> {
  const edges = await namedEdges(file);
  const holders = new Set(edges.filter(({ name }) => name === RUNS).map(({ to }) => to));
  assert.equal(holders.size, 1, 'one object holds the runs');
  const names = edges.filter(({ from }) => holders.has(from)).map(({ name }) => name);
  return names.filter((name) => name !== '__proto__').sort();
}

async function ask(worker: TestWorker, query = '', method = 'POST'): Promise<{ status: number; body: string }> {
  const answer = await fetch(`http://${worker.statusAddress}/heap-snapshot${query}`, { method });
  return { status: answer.status, body: await answer.text() };
}

function burdockHeap(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return promisify(execFile)(burdockProgram(), ['heap', ...args]).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr })
  );
}

// The Node worker has no such thing.
describe('heap snapshots', { skip: flavour === 'node', timeout: PATIENCE_MS }, () => {
  let folder = '';
  before(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'burdock-heap-'))));
  after(() => rm(folder, { recursive: true, force: true }));

  /** A worker with cached runs, and the names that its snapshot has to show. */
  async function cachedRuns(name: string, { limit = '8GiB', context = 'shared' } = {}) {
    const taskQueue = `${suite.taskQueue}-${name}`;
    const extraFlags = ['--heap-snapshot-dir', folder, '--memory-limit', limit, '--context', context];
    const worker = await suite.startWorker({ taskQueue, isolates: 1, extraFlags });
    const numbers = Array.from({ length: WORKFLOWS }, (_, n) => n);
    const handles = await Promise.all(numbers.map((n) => suite.start(counter, [n], { taskQueue })));
    assert.deepEqual(await Promise.all(handles.map((handle) => handle.query(total))), numbers);
    const names = handles.map((handle) => `${handle.workflowId} (counter, ${handle.firstExecutionRunId})`).sort();
    const goesOn = async (): Promise<void> => {
      for (const handle of handles) {
        await handle.signal(add, 10);
        await handle.signal(finish);
      }
      const results = await Promise.all(handles.map((handle) => handle.result()));
      assert.deepEqual(
        results.map(({ sum }) => sum),
        numbers.map((n) => n + 10)
      );
      assert.doesNotMatch(await worker.metrics(), /temporal_sticky_cache_miss\S* [1-9]/, 'no run had to be replayed');
      await worker.stop();
    };
    return { worker, names, goesOn };
  }

  it('are taken by a request, and the runs go on from the cache', async () => {
    const { worker, names, goesOn } = await cachedRuns('request');
    const { status, body } = await ask(worker, '?isolate=0');
    assert.equal(status, 200, body);
    const { file, bytes, durationMs, isolate } = JSON.parse(body) as Taken;
    assert.equal(isolate, 0);
    assert.match(file, new RegExp(`burdock-${worker.child.pid}-isolate-0-\\d{8}T\\d{6}\\.\\d{3}Z\\.heapsnapshot$`));
    assert.equal((await stat(file)).size, bytes);
    assert.ok(durationMs > 0);
    assert.deepEqual(await runsIn(file), names);
    await goesOn();
  });

  it('show runs that have contexts of their own too', async () => {
    const { worker, names, goesOn } = await cachedRuns('contexts', { context: 'per-workflow' });
    const { status, body } = await ask(worker);
    assert.equal(status, 200, body);
    assert.deepEqual(await runsIn((JSON.parse(body) as Taken).file), names);
    await goesOn();
  });

  it('are taken by SIGUSR1', async () => {
    const { worker, names, goesOn } = await cachedRuns('signal');
    worker.child.signal('SIGUSR1');
    await worker.child.sees(/heap snapshot taken/, PATIENCE_MS);
    const files = (await readdir(folder)).filter((name) => name.startsWith(`burdock-${worker.child.pid}-`));
    assert.equal(files.length, 1);
    assert.deepEqual(await runsIn(path.join(folder, files[0] ?? '')), names);
    await goesOn();
  });

  it('are taken by `burdock heap`, which prints the file', async () => {
    const { worker, names, goesOn } = await cachedRuns('command');
    const { code, stdout, stderr } = await burdockHeap('--status-addr', worker.statusAddress, '--isolate', '0');
    assert.equal(code, 0, stderr);
    assert.deepEqual(await runsIn(stdout.trim()), names);
    await goesOn();
  });

  it('are refused with the figures where the limit leaves no room', async () => {
    const { worker, goesOn } = await cachedRuns('refused', { limit: LITTLE });
    const { status, body } = await ask(worker);
    assert.equal(status, 507, body);
    assert.match(body, /may take \d+ MiB, but only \d+ MiB of the memory limit of 192 MiB are free/);
    const { code, stderr } = await burdockHeap('--status-addr', worker.statusAddress);
    assert.equal(code, 12);
    assert.match(stderr, /^burdock: a snapshot of this heap/);
    const left = (await readdir(folder)).filter((name) => name.includes(`-${worker.child.pid}-`));
    assert.deepEqual(left, [], 'no file is left behind');
    await goesOn();
  });

  it('are refused for what there is not', async () => {
    const { worker } = await cachedRuns('unknown');
    const unknown = await ask(worker, '?isolate=1');
    assert.equal(unknown.status, 404);
    assert.match(JSON.parse(unknown.body).error, /no isolate 1: name one from 0 to 0/);
    for (const query of ['?isolate=-1', '?isolate=x', '?isolat=0'])
      assert.equal((await ask(worker, query)).status, 400);
    const got = await ask(worker, '', 'GET');
    assert.equal(got.status, 405);
    assert.match(got.body, /use POST/);
    const { code, stderr } = await burdockHeap('--status-addr', worker.statusAddress, '--isolate', '7');
    assert.equal(code, 12);
    assert.match(stderr, /no isolate 7/);
    assert.equal((await burdockHeap('--isolate', 'x')).code, 64);
    await worker.stop();
    assert.equal((await burdockHeap('--status-addr', worker.statusAddress)).code, 69);
  });

  it('are taken one at a time', async () => {
    const { worker, goesOn } = await cachedRuns('turns');
    const answers = await Promise.all([ask(worker), ask(worker), ask(worker)]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409]);
    assert.equal((await ask(worker)).status, 200, 'and again when it is done');
    await goesOn();
  });

  it('are refused where they cannot be written, and where they are switched off', async () => {
    for (const [dir, status, sentence] of [
      [path.join(folder, 'missing'), 500, /`heap-snapshot-dir`/],
      ['off', 403, /switched off/],
    ] as const) {
      const taskQueue = `${suite.taskQueue}-${status}`;
      const worker = await suite.startWorker({ taskQueue, isolates: 1, extraFlags: ['--heap-snapshot-dir', dir] });
      const answer = await ask(worker);
      assert.equal(answer.status, status, answer.body);
      assert.match(JSON.parse(answer.body).error, sentence);
      await worker.stop();
    }
  });
});
