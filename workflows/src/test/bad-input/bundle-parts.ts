/** A real bundle taken apart, so that one thing at a time can be spoiled. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { TEST_BUNDLE } from '../../tools/bundles';

const MAP_MARK = '\n//# sourceMappingURL=data:application/json;charset=utf-8;base64,';

export interface BundleParts {
  /** The script, without the line that holds its source map. */
  code: string;
  /** That line, with the line break before it. */
  map: string;
}

export function takeBundleApart(): BundleParts {
  const text = readFileSync(TEST_BUNDLE, 'utf8');
  const at = text.lastIndexOf(MAP_MARK);
  assert.notEqual(at, -1, `${TEST_BUNDLE} ends with its source map`);
  return { code: text.slice(0, at), map: text.slice(at) };
}

/** A source map line that holds `json`. */
export function mapLine(json: string): string {
  return MAP_MARK + Buffer.from(json).toString('base64');
}

/** Replaces all of `old`, which must be there: otherwise nothing would be spoiled. */
export function replaced(text: string, old: string | RegExp, by: string): string {
  const result = text.replaceAll(typeof old === 'string' ? old : new RegExp(old, 'g'), () => by);
  assert.notEqual(result, text, `the bundle has ${String(old)}`);
  return result;
}

/** The text by which a bundle names the release of its SDK. */
export const SDK_NAME = /"name":"@temporalio\/workflow","version":"[^"]+"/;

/** The script of `code` as if it came from the SDK's release `version`. */
export function withSdk(code: string, version: string): string {
  return replaced(code, SDK_NAME, `"name":"@temporalio/workflow","version":"${version}"`);
}
