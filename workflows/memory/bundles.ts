/** The bundles of the proof, written by the official bundler into a cache beside the package's other bundles. */
import { createHash } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { DIST_DIR, PACKAGE_DIR, writeBundle } from '../src/tools/bundles';

/** W1 to W4 of the baseline, the healthy and the others in one, one whose state is known, and those that hold buffers. */
export const BUNDLES = ['w1', 'w2', 'w3', 'w4', 'mixed', 'hold-state', 'buffers', 'bson'] as const;
export type BundleName = (typeof BUNDLES)[number];

/** The workflow type that each of the four bundles has. */
export const WORKFLOW_TYPES = { w1: 'tiny', w2: 'typical', w3: 'tokenizer', w4: 'tokenizerFixed' } as const;

const SOURCES = path.join(PACKAGE_DIR, 'memory');
const CACHE_DIR = path.join(DIST_DIR, 'memory-bundles');
const TOKENIZER = 'gpt-tokenizer';

export interface Bundle {
  name: BundleName;
  file: string;
  bytes: number;
  /** How often the tokenizer's name is in it. */
  tokenizerHits: number;
}

/** A hash of all that the bundles are made of. */
async function sourcesHash(): Promise<string> {
  const folders = ['workflows', 'packages/helpers', 'packages/helpers-fixed'].map((name) => path.join(SOURCES, name));
  const hash = createHash('sha256').update(await readFile(path.join(PACKAGE_DIR, 'package-lock.json')));
  for (const folder of folders) {
    for (const name of (await readdir(folder)).sort())
      hash.update(name).update(await readFile(path.join(folder, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false
  );
}

/** Counts the tokenizer in a bundle: W3 has it, no other does. */
async function check(name: BundleName, file: string): Promise<Bundle> {
  const text = await readFile(file, 'utf8');
  const tokenizerHits = text.split(TOKENIZER).length - 1;
  const wanted = name === 'w3';
  if (tokenizerHits > 0 !== wanted) {
    throw new Error(
      `The bundle ${name} has '${TOKENIZER}' ${tokenizerHits} times; it ${wanted ? 'needs it' : 'must not have it'}.`
    );
  }
  return { name, file, bytes: Buffer.byteLength(text), tokenizerHits };
}

async function cachedOrBuilt(name: BundleName, cache: string): Promise<Bundle> {
  const file = path.join(cache, await sourcesHash(), `${name}.js`);
  if (!(await exists(file))) await writeBundle(path.join(SOURCES, 'workflows', `${name}.ts`), file);
  return check(name, file);
}

/** What this process has asked for, by cache and name. */
const asked = new Map<string, Promise<Bundle>>();

/**
 * Writes the bundle unless the cache has it, and checks what is in it. Whoever asks in the same process meanwhile gets
 * the same answer; another process may write the same file, which then appears whole both times.
 */
export function bundleOf(name: BundleName, cache = CACHE_DIR): Promise<Bundle> {
  const key = path.join(cache, name);
  const known = asked.get(key);
  if (known) return known;
  const bundle = cachedOrBuilt(name, cache);
  asked.set(key, bundle);
  bundle.catch(() => asked.delete(key));
  return bundle;
}
