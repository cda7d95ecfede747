import type { ConformanceCase } from '../case';
import { outcomeOf } from '../outcome';
import { note } from '../workflows/messages';
import * as workflows from '../workflows/signals';
import { anything, pair } from '../workflows/signals';
import { aloneFor } from './support';
import { endAfterTaskFailure, proceeds, signalInTurn, talksFor, talksWhileHeldFor } from './support-messages';
import { untilEventSettled } from './support-waiting';

const FEATURE = 'Signals';
const alone = aloneFor(FEATURE);
const talks = talksFor(FEATURE);
const talksWhileHeld = talksWhileHeldFor(FEATURE);

const handlers: ConformanceCase[] = [
  talks(
    'signal-sync-handler',
    'A synchronous handler, a signal for each task',
    workflows.signalsAreNoted,
    [],
    async (handle, env) => {
      await signalInTurn(env, handle, note, 'first');
      await signalInTurn(env, handle, note, { second: [2] });
      await signalInTurn(env, handle, 'note', 3);
      return proceeds(handle);
    }
  ),
  talks('signal-with-options', '`signalWithOptions` by name', workflows.signalsAreNoted, [], async (handle) => {
    await handle.signalWithOptions('note', { args: ['by options'] });
    return proceeds(handle);
  }),
  talks(
    'signal-async-handler',
    'Asynchronous handlers overlap',
    workflows.signalHandlersAwait,
    [],
    async (handle, env) => {
      await signalInTurn(env, handle, pair, 'slow', 0);
      await signalInTurn(env, handle, pair, 'quick', 10);
      await untilEventSettled(env, handle.workflowId, 'TIMER_FIRED');
      return proceeds(handle);
    }
  ),
  talks(
    'signal-handlers-awaited',
    '`allHandlersFinished` waits for a handler',
    workflows.signalHandlersAreAwaited,
    [],
    async (handle, env) => {
      await signalInTurn(env, handle, note, 'slow');
      return proceeds(handle);
    }
  ),
  talks(
    'signal-handler-replaced',
    'A handler replaces itself',
    workflows.signalHandlerReplaced,
    [],
    async (handle, env) => {
      for (const value of [1, 2, 3]) await signalInTurn(env, handle, note, value);
      return proceeds(handle);
    }
  ),
  talks(
    'signal-handler-removed',
    'Signals wait while their handler is away',
    workflows.signalHandlerRemoved,
    [],
    async (handle, env) => {
      for (const value of [1, 2, 3]) await signalInTurn(env, handle, note, value);
      return proceeds(handle);
    }
  ),
  talks(
    'signal-handlers-meet',
    'One handler waits for another',
    workflows.signalHandlersMeet,
    [],
    async (handle, env) => {
      await signalInTurn(env, handle, note, 'the first');
      await handle.signal(pair, 'the second', 0);
      return outcomeOf(handle.result());
    }
  ),
  talks(
    'signal-during-timer',
    'Signals end a condition with a timeout',
    workflows.signalsDuringTimer,
    [],
    async (handle, env) => {
      await signalInTurn(env, handle, note, 'one');
      await handle.signal(note, 'two');
      return outcomeOf(handle.result());
    }
  ),
  talks(
    'signal-unblocks-conditions',
    'Conditions unblock in the order of their start',
    workflows.signalUnblocksConditions,
    [],
    async (handle, env) => {
      await signalInTurn(env, handle, pair, 'to', 2);
      await handle.signal(pair, 'to', 5);
      return outcomeOf(handle.result());
    }
  ),
  talks(
    'signal-arguments',
    'No, many, null and nested arguments',
    workflows.signalArguments,
    [],
    async (handle, env) => {
      await signalInTurn(env, handle, anything);
      await signalInTurn(env, handle, anything, null, undefined, 0, '', false);
      await signalInTurn(env, handle, anything, { deep: [{ er: { list: [] } }] }, 'grüße \u{1F600}', 1e21);
      return proceeds(handle);
    }
  ),
  talks('signal-bytes', 'Binary arguments', workflows.signalBytes, [], async (handle) => {
    await handle.signal(anything, new Uint8Array([0, 1, 254, 255]));
    return outcomeOf(handle.result());
  }),
  alone('signal-wrong-uses', 'Wrong handlers, kinds and reserved names are refused', workflows.signalWrongUses),
];

const buffered: ConformanceCase[] = [
  {
    name: 'signal-with-start',
    feature: FEATURE,
    title: '`signalWithStart` of a new workflow, and of one that runs already',
    workflow: 'signalsAreNoted',
    drive: async (env) => {
      const options = { taskQueue: env.taskQueue, workflowId: env.id, signal: note };
      const first = await env.client.workflow.signalWithStart(workflows.signalsAreNoted, {
        ...options,
        signalArgs: ['with the start'],
      });
      env.track(env.id);
      await env.untilEvent(env.id, 'WORKFLOW_TASK_COMPLETED');
      const second = await env.client.workflow.signalWithStart(workflows.signalsAreNoted, {
        ...options,
        signalArgs: ['without a start'],
      });
      await second.signal('proceed');
      return { same: first.signaledRunId === second.signaledRunId, ended: await outcomeOf(first.result()) };
    },
  },
  {
    name: 'signal-buffered-for-late-handler',
    feature: FEATURE,
    title: 'A signal waits until its handler is set in a later task',
    workflow: 'signalBufferedForLateHandler',
    drive: async (env) => {
      const options = { taskQueue: env.taskQueue, workflowId: env.id, signal: note, signalArgs: ['early'] as [string] };
      const handle = await env.client.workflow.signalWithStart(workflows.signalBufferedForLateHandler, options);
      env.track(env.id);
      return outcomeOf(handle.result());
    },
  },
  talksWhileHeld(
    'signal-buffered-by-name',
    'Each late handler takes the signals of its name',
    workflows.signalsBufferedByName,
    [],
    async (handle) => {
      await handle.signal(note, 1);
      await handle.signal(pair, 'pair', 2);
      await handle.signal(note, 3);
      await handle.signal(pair, 'pair', 4);
      return outcomeOf(handle.result());
    }
  ),
  talksWhileHeld(
    'signal-order-in-one-task',
    'Signals of one task keep their order',
    workflows.signalsOfOneTask,
    [],
    async (handle) => {
      for (const value of ['a', 'b', 'c']) await handle.signal(note, value);
      return proceeds(handle);
    }
  ),
  talksWhileHeld(
    'signal-before-completion',
    'A signal that comes before the completion is not lost',
    workflows.signalBeforeCompletion,
    [],
    async (handle) => {
      await handle.signal(note, 'just in time');
      return outcomeOf(handle.result());
    }
  ),
  talks(
    'signal-never-handled',
    'A signal without a handler does no harm',
    workflows.signalNeverHandled,
    [],
    async (handle) => {
      await handle.signal('unheardOf', 1);
      await handle.signal(note, 2);
      return proceeds(handle);
    }
  ),
];

const endings: ConformanceCase[] = [
  talks(
    'signal-fails-workflow',
    'An ApplicationFailure of a handler fails the workflow',
    workflows.signalHandlerFailsWorkflow,
    [],
    async (handle) => {
      await handle.signal(note, 'bad');
      return outcomeOf(handle.result());
    }
  ),
  talks(
    'signal-fails-workflow-later',
    'So does one after a timer',
    workflows.signalHandlerFailsWorkflowLater,
    [],
    async (handle) => {
      await handle.signal(note, 'bad');
      return outcomeOf(handle.result());
    }
  ),
  talks(
    'signal-fails-task',
    'Another error of a handler fails the task',
    workflows.signalHandlerFailsTask,
    [],
    async (handle, env) => {
      await handle.signal(note, 'bad');
      return endAfterTaskFailure(env, handle);
    }
  ),
  talks(
    'signal-to-completed',
    'A signal to a closed workflow is refused',
    workflows.signalNeverHandled,
    [],
    async (handle) => {
      await proceeds(handle);
      return outcomeOf(handle.signal(note, 'too late'));
    }
  ),
  talks(
    'signal-unfinished-warns',
    'A workflow ends before its handler',
    workflows.signalUnfinishedWarns,
    [],
    async (handle, env) => {
      await signalInTurn(env, handle, note);
      return proceeds(handle);
    }
  ),
  talks(
    'signal-unfinished-abandoned',
    'A handler that may be abandoned',
    workflows.signalUnfinishedAbandoned,
    [],
    async (handle, env) => {
      await signalInTurn(env, handle, note);
      return proceeds(handle);
    }
  ),
];

export const signalCases: ConformanceCase[] = [...handlers, ...buffered, ...endings];
