import type { ConformanceCase, Outcome } from '../case';
import { outcomeOf } from '../outcome';
import * as workflows from '../workflows/dynamic-handlers';
import { note, noted, notes } from '../workflows/messages';
import { aloneFor } from './support';
import { type Handle, endAfterTaskFailure, proceeds, signalInTurn, startSettled, talksFor } from './support-messages';

const FEATURE = 'Dynamic handlers';
const alone = aloneFor(FEATURE);
const talks = talksFor(FEATURE);

const handlers: ConformanceCase[] = [
  talks(
    'default-signal-handler',
    'Unknown signals go to the default handler',
    workflows.defaultSignalHandler,
    [],
    async (handle, env) => {
      await signalInTurn(env, handle, 'anySignal', 1, ['two']);
      await signalInTurn(env, handle, note, 'noted');
      await signalInTurn(env, handle, 'otherSignal');
      return proceeds(handle);
    }
  ),
  {
    name: 'default-signal-handler-late',
    feature: FEATURE,
    title: 'A late default handler takes the signals that waited',
    workflow: 'defaultSignalHandlerLate',
    drive: async (env) => {
      const options = { taskQueue: env.taskQueue, workflowId: env.id, signal: 'early', signalArgs: [1] };
      const handle = await env.client.workflow.signalWithStart(workflows.defaultSignalHandlerLate, options);
      env.track(env.id);
      return outcomeOf(handle.result());
    },
  },
  talks(
    'default-signal-handler-removed',
    'Without a default handler signals wait again',
    workflows.defaultSignalHandlerRemoved,
    [],
    async (handle, env) => {
      for (const name of ['first', 'second', 'third']) await signalInTurn(env, handle, name);
      return proceeds(handle);
    }
  ),
  talks(
    'default-query-handler',
    'Unknown queries go to the default handler',
    workflows.defaultQueryHandler,
    [],
    async (handle) => {
      const seen = [await handle.query('anyQuery', 1, { two: 2 }), await handle.query(notes)];
      return [seen, await proceeds(handle), await outcomeOf(handle.query('anyQuery'))];
    }
  ),
  talks(
    'default-query-handler-throws',
    'What a default query handler throws',
    workflows.defaultQueryHandlerThrows,
    [],
    async (handle) => [await outcomeOf(handle.query('anyQuery')), await proceeds(handle)]
  ),
  talks(
    'default-update-handler',
    'Unknown updates go to the default handler',
    workflows.defaultUpdateHandler,
    [],
    async (handle) => {
      const seen: Outcome[] = [];
      for (const name of ['anyUpdate', 'refused'])
        seen.push(await outcomeOf(handle.executeUpdate(name, { args: [name, 1] })));
      seen.push(await outcomeOf(handle.executeUpdate(noted, { args: ['noted'] })));
      return [seen, await proceeds(handle)];
    }
  ),
  talks(
    'default-update-handler-removed',
    'Without a default handler updates are rejected',
    workflows.defaultUpdateHandlerRemoved,
    [],
    async (handle) => [
      await outcomeOf(handle.executeUpdate('first')),
      await outcomeOf(handle.executeUpdate('second')),
      await proceeds(handle),
    ]
  ),
  talks(
    'default-handlers-reserved-query',
    'A default query handler gets no reserved names',
    workflows.defaultHandlersReserved,
    [],
    async (handle) => [
      await outcomeOf(handle.query('open')),
      await outcomeOf(handle.query('__temporal_unheard_of')),
      await proceeds(handle),
    ]
  ),
  talks(
    'default-handlers-reserved-signal',
    'A default signal handler gets no reserved names',
    workflows.defaultHandlersReserved,
    [],
    async (handle, env) => {
      await handle.signal('__temporal_unheard_of');
      return endAfterTaskFailure(env, handle);
    }
  ),
  alone('default-handlers-misused', 'Default handlers must be functions', workflows.defaultHandlersMisused),
];

const defaultWorkflow: ConformanceCase[] = [
  {
    name: 'default-workflow',
    feature: FEATURE,
    title: 'The default export runs unknown types',
    workflow: 'anyWorkflow',
    drive: async (env) => [
      await env.execute('neverExported', [1, 'two', null]),
      await env.execute('neverExportedEither', [], { workflowId: `${env.id}/second` }),
    ],
  },
  {
    name: 'default-workflow-handlers',
    feature: FEATURE,
    title: 'The default workflow with default handlers',
    workflow: 'anyWorkflow',
    drive: async (env) => {
      const handle: Handle = await startSettled(env, 'neverExportedWaiting', ['argument']);
      await signalInTurn(env, handle, 'anySignal', 1);
      const answers = [await handle.executeUpdate('anyUpdate', { args: [2] }), await handle.query('anyQuery')];
      return [answers, await proceeds(handle)];
    },
  },
  {
    name: 'default-workflow-fails',
    feature: FEATURE,
    title: 'The default workflow with options',
    workflow: 'anyWorkflow',
    drive: (env) => env.execute('neverExportedFailing', []),
  },
];

const options: ConformanceCase[] = [
  alone(
    'options-failure-type',
    'An error of a listed type fails the workflow',
    workflows.failsByStaticOptions,
    'special'
  ),
  alone('options-failure-subclass', 'So does one of a subclass', workflows.failsByStaticOptions, 'more special'),
  {
    name: 'options-other-error',
    feature: FEATURE,
    title: 'Another error fails the task',
    workflow: 'failsByStaticOptions',
    drive: async (env) => {
      const handle = (await env.start(workflows.failsByStaticOptions, ['other'])) as unknown as Handle;
      return endAfterTaskFailure(env, handle);
    },
  },
  {
    name: 'options-getter',
    feature: FEATURE,
    title: 'Options by a function that reads the info',
    workflow: 'failsByOptionsGetter',
    drive: async (env) => {
      const failed = await env.execute(workflows.failsByOptionsGetter, [], { memo: { fails: 'the workflow' } });
      const workflowId = `${env.id}/second`;
      const handle = await env.start(workflows.failsByOptionsGetter, [], { workflowId });
      return [failed, await endAfterTaskFailure(env, handle as unknown as Handle)];
    },
  },
  talks(
    'options-error-in-signal',
    'An error of a signal handler with a listed type',
    workflows.failsInHandlerByOptions,
    [],
    async (handle) => {
      await handle.signal(note, 'bad');
      return outcomeOf(handle.result());
    }
  ),
  talks(
    'options-error-in-update',
    'An error of an update handler with a listed type',
    workflows.updateFailsWorkflowByOptions,
    [],
    async (handle) => {
      const answer = await outcomeOf(handle.executeUpdate(noted, { args: ['bad'] }));
      return [answer, await outcomeOf(handle.result())];
    }
  ),
];

export const dynamicHandlerCases: ConformanceCase[] = [...handlers, ...defaultWorkflow, ...options];
