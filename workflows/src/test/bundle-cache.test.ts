/** The cache of bundles, empty, asked by many at once. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { bundleOf } from '../../memory/bundles';
import { ManagedChild, endChildrenOnSignals } from '../support/child';
import { DIST_DIR, writeBundle } from '../tools/bundles';

const PATIENCE_MS = 60_000;
const MODULE = require.resolve('../../memory/bundles');
const ASKS_TWICE = `
  const { bundleOf } = require(${JSON.stringify(MODULE)});
  Promise.all([bundleOf('w1', process.argv[1]), bundleOf('w1', process.argv[1])])
    .then(([{ file }]) => console.log(file));
`;

endChildrenOnSignals();

describe('an empty cache of bundles', () => {
  let cache = '';
  beforeEach(async () => void (cache = await mkdtemp(path.join(tmpdir(), 'burdock-bundles-'))));
  afterEach(() => rm(cache, { recursive: true, force: true }));

  /** All files in the cache, whatever folder they are in. */
  const files = async (): Promise<string[]> =>
    (await readdir(cache, { recursive: true })).filter((name) => name.endsWith('.js') || /\.js\./.test(name));

  it('builds a bundle once for all who ask for it in one process', async () => {
    const [first, ...others] = await Promise.all(Array.from({ length: 4 }, () => bundleOf('w1', cache)));
    assert.ok(first);
    for (const other of others) assert.equal(other, first, 'the answer of the same build');
    assert.deepEqual(await files(), [path.relative(cache, first.file)]);
  });

  it('gives whole bundles to several processes', async () => {
    const others = [1, 2].map((n) => new ManagedChild(`process ${n}`, process.execPath, ['-e', ASKS_TWICE, cache]));
    const here = await bundleOf('w1', cache);
    for (const other of others) {
      assert.deepEqual(await other.wait(PATIENCE_MS), { code: 0, signal: null }, other.tail());
      assert.deepEqual(other.stdoutLines, [here.file]);
    }
    assert.deepEqual(await files(), [path.relative(cache, here.file)]);
    assert.equal(Buffer.byteLength(await readFile(here.file, 'utf8')), here.bytes);
  });

  it('is asked again after a build that failed', async () => {
    const missing = 'no-such-bundle' as 'w1';
    await assert.rejects(bundleOf(missing, cache));
    await assert.rejects(bundleOf(missing, cache));
    assert.deepEqual(await files(), []);
  });
});

it('the cache lies beside the other bundles, and one that is written has no half', async () => {
  assert.ok((await bundleOf('w1')).file.startsWith(`${DIST_DIR}${path.sep}`));
  const folder = await mkdtemp(path.join(tmpdir(), 'burdock-bundles-'));
  try {
    const entry = path.resolve(DIST_DIR, '../memory/workflows/w1.ts');
    const output = path.join(folder, 'w1.js');
    await Promise.all([writeBundle(entry, output), writeBundle(entry, output)]);
    assert.deepEqual(await readdir(folder), ['w1.js']);
  } finally {
    await rm(folder, { recursive: true });
  }
});
