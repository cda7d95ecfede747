import type { ConformanceCase } from '../case';
import * as storages from '../workflows/async-local-storage';
import { type CaseHead, runsToEnd } from './support';

const FEATURE = 'AsyncLocalStorage';
const alone = (head: CaseHead<() => Promise<unknown>>): ConformanceCase => runsToEnd(FEATURE, head);

export const asyncLocalStorageCases: ConformanceCase[] = [
  alone({ name: 'storage-run', title: '`run`, nested, with arguments, throwing', workflow: storages.storageRuns }),
  alone({ name: 'storage-await', title: 'Over awaits, timers, conditions', workflow: storages.storageFollowsAwaits }),
  {
    name: 'storage-activities',
    feature: FEATURE,
    title: 'Over activities and local activities',
    workflow: 'storageFollowsActivities',
    drive: (env) => env.execute(storages.storageFollowsActivities, [env.activityQueue]),
  },
  alone({ name: 'storage-branches', title: 'Branches side by side', workflow: storages.storageKeepsBranchesApart }),
  alone({ name: 'storage-enter-with', title: '`enterWith`', workflow: storages.storageEnters }),
  alone({ name: 'storage-exit', title: '`exit`', workflow: storages.storageExits }),
  alone({ name: 'storage-several', title: 'Several storages', workflow: storages.storageSeveral }),
  alone({ name: 'storage-disable', title: '`disable`', workflow: storages.storageDisables }),
  {
    name: 'storage-signals',
    feature: FEATURE,
    title: 'Stores of signal handlers',
    workflow: 'storageInSignals',
    async drive(env) {
      const handle = await env.start(storages.storageInSignals, []);
      await env.untilEvent(handle.workflowId, 'WORKFLOW_TASK_COMPLETED');
      await handle.signal(storages.noteStore, 1);
      await env.untilEvent(handle.workflowId, 'TIMER_FIRED');
      await env.untilEvent(handle.workflowId, 'WORKFLOW_TASK_COMPLETED', 3);
      await handle.signal(storages.noteStore, 2);
      return handle.result();
    },
  },
  {
    name: 'storage-updates',
    feature: FEATURE,
    title: 'Stores of update handlers and validators',
    workflow: 'storageInUpdates',
    async drive(env) {
      const handle = await env.start(storages.storageInUpdates, []);
      await env.untilEvent(handle.workflowId, 'WORKFLOW_TASK_COMPLETED');
      const first = await handle.executeUpdate(storages.updateStore, { args: ['one'], updateId: 'update-1' });
      const second = await handle.executeUpdate(storages.updateStore, { args: ['two'], updateId: 'update-2' });
      return { first, second, result: await handle.result() };
    },
  },
  alone({ name: 'storage-scopes', title: 'In cancellation scopes', workflow: storages.storageInScopes }),
  alone({ name: 'storage-triggers', title: 'Over a `Trigger`', workflow: storages.storageOverTriggers }),
  alone({ name: 'storage-odd', title: 'Over generators, thenables, rejections', workflow: storages.storageOddContinuations }),
  alone({ name: 'storage-snapshot', title: '`bind` and `snapshot`', workflow: storages.storageSnapshots }),
];
