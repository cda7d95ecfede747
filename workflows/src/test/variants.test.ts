/** Every job and command variant of the protocol, seen in real executions. */
import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { useSuite } from './harness';
import { activityCases } from './variants/activities';
import { childCases } from './variants/children';
import { Coverage } from './variants/coverage';
import { lifecycleCases } from './variants/lifecycle';
import { messageCases } from './variants/messages';
import { nexusCases } from './variants/nexus';
import { replayCases } from './variants/replay';
import { timerCases } from './variants/timers';

const suite = useSuite();
const coverage = new Coverage();
before(() => suite.startWorker());

timerCases(suite, coverage);
activityCases(suite, coverage);
childCases(suite, coverage);
messageCases(suite, coverage);
lifecycleCases(suite, coverage);
replayCases(suite, coverage);
nexusCases(suite, coverage);

it('every variant of the protocol was seen', () => {
  assert.deepEqual(coverage.missing(), []);
});
