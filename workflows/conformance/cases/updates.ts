import { WithStartWorkflowOperation, type WorkflowUpdateHandle } from '@temporalio/client';
import type { CaseEnvironment, ConformanceCase, Outcome } from '../case';
import { outcomeOf } from '../outcome';
import { note, noted } from '../workflows/messages';
import * as workflows from '../workflows/updates';
import { anyUpdate, slowUpdate } from '../workflows/updates';
import {
  type Handle,
  LOCAL_ACTIVITIES_NEED_CACHE,
  endAfterTaskFailure,
  proceeds,
  signalInTurn,
  startSettled,
  talksFor,
  talksWhileHeldFor,
} from './support-messages';
import { untilSettled } from './support-waiting';

const FEATURE = 'Updates';
const talks = talksFor(FEATURE);
const talksWhileHeld = talksWhileHeldFor(FEATURE);

function update(handle: Handle, ...args: unknown[]): Promise<Outcome> {
  return outcomeOf(handle.executeUpdate(anyUpdate.name, { args: args as [unknown] }));
}

/** Starts an update that is not done at once. */
function accepted(handle: Handle, value: string): Promise<WorkflowUpdateHandle<string>> {
  return handle.startUpdate(slowUpdate, { args: [value], updateId: `update-${value}`, waitForStage: 'ACCEPTED' });
}

const answers: ConformanceCase[] = [
  talks('update-answers', 'A synchronous update', workflows.updateAnswers, [], async (handle) => {
    const counts = [
      await handle.executeUpdate(noted, { args: ['a'] }),
      await handle.executeUpdate('noted', { args: ['b'] }),
    ];
    return [counts, await proceeds(handle)];
  }),
  talks('update-arguments', 'No, many, null and nested arguments', workflows.updateArguments, [], async (handle) => [
    await update(handle),
    await update(handle, null, undefined, false, ''),
    await update(handle, { deep: [{ er: 'ü' }] }, 1.5),
    await proceeds(handle),
  ]),
  talks('update-result-kinds', 'Null, binary and no results', workflows.updateResultKinds, [], async (handle) => {
    const seen: Outcome[] = [];
    for (const kind of ['null', 'text', 'list', 'bytes', 'nothing']) seen.push(await update(handle, kind));
    return [seen, await proceeds(handle)];
  }),
  {
    name: 'update-with-activities',
    feature: FEATURE,
    title: 'A handler that sleeps and calls activities',
    workflow: 'updateWithActivities',
    drive: async (env) => {
      const handle = await startSettled(env, workflows.updateWithActivities, [env.activityQueue]);
      return [await update(handle, 'value'), await proceeds(handle)];
    },
  },
  {
    name: 'update-with-local-activities',
    feature: FEATURE,
    title: 'A handler that calls local activities',
    workflow: 'updateWithLocalActivities',
    needsCache: LOCAL_ACTIVITIES_NEED_CACHE,
    drive: async (env) => {
      const handle = await startSettled(env, workflows.updateWithLocalActivities, []);
      return [await update(handle, 'value'), await proceeds(handle)];
    },
  },
  talks('update-starts-child', 'A handler that awaits a child', workflows.updateStartsChild, [], async (handle) => [
    await update(handle, 21),
    await proceeds(handle),
  ]),
  talks('update-id-once', 'The same update id is the same update', workflows.updateOnceById, [], async (handle) => {
    const once = (value: string): Promise<number> =>
      handle.executeUpdate(noted, { args: [value], updateId: 'only-once' });
    const counts = [await once('first'), await once('second')];
    const again = await handle.getUpdateHandle<number>('only-once').result();
    return [counts, again, await proceeds(handle)];
  }),
  talks(
    'update-handle',
    'The result of an update is polled by its handle',
    workflows.updatesConcurrently,
    [],
    async (handle, env) => {
      const { updateId } = await accepted(handle, 'one');
      await signalInTurn(env, handle, note);
      return [updateId, await handle.getUpdateHandle<string>(updateId).result(), await proceeds(handle)];
    }
  ),
  talks(
    'update-info',
    '`currentUpdateInfo` follows the handler',
    workflows.updateInfoFollows,
    [],
    async (handle, env) => {
      await signalInTurn(env, handle, note);
      const first = await handle.executeUpdate(slowUpdate, { args: ['a'], updateId: 'the-id' });
      return [first, await proceeds(handle)];
    }
  ),
];

const validation: ConformanceCase[] = [
  talks(
    'update-validator',
    'A validator accepts, rejects by an Error, a failure and a text',
    workflows.updateValidated,
    [],
    async (handle) => {
      const seen: Outcome[] = [];
      for (const value of ['good', 'error', 'failure', 'text', 'good too']) {
        seen.push(await outcomeOf(handle.executeUpdate(noted, { args: [value] })));
      }
      return [seen, await proceeds(handle)];
    }
  ),
  talks(
    'update-validator-own-copy',
    'A validator has arguments of its own',
    workflows.updateValidatorsOwnCopy,
    [],
    async (handle) => [await update(handle, ['untouched']), await proceeds(handle)]
  ),
  talks('update-unknown', 'An update without a handler is rejected', workflows.updateAnswers, [], async (handle) => [
    await outcomeOf(handle.executeUpdate('neverDefined', { args: [1] })),
    await proceeds(handle),
  ]),
  talks(
    'update-handler-removed',
    'So is one whose handler is gone',
    workflows.updateHandlerRemoved,
    [],
    async (handle) => [
      await outcomeOf(handle.executeUpdate(noted, { args: ['first'] })),
      await outcomeOf(handle.executeUpdate(noted, { args: ['second'] })),
      await proceeds(handle),
    ]
  ),
];

/** An update that comes with the start of its workflow. */
async function withStart(env: CaseEnvironment, workflow: () => Promise<unknown>, value: string): Promise<Outcome> {
  const options = { taskQueue: env.taskQueue, workflowId: env.id, workflowIdConflictPolicy: 'USE_EXISTING' as const };
  const startWorkflowOperation = new WithStartWorkflowOperation(workflow, options);
  const answer = outcomeOf(
    env.client.workflow.executeUpdateWithStart(noted, { args: [value], startWorkflowOperation })
  );
  await startWorkflowOperation.workflowHandle();
  return answer;
}

const early: ConformanceCase[] = [
  {
    name: 'update-with-start',
    feature: FEATURE,
    title: '`executeUpdateWithStart` of a new workflow, and of one that runs already',
    workflow: 'updateWithStart',
    drive: async (env) => {
      const first = await withStart(env, workflows.updateWithStart, 'with the start');
      env.track(env.id);
      const second = await withStart(env, workflows.updateWithStart, 'without a start');
      return [first, second, await proceeds(env.client.workflow.getHandle(env.id) as Handle)];
    },
  },
  {
    name: 'update-buffered-in-task',
    feature: FEATURE,
    title: 'An update waits until its handler is set within its task',
    workflow: 'updateBufferedInTask',
    drive: async (env) => {
      const answer = await withStart(env, workflows.updateBufferedInTask, 'early');
      env.track(env.id);
      return [answer, await proceeds(env.client.workflow.getHandle(env.id) as Handle)];
    },
  },
  {
    name: 'update-handler-too-late',
    feature: FEATURE,
    title: 'An update is rejected when its task ends without a handler',
    workflow: 'updateHandlerTooLate',
    drive: async (env) => {
      const early = await withStart(env, workflows.updateHandlerTooLate, 'early');
      env.track(env.id);
      await env.untilEvent(env.id, 'TIMER_FIRED');
      await untilSettled(env, env.id);
      const handle = env.client.workflow.getHandle(env.id) as Handle;
      return [early, await outcomeOf(handle.executeUpdate(noted, { args: ['late'] })), await proceeds(handle)];
    },
  },
  talksWhileHeld(
    'update-among-signals',
    'An update and signals of one task',
    workflows.updateAmongSignals,
    [],
    async (handle) => {
      await handle.signal(note, 'signal 1');
      const answer = outcomeOf(handle.executeUpdate(noted, { args: ['update'], updateId: 'among-signals' }));
      return [await answer, await proceeds(handle)];
    }
  ),
];

const concurrent: ConformanceCase[] = [
  talks(
    'update-concurrently',
    'Handlers run at the same time',
    workflows.updatesConcurrently,
    [],
    async (handle, env) => {
      const first = await accepted(handle, 'first');
      const second = await accepted(handle, 'second');
      for (const turn of [1, 2]) await signalInTurn(env, handle, note, turn);
      return [await first.result(), await second.result(), await proceeds(handle)];
    }
  ),
  talks('update-one-by-one', 'Handlers wait for each other', workflows.updatesOneByOne, [], async (handle) => {
    const first = await accepted(handle, 'first');
    const second = await accepted(handle, 'second');
    return [await second.result(), await first.result(), await proceeds(handle)];
  }),
  talks(
    'update-handlers-awaited',
    '`allHandlersFinished` waits for a handler',
    workflows.updateHandlersAwaited,
    [],
    async (handle) => {
      const slow = await accepted(handle, 'slow');
      const ended = await proceeds(handle);
      return [ended, await outcomeOf(slow.result())];
    }
  ),
];

const endings: ConformanceCase[] = [
  talks(
    'update-fails',
    'An ApplicationFailure fails the update, at once and later',
    workflows.updateFails,
    [],
    async (handle) => [await update(handle, false), await update(handle, true), await proceeds(handle)]
  ),
  {
    name: 'update-fails-by-activity',
    feature: FEATURE,
    title: 'The failure of an activity fails the update',
    workflow: 'updateFailsByActivity',
    drive: async (env) => {
      const handle = await startSettled(env, workflows.updateFailsByActivity, [env.activityQueue]);
      return [await update(handle, env.id), await proceeds(handle)];
    },
  },
  talks(
    'update-fails-task',
    'Another error of a handler fails the task',
    workflows.updateFailsTask,
    [],
    async (handle, env) => {
      const answer = update(handle, 1);
      const ended = await endAfterTaskFailure(env, handle);
      return [ended, await answer];
    }
  ),
  talks(
    'update-ends-workflow',
    'The workflow ends with the task of the update',
    workflows.updateEndsWorkflow,
    [],
    async (handle) => {
      const answer = await outcomeOf(handle.executeUpdate(slowUpdate, { args: ['the update'] }));
      return [answer, await outcomeOf(handle.result())];
    }
  ),
  talks(
    'update-fails-workflow',
    'An update that makes the workflow fail',
    workflows.updateFailsWorkflow,
    [],
    async (handle) => {
      const answer = await outcomeOf(handle.executeUpdate(slowUpdate, { args: ['the update'] }));
      return [answer, await outcomeOf(handle.result())];
    }
  ),
  talks(
    'update-unfinished-warns',
    'A workflow ends before its update',
    workflows.updateUnfinishedWarns,
    [],
    async (handle) => {
      const slow = await accepted(handle, 'unfinished');
      return [await proceeds(handle), await outcomeOf(slow.result())];
    }
  ),
  talks(
    'update-unfinished-abandoned',
    'An update that may be abandoned',
    workflows.updateUnfinishedAbandoned,
    [],
    async (handle) => {
      const slow = await accepted(handle, 'unfinished');
      return [await proceeds(handle), await outcomeOf(slow.result())];
    }
  ),
  talks(
    'update-cancelled',
    'The cancellation of the workflow reaches handlers',
    workflows.updateCancelledWithWorkflow,
    [],
    async (handle) => {
      const [caught, thrown] = [await accepted(handle, 'catches'), await accepted(handle, 'rethrows')];
      await handle.cancel();
      return [await outcomeOf(caught.result()), await outcomeOf(thrown.result()), await outcomeOf(handle.result())];
    }
  ),
  talks(
    'update-to-completed',
    'An update of a closed workflow is refused',
    workflows.updateAnswers,
    [],
    async (handle) => {
      await proceeds(handle);
      return outcomeOf(handle.executeUpdate(noted, { args: ['too late'] }));
    }
  ),
];

export const updateCases: ConformanceCase[] = [...answers, ...validation, ...early, ...concurrent, ...endings];
