/** Bundles that look right and do not run. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { freePort } from '../support/ports';
import { replaced, takeBundleApart } from './bad-input/bundle-parts';
import { EXIT, burdock, complaintOf, group, says, useInputs, workerFlags } from './bad-input/command';

/** A load that never ends must be stopped long before this. */
const LOAD_MS = 10_000;

const inputs = useInputs();
const { code, map } = group.skip ? { code: '', map: '' } : takeBundleApart();
/** The number of the line that follows the script. */
const next = code.split('\n').length + 1;
let address: string;
before(async () => {
  address = `127.0.0.1:${await freePort()}`;
});

async function refusal(name: string, text: string): Promise<{ complaint: string; bundle: string }> {
  const bundle = inputs.write(`${name}.js`, text);
  const child = burdock(workerFlags({ bundle, address, 'workflow-timeout': '1s' }));
  return { complaint: await complaintOf(child, EXIT.bundle, LOAD_MS), bundle };
}

/** The real script with a statement after it. */
function followedBy(name: string, statement: string): Promise<{ complaint: string; bundle: string }> {
  return refusal(name, `${code}\n${statement}${map}`);
}

describe('a bundle that does not load', group, () => {
  it('with a syntax error', async () => {
    const before = 'const __webpack_module_cache__ =';
    const wrong = '  const broken = ;';
    const text = replaced(code, new RegExp(`.*${before}`), `${wrong}\n${before}`);
    const line = text.split('\n').indexOf(wrong) + 1;
    const { complaint, bundle } = await refusal('syntax', text + map);
    says(complaint, `${bundle}:${line}:${wrong.indexOf(';') + 1} `, 'SyntaxError', 'again');
    const lines = complaint.split('\n');
    const shown = lines.findIndex((shownLine) => shownLine.endsWith(wrong));
    assert.ok(shown > 0 && lines[shown]?.startsWith(`${line} |`), complaint);
    assert.equal(lines[shown + 1]?.trim().replaceAll(' ', ''), '|^', complaint);
    assert.equal(lines[shown + 1]?.indexOf('^'), lines[shown]?.indexOf(';'), 'the caret stands under the mistake');
  });

  it('that throws while it is loaded', async () => {
    const { complaint, bundle } = await followedBy('throws', 'throw new RangeError("thrown at load");');
    says(complaint, `${bundle}:${next}:1`, 'throws while it is loaded', 'RangeError: thrown at load');
  });

  it('that throws something that has no text', async () => {
    const { complaint, bundle } = await followedBy('throws-symbol', 'throw Symbol("odd");');
    says(complaint, `${bundle}:${next}:1`, /throws while it is loaded: \w/);
  });

  it('whose script never ends', async () => {
    const { complaint, bundle } = await followedBy('spins', 'for (;;);');
    says(complaint, bundle, 'while it is loaded', '1000 ms');
  });

  it('whose script leaves microtasks that never end', async () => {
    const { complaint, bundle } = await followedBy('spins-later', '(async () => { for (;;) await 0; })();');
    says(complaint, bundle, 'while it is loaded', '1000 ms');
  });

  const incomplete: Record<string, string> = {
    '`__TEMPORAL__`': '__TEMPORAL__ = undefined;',
    '`__TEMPORAL__.api`': '__TEMPORAL__ = { importWorkflows() {} };',
    '`initialize`': '__TEMPORAL__ = { importWorkflows() {}, api: { initRuntime() {} } };',
    '`activate`': '__TEMPORAL__ = { importWorkflows() {}, api: { ...__TEMPORAL__.api, activate: 1 } };',
  };
  for (const [missing, statement] of Object.entries(incomplete)) {
    it(`without ${missing}`, async () => {
      const { complaint, bundle } = await followedBy(`no-${missing.replaceAll('`', '')}`, statement);
      says(complaint, bundle, `does not define ${missing}`, 'bundleWorkflowCode');
    });
  }
});
