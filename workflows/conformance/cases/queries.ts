import { Client, type QueryRejectCondition } from '@temporalio/client';
import type { CaseEnvironment, ConformanceCase, Outcome } from '../case';
import { outcomeOf } from '../outcome';
import { note, notes } from '../workflows/messages';
import * as workflows from '../workflows/queries';
import { anyQuery, multiply } from '../workflows/queries';
import { type Handle, proceeds, signalInTurn, talksFor, talksWhileHeldFor } from './support-messages';

const FEATURE = 'Queries';
const talks = talksFor(FEATURE);
const talksWhileHeld = talksWhileHeldFor(FEATURE);

/** The answer to a client that wants none from some workflows. */
function askUnless(env: CaseEnvironment, handle: Handle, queryRejectCondition: QueryRejectCondition): Promise<Outcome> {
  const { connection, options } = env.client;
  const client = new Client({ connection, namespace: options.namespace, workflow: { queryRejectCondition } });
  return outcomeOf(client.workflow.getHandle(handle.workflowId).query(anyQuery));
}

const answers: ConformanceCase[] = [
  talks('query-state', 'A query sees the state after each signal', workflows.queriedState, [], async (handle, env) => {
    const seen = [await handle.query(notes)];
    await signalInTurn(env, handle, note, 'one');
    seen.push(await handle.query(notes));
    await signalInTurn(env, handle, note, { two: 2 });
    seen.push(await handle.query('notes'));
    return [seen, await proceeds(handle)];
  }),
  talks('query-arguments', 'Arguments, with a default', workflows.queriedWithArguments, [], async (handle) => {
    const seen = [await handle.query(multiply, 3), await handle.query(multiply, 3, -4)];
    return [seen, await handle.queryWithOptions('multiply', { args: [2, 2] }), await proceeds(handle)];
  }),
  talks('query-result-kinds', 'Null, nested, binary and no results', workflows.queryResultKinds, [], async (handle) => {
    const seen: Record<string, Outcome> = {};
    for (const kind of ['null', 'text', 'number', 'nested', 'date', 'bytes', 'empty', 'nothing']) {
      seen[kind] = await outcomeOf(handle.query(anyQuery, kind));
    }
    return [seen, await proceeds(handle)];
  }),
  talks('query-many-at-once', 'Many queries at the same time', workflows.queriedByMany, [], async (handle) => {
    const numbers = Array.from({ length: 20 }, (_, i) => i);
    return [await Promise.all(numbers.map((i) => handle.query(multiply, i, 2))), await proceeds(handle)];
  }),
  talksWhileHeld(
    'query-within-task',
    'Queries that wait for a task see its signals',
    workflows.queriedWithinTask,
    [],
    async (handle) => {
      await handle.signal(note, 'before the queries');
      const seen = await Promise.all([1, 2, 3].map(() => handle.query(notes)));
      return [seen, await proceeds(handle)];
    }
  ),
  talks('query-same-object', 'What a query returns is a copy', workflows.queryReturnsSameObject, [], async (handle) => {
    const seen = [await handle.query(anyQuery), await handle.query(anyQuery)];
    return [seen, await proceeds(handle), await handle.query(anyQuery)];
  }),
  talks(
    'query-of-time',
    'A query sees the time and the info of the last task',
    workflows.queryOfTime,
    [],
    async (handle, env) => {
      await signalInTurn(env, handle, note);
      const seen = [await handle.query(anyQuery), await handle.query(anyQuery)];
      return [seen, await proceeds(handle)];
    }
  ),
];

const failures: ConformanceCase[] = [
  talks('query-throws', 'What a handler throws reaches the client', workflows.queryThrows, [], async (handle) => {
    const seen: Record<string, Outcome> = {};
    for (const kind of ['application', 'error', 'text']) seen[kind] = await outcomeOf(handle.query(anyQuery, kind));
    return [seen, await proceeds(handle)];
  }),
  talks(
    'query-unknown',
    'An unknown query is answered with the names of the known ones',
    workflows.queryUnknown,
    [],
    async (handle) => [
      await outcomeOf(handle.query('neverDefined', 1)),
      await outcomeOf(handle.query(notes)),
      await proceeds(handle),
    ]
  ),
  talks(
    'query-async-handler',
    'A handler that returns a promise is refused',
    workflows.queryAsync,
    [],
    async (handle) => [await outcomeOf(handle.query(anyQuery)), await proceeds(handle)]
  ),
  talks(
    'query-handler-set-late',
    'A query before and after its handler is set',
    workflows.queryHandlerSetLate,
    [],
    async (handle, env) => {
      const early = await outcomeOf(handle.query(anyQuery));
      await signalInTurn(env, handle, note);
      return [early, await outcomeOf(handle.query(anyQuery)), await proceeds(handle)];
    }
  ),
  talks(
    'query-handler-removed',
    'A handler is replaced and removed',
    workflows.queryHandlerRemoved,
    [],
    async (handle, env) => {
      const seen = [await outcomeOf(handle.query(anyQuery))];
      for (const value of ['second', null]) {
        await signalInTurn(env, handle, note, value);
        seen.push(await outcomeOf(handle.query(anyQuery)));
      }
      return [seen, await proceeds(handle)];
    }
  ),
];

const closed: ConformanceCase[] = [
  talks(
    'query-completed',
    'A completed workflow answers; it may be left out',
    workflows.queriedWhenCompleted,
    [],
    async (handle, env) => {
      const ended = await outcomeOf(handle.result());
      const answer = await outcomeOf(handle.query(anyQuery));
      return [
        ended,
        answer,
        await askUnless(env, handle, 'NOT_OPEN'),
        await askUnless(env, handle, 'NOT_COMPLETED_CLEANLY'),
      ];
    }
  ),
  talks(
    'query-failed',
    'A failed workflow answers; it may be left out',
    workflows.queriedWhenFailed,
    [],
    async (handle, env) => {
      const ended = await outcomeOf(handle.result());
      const answer = await outcomeOf(handle.query(anyQuery));
      return [
        ended,
        answer,
        await askUnless(env, handle, 'NOT_OPEN'),
        await askUnless(env, handle, 'NOT_COMPLETED_CLEANLY'),
      ];
    }
  ),
  talks('query-cancelled', 'A cancelled workflow answers', workflows.queriedWhenCancelled, [], async (handle, env) => {
    const open = await askUnless(env, handle, 'NOT_OPEN');
    await handle.cancel();
    const ended = await outcomeOf(handle.result());
    return [open, ended, await outcomeOf(handle.query(anyQuery))];
  }),
  {
    name: 'query-each-run',
    feature: FEATURE,
    title: 'Each run of a chain answers for itself',
    workflow: 'queriedInEachRun',
    drive: async (env) => {
      const handle = await env.start(workflows.queriedInEachRun, [1]);
      const ended = await outcomeOf(handle.result());
      const first = env.client.workflow.getHandle(env.id, handle.firstExecutionRunId);
      return [ended, await first.query(anyQuery), await env.client.workflow.getHandle(env.id).query(anyQuery)];
    },
  },
];

export const queryCases: ConformanceCase[] = [...answers, ...failures, ...closed];
