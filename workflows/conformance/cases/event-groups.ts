import type { ConformanceCase } from '../case';
import * as groups from '../workflows/event-groups';
import { type CaseHead, runsToEnd } from './support';
import { untilEventSettled } from './support-waiting';

const FEATURE = 'Event groups';

/** Event groups came with 1.24. */
const SINCE = '1.24';

const alone = (head: CaseHead<() => Promise<unknown>>): ConformanceCase =>
  runsToEnd(FEATURE, { ...head, since: SINCE });

export const eventGroupCases: ConformanceCase[] = [
  alone({ name: 'group-timers', title: 'Groups of timers and of a condition', workflow: groups.groupsTimers }),
  {
    name: 'group-activities',
    feature: FEATURE,
    title: 'Groups of activities and local activities',
    workflow: 'groupsActivities',
    since: SINCE,
    drive: (env) => env.execute(groups.groupsActivities, [env.activityQueue]),
  },
  alone({ name: 'group-children', title: 'A group of a child workflow', workflow: groups.groupsChildren }),
  alone({ name: 'group-scopes', title: '`EventGroupMarker.withScope`, nested', workflow: groups.nestsGroupScopes }),
  alone({ name: 'group-scopes-together', title: 'Scopes side by side', workflow: groups.runsGroupScopesTogether }),
  alone({ name: 'group-twice', title: 'One id with two labels', workflow: groups.givesGroupsTwice }),
  alone({ name: 'group-ids', title: 'Ids that are derived from labels', workflow: groups.derivesGroupIds }),
  alone({ name: 'group-cancelled', title: 'A group in a cancelled scope', workflow: groups.groupsInCancelledScope }),
  {
    name: 'group-handlers',
    feature: FEATURE,
    title: 'Handlers of a signal and of an update are groups',
    workflow: 'groupsHandlers',
    since: SINCE,
    async drive(env) {
      const handle = await env.start(groups.groupsHandlers, []);
      await env.untilEvent(handle.workflowId, 'WORKFLOW_TASK_COMPLETED');
      await handle.signal(groups.sleepInSignal, 5);
      await untilEventSettled(env, handle.workflowId, 'TIMER_FIRED', 2);
      const update = await handle.executeUpdate(groups.sleepInUpdate, { args: [5], updateId: 'update-1' });
      return { update, result: await handle.result() };
    },
  },
  {
    name: 'group-continue-as-new',
    feature: FEATURE,
    title: 'A signal to another workflow and a new run in a group',
    workflow: 'groupsContinueAsNew',
    since: SINCE,
    drive: (env) => env.execute(groups.groupsContinueAsNew, [0]),
  },
];
