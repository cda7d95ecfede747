/** The cases whose histories are recorded under every release that has their feature. */
import type { ConformanceCase } from '../case';
import { caseNamed } from './record';
import { CURRENT, type Release, isSince } from './releases';

const EVERYWHERE = [
  'sleep-units',
  'timers-race',
  'timer-cancelled-by-signal',
  'condition-times-out',
  'conditions-together',
  'activity-arguments',
  'activity-failure-chain',
  'activity-wait-cancellation-completed-cancelled',
  'local-activity-backs-off',
  'local-activities-together',
  'local-activity-fails-workflow',
  'child-executed',
  'child-signalled-too-late',
  'child-wait-cancellation-completed-cancelled',
  'external-signal-run',
  'external-cancel',
  'scopes-nest',
  'cancellation-clean-up',
  'cancellation-shielded',
  'failure-with-causes',
  'workflow-retried',
  'task-fails-after-timer',
  'log-across-timers',
  'math-random',
  'uuid4',
  'storage-activities',
  'signal-handlers-meet',
  'signal-order-in-one-task',
  'update-with-activities',
  'update-with-local-activities',
  'update-among-signals',
  'continue-with-state',
  'continue-with-signals',
  'patch-twice',
  'patch-in-branches',
  'patch-in-handlers',
  'info-history',
  'attributes-upsert-typed',
  'memo-upsert',
  'summary-of-timers',
];

/** Cases of features that came later, each with the release of the entry module or of the API that they need. */
const LATER: readonly [since: Release, name: string][] = [
  ['1.16', 'nexus-sync'],
  ['1.16', 'nexus-async'],
  ['1.16', 'nexus-cancel-try-cancel'],
  ['1.18', 'random-streams'],
  [CURRENT, 'group-timers'],
  [CURRENT, 'group-children'],
  [CURRENT, 'group-handlers'],
  [CURRENT, 'default-update-handler'],
];

export function casesOf(release: Release): ConformanceCase[] {
  const later = LATER.filter(([since]) => isSince(release, since)).map(([, name]) => name);
  return [...EVERYWHERE, ...later].map(caseNamed).filter(({ since }) => isSince(release, since));
}
