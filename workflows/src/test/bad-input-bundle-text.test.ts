/** Bundles whose text tells that they cannot be hosted, before any of it runs. */
import { before, describe, it } from 'node:test';
import { freePort } from '../support/ports';
import { SDK_NAME, mapLine, replaced, takeBundleApart, withSdk } from './bad-input/bundle-parts';
import { EXIT, burdock, complaintOf, group, says, useInputs, workerFlags } from './bad-input/command';

const inputs = useInputs();
const { code, map } = group.skip ? { code: '', map: '' } : takeBundleApart();
let address: string;
before(async () => {
  address = `127.0.0.1:${await freePort()}`;
});

async function refusal(name: string, text: string): Promise<string> {
  const bundle = inputs.write(`${name}.js`, text);
  const complaint = await complaintOf(burdock(workerFlags({ bundle, address })), EXIT.bundle);
  says(complaint, bundle, 'again');
  return complaint;
}

describe('the text of a bundle', group, () => {
  it('without the module cache', async () => {
    const own = replaced(code, 'globalThis.__webpack_module_cache__', '{}');
    const complaint = await refusal('no-cache', own + map);
    says(complaint, '__webpack_module_cache__', 'share their module state', /@temporalio\/worker 1\.\d+ or newer/);
  });

  it('without a source map', async () => {
    says(await refusal('no-map', code), 'no inline source map', "'inline-source-map'");
  });

  it('with its source map in another file', async () => {
    const complaint = await refusal('other-map', `${code}\n//# sourceMappingURL=bundle.js.map\n`);
    says(complaint, 'no inline source map', '(bundle.js.map)', "'inline-source-map'");
  });

  it('that ends in the middle of its script', async () => {
    // What it lacks first of all is its end, not what the rest of the script would have held.
    says(await refusal('half', code.slice(0, code.length / 2)), 'no inline source map', 'it ends without');
  });

  it('that ends in the middle of its source map', async () => {
    const complaint = await refusal('cut-off', code + map.slice(0, map.length / 2));
    says(complaint, 'the source map in', 'is damaged', 'copy the file again');
  });

  it('with a foreign character in its source map', async () => {
    const middle = map.length / 2;
    const complaint = await refusal('foreign-character', `${code}${map.slice(0, middle)}!${map.slice(middle)}`);
    says(complaint, 'is damaged', 'base64');
  });

  it('with mappings that cannot be read', async () => {
    const wrong = mapLine(JSON.stringify({ version: 3, sources: ['a.ts'], names: [], mappings: 'AAAA;!' }));
    says(await refusal('mappings', code + wrong), 'is damaged', 'mappings are broken at byte 5');
  });

  for (const version of ['1.11.4', '1.25.0', '2.0.0']) {
    it(`with SDK ${version}`, async () => {
      const complaint = await refusal(`sdk-${version}`, withSdk(code, version) + map);
      const supported = /this worker runs 1\.\d+ to 1\.\d+/;
      says(complaint, `the Temporal TypeScript SDK ${version}`, supported, 'supported version');
    });
  }

  it('with an SDK that shows its age only by what it lacks', async () => {
    // The name that every supported release has, and releases before them have not.
    const old = replaced(replaced(code, SDK_NAME, '"name":"unknown"'), 'versioningBehavior', 'versioning');
    says(await refusal('sdk-old', old + map), 'SDK older than 1.12', /this worker runs 1\.12 to/);
  });
});
