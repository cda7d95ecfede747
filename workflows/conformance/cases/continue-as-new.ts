import type { ConformanceCase } from '../case';
import { outcomeOf } from '../outcome';
import { scoreKey, stageKey } from '../workflows/attribute-keys';
import * as workflows from '../workflows/continue-as-new';
import { note, noted } from '../workflows/messages';
import { aloneFor } from './support';
import { proceeds, signalInTurn, talksFor } from './support-messages';
import { untilSettled } from './support-waiting';

const FEATURE = 'Continue as new';
const alone = aloneFor(FEATURE);
const talks = talksFor(FEATURE);

const MEMO = { old: 'memo' };
const ATTRIBUTES = [
  { key: stageKey, value: 'first' },
  { key: scoreKey, value: 1 },
];

const options: ConformanceCase[] = [
  alone('continue-with-state', 'Three runs that carry their state', workflows.continuesWithState, {
    runs: 1,
    words: [],
  }),
  alone('continue-without-arguments', 'Without arguments', workflows.continuesWithoutArguments),
  alone('continue-as-other-type', '`workflowType`', workflows.continuesAsOtherType, 7),
  {
    name: 'continue-with-timeouts',
    feature: FEATURE,
    title: '`workflowRunTimeout`, `workflowTaskTimeout`, `taskQueue`',
    workflow: 'continuesWithTimeouts',
    drive: (env) =>
      env.execute(workflows.continuesWithTimeouts, [false], {
        workflowExecutionTimeout: '4 minutes',
        workflowRunTimeout: '3 minutes',
      }),
  },
  {
    name: 'continue-with-memo',
    feature: FEATURE,
    title: '`memo`, and the memo that is kept without it',
    workflow: 'continuesWithMemo',
    drive: async (env) => [
      await env.execute(workflows.continuesWithMemo, ['kept'], { memo: MEMO }),
      await env.execute(workflows.continuesWithMemo, ['replaced'], { memo: MEMO, workflowId: `${env.id}/second` }),
    ],
  },
  {
    name: 'continue-with-typed-attributes',
    feature: FEATURE,
    title: '`typedSearchAttributes`, and those that are kept without it',
    workflow: 'continuesWithTypedAttributes',
    drive: async (env) => {
      const start = { typedSearchAttributes: ATTRIBUTES };
      const kept = await env.execute(workflows.continuesWithTypedAttributes, ['kept'], start);
      const second = { ...start, workflowId: `${env.id}/second` };
      return [kept, await env.execute(workflows.continuesWithTypedAttributes, ['replaced'], second)];
    },
  },
  alone(
    'continue-with-untyped-attributes',
    '`searchAttributes`, where typed ones win',
    workflows.continuesWithUntypedAttributes,
    false
  ),
  {
    name: 'continue-with-retry-policy',
    feature: FEATURE,
    title: 'The retry policy of the start goes on',
    workflow: 'continuesWithRetryPolicy',
    drive: (env) => {
      const retry = {
        initialInterval: '2 s',
        backoffCoefficient: 1.5,
        maximumAttempts: 4,
        nonRetryableErrorTypes: ['Final'],
      };
      return env.execute(workflows.continuesWithRetryPolicy, [false], { retry });
    },
  },
  alone('continue-after-backoff', '`backoffStartInterval`', workflows.continuesAfterBackoff, false),
  alone(
    'continue-with-versioning-behavior',
    '`initialVersioningBehavior`',
    workflows.continuesWithVersioningBehavior,
    false
  ),
];

const ways: ConformanceCase[] = [
  talks('continue-from-signal', 'From a signal handler', workflows.continuesFromSignal, [[]], async (handle, env) => {
    await handle.signal(note, 'first');
    await env.untilEvent(handle.workflowId, 'WORKFLOW_EXECUTION_STARTED');
    const last = env.client.workflow.getHandle(handle.workflowId);
    await untilSettled(env, handle.workflowId);
    await last.signal(note, 'end');
    return outcomeOf(handle.result());
  }),
  talks('continue-from-update', 'From an update handler', workflows.continuesFromUpdate, [], async (handle) => {
    const answer = outcomeOf(handle.executeUpdate(noted, { args: ['by an update'], updateId: 'continues' }));
    return [await outcomeOf(handle.result()), await answer];
  }),
  talks(
    'continue-with-signals',
    'Signals of each run',
    workflows.continuesWithSignals,
    [1, []],
    async (handle, env) => {
      const latest = env.client.workflow.getHandle(handle.workflowId) as unknown as typeof handle;
      await signalInTurn(env, latest, note, 'to the first run');
      await signalInTurn(env, latest, 'proceed');
      await signalInTurn(env, latest, note, 'to the second run');
      return proceeds(latest);
    }
  ),
  alone('continue-caught', 'What the call throws, seen by code that catches it', workflows.catchesContinueAsNew),
  alone(
    'continue-with-loose-ends',
    'Open timers and scopes end with their run',
    workflows.continuesWithLooseEnds,
    false
  ),
  alone('continue-of-child', 'A parent awaits the last run of its child', workflows.parentOfContinuing),
  alone('continue-suggestions', '`continueAsNewSuggested` and its reasons', workflows.continueAsNewSuggestions),
  alone('continue-links', 'What the info of the last run says about the chain', workflows.continuesWithLinks),
  {
    name: 'continue-not-followed',
    feature: FEATURE,
    title: 'A client that does not follow runs',
    workflow: 'continuesWithoutArguments',
    drive: async (env) => {
      const handle = await env.start(workflows.continuesWithoutArguments, []);
      const first = env.client.workflow.getHandle(env.id, handle.firstExecutionRunId, { followRuns: false });
      return [await outcomeOf(first.result()), await outcomeOf(handle.result())];
    },
  },
];

export const continueAsNewCases: ConformanceCase[] = [...options, ...ways];
