import { it, before } from 'node:test';
import { DIST_DIR } from '../tools/bundles';
import path from 'node:path';
import { decisions, passBy, reaches } from '../workflows/testing/attacks';
import { flavour, useSuite } from './harness';
const suite = useSuite();
const BUNDLE = path.join(DIST_DIR, 'attacks-bundle.js');
void before;
for (const context of flavour === 'node' ? ['node'] : ['shared', 'per-workflow']) {
  it(context, async () => {
    const taskQueue = suite.taskQueue + context;
    await suite.startWorker({ taskQueue, bundle: BUNDLE, isolates: 1, extraFlags: context === 'per-workflow' ? ['--context', context] : [] });
    const d = await (await suite.start(decisions, [], { taskQueue })).result();
    const h = await suite.start(reaches, [], { taskQueue });
    await h.signal(passBy, 'x');
    const r = await h.result();
    require('fs').writeFileSync(`/tmp/atk/reach-${context}.json`, JSON.stringify({ d, r }, null, 1));
  });
}
