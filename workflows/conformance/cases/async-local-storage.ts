import type { ConformanceCase } from '../case';
import { outcomeOf } from '../outcome';
import * as storages from '../workflows/async-local-storage';
import { aloneFor } from './support';
import { untilEventSettled } from './support-waiting';

const FEATURE = 'AsyncLocalStorage';
const alone = aloneFor(FEATURE);

export const asyncLocalStorageCases: ConformanceCase[] = [
  alone('storage-run', '`run`, nested, with arguments, throwing', storages.storageRuns),
  alone('storage-await', 'Over awaits, timers, conditions', storages.storageFollowsAwaits),
  {
    name: 'storage-activities',
    feature: FEATURE,
    title: 'Over activities and local activities',
    workflow: 'storageFollowsActivities',
    drive: (env) => env.execute(storages.storageFollowsActivities, [env.activityQueue]),
  },
  alone('storage-branches', 'Branches side by side', storages.storageKeepsBranchesApart),
  alone('storage-enter-with', '`enterWith`', storages.storageEnters),
  alone('storage-exit', '`exit`', storages.storageExits),
  alone('storage-several', 'Several storages', storages.storageSeveral),
  alone('storage-disable', '`disable`', storages.storageDisables),
  {
    name: 'storage-signals',
    feature: FEATURE,
    title: 'Stores of signal handlers',
    workflow: 'storageInSignals',
    async drive(env) {
      const handle = await env.start(storages.storageInSignals, []);
      await env.untilEvent(handle.workflowId, 'WORKFLOW_TASK_COMPLETED');
      await handle.signal(storages.noteStore, 1);
      await untilEventSettled(env, handle.workflowId, 'TIMER_FIRED');
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
      const refused = await outcomeOf(
        handle.executeUpdate(storages.updateStore, { args: ['too long'], updateId: 'update-0' })
      );
      const second = await handle.executeUpdate(storages.updateStore, { args: ['two'], updateId: 'update-2' });
      return { first, refused, second, result: await handle.result() };
    },
  },
  alone('storage-scopes', 'In cancellation scopes', storages.storageInScopes),
  alone('storage-triggers', 'Over a `Trigger`', storages.storageOverTriggers),
  alone('storage-odd', 'Over generators, thenables, rejections', storages.storageOddContinuations),
  alone('storage-snapshot', '`bind` and `snapshot`', storages.storageSnapshots),
];
