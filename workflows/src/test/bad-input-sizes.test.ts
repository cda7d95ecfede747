/** Slots, cache, isolates and pollers that contradict each other: the complaint names the key to change. */
import { describe, it } from 'node:test';
import { TEST_BUNDLE } from '../tools/bundles';
import { EXIT, burdock, complaintOf, group, says, useInputs, workerFlags } from './bad-input/command';

const inputs = useInputs();

interface Contradiction {
  flags: Record<string, string>;
  parts: (string | RegExp)[];
}

const contradictions: Record<string, Contradiction> = {
  'a cache and one slot': {
    flags: { 'max-cached-workflows': '100', 'workflow-slots': '1' },
    parts: ['`workflow-slots` is 1 (', 'raise `workflow-slots` to at least 2', '`max-cached-workflows` to 0'],
  },
  'a cache and one poller': {
    flags: { 'max-cached-workflows': '100', 'workflow-pollers': '1' },
    parts: ['`workflow-pollers` is 1', 'raise `workflow-pollers` to at least 2', '`max-cached-workflows` to 0'],
  },
  'more isolates than cached workflows': {
    flags: { isolates: '4', 'max-cached-workflows': '3' },
    parts: ['`isolates` is 4', '`max-cached-workflows` is 3', 'lower `isolates` or raise `max-cached-workflows`'],
  },
  'more pollers than slots': {
    flags: { 'workflow-pollers': '20', 'workflow-slots': '10' },
    parts: ['`workflow-pollers` is 20', '`workflow-slots` is 10', 'lower `workflow-pollers` or raise `workflow-slots`'],
  },
  'more activity pollers than activity slots': {
    flags: { 'activity-pollers': '20', 'activity-slots': '10' },
    parts: ['`activity-pollers` is 20', '`activity-slots` is 10', 'lower `activity-pollers` or raise `activity-slots`'],
  },
  'a memory limit that is too small': {
    flags: { 'memory-limit': '128MiB' },
    parts: ['memory limit of 128.0 MiB is too small', '(--memory-limit)', /`memory-limit` to at least \d+MiB/],
  },
  'shares of more than the memory limit': {
    flags: { 'memory-limit': '1GiB', 'memory-heaps': '80%', 'memory-reserve': '30%' },
    parts: ['`memory-heaps`, `memory-reserve` leave less', 'lower one of them'],
  },
  'pressure levels that do not ascend': {
    flags: { 'pressure-elevated': '90%' },
    parts: ['`pressure-elevated` is 90%', 'not below `pressure-high`', 'lower `pressure-elevated` or raise'],
  },
  'no slots at all': {
    flags: { 'workflow-slots': '0', 'activity-slots': '0' },
    parts: ['nothing to do', 'raise one of `workflow-slots` and `activity-slots`'],
  },
};

describe('sizes that contradict each other', group, () => {
  for (const [what, { flags, parts }] of Object.entries(contradictions)) {
    it(what, async () => {
      const child = burdock(workerFlags({ bundle: TEST_BUNDLE, ...flags }));
      says(await complaintOf(child, EXIT.usage), ...parts);
    });
  }

  it('in different places are named with them', async () => {
    const config = inputs.write('burdock.toml', `bundle = ${JSON.stringify(TEST_BUNDLE)}\nmax-cached-workflows = 3\n`);
    const child = burdock(workerFlags({ config }), { BURDOCK_ISOLATES: '4' });
    const complaint = await complaintOf(child, EXIT.usage);
    says(complaint, '`isolates` is 4 (BURDOCK_ISOLATES)', `\`max-cached-workflows\` is 3 (${config}:2)`);
  });
});
