import type { Workflow } from '@temporalio/client';
import type { CaseEnvironment, ConformanceCase } from '../case';
import { flagKey, ratioKey, scoreKey, stageKey, tagsKey, textKey, whenKey } from '../workflows/attribute-keys';
import * as workflows from '../workflows/attributes';
import { aloneFor } from './support';
import { type Handle, endAfterTaskFailure } from './support-messages';

const FEATURE = 'Search attributes and memo';
const alone = aloneFor(FEATURE);

/** Runs the workflow; how it ended, and what the server says of its attributes then. */
async function described(env: CaseEnvironment, workflow: Workflow): Promise<unknown> {
  const ended = await env.execute(workflow, []);
  const { typedSearchAttributes, memo } = await env.client.workflow.getHandle(env.id).describe();
  const own = typedSearchAttributes.getAll().filter(({ key }) => key.name.startsWith('Burdock'));
  return { ended, attributes: own.map(({ key, value }) => [key.name, key.type, value]).sort(), memo };
}

/** A case that also compares what the server knows of the closed workflow. */
function describedAfter(name: string, title: string, workflow: Workflow): ConformanceCase {
  return { name, feature: FEATURE, title, workflow: workflow.name, drive: (env) => described(env, workflow) };
}

export const attributeCases: ConformanceCase[] = [
  {
    name: 'attributes-typed-at-start',
    feature: FEATURE,
    title: 'Typed search attributes of every type at the start',
    workflow: 'readsAttributes',
    drive: (env) =>
      env.execute(workflows.readsAttributes, [], {
        typedSearchAttributes: [
          { key: stageKey, value: 'at start' },
          { key: scoreKey, value: 1 },
          { key: textKey, value: 'a text' },
          { key: ratioKey, value: 0.5 },
          { key: flagKey, value: false },
          { key: whenKey, value: new Date(1_500_000_000_123) },
          { key: tagsKey, value: ['a', 'b'] },
        ],
      }),
  },
  {
    name: 'attributes-untyped-at-start',
    feature: FEATURE,
    title: 'Untyped search attributes at the start',
    workflow: 'readsAttributes',
    drive: (env) => {
      const searchAttributes = { BurdockStage: ['untyped'], BurdockTags: ['x', 'y'], BurdockWhen: [new Date(0)] };
      return env.execute(workflows.readsAttributes, [], { searchAttributes });
    },
  },
  {
    name: 'memo-at-start',
    feature: FEATURE,
    title: 'Memo at the start',
    workflow: 'readsAttributes',
    drive: (env) =>
      env.execute(workflows.readsAttributes, [], { memo: { text: 'ü', nested: { list: [1, 'two'] }, none: null } }),
  },
  describedAfter('attributes-upsert-typed', 'Upserts of every type', workflows.upsertsTyped),
  describedAfter('attributes-upsert-steps', 'Upserts in steps, with one unset', workflows.upsertsTypedInSteps),
  describedAfter('attributes-unset-typed', 'Every type is unset', workflows.unsetsTyped),
  describedAfter('attributes-upsert-untyped', 'Untyped upserts of every type', workflows.upsertsUntyped),
  describedAfter('attributes-unset-untyped', 'Untyped ones are unset', workflows.unsetsUntyped),
  describedAfter('attributes-mixed', 'Typed and untyped upserts of the same keys', workflows.mixesTypedAndUntyped),
  alone('attributes-misused', 'Wrong values are refused', workflows.misusesAttributes),
  {
    name: 'attributes-unknown',
    feature: FEATURE,
    title: 'An attribute that the server does not know fails the task',
    workflow: 'upsertsUnknownAttribute',
    drive: async (env) => {
      const handle = await env.start(workflows.upsertsUnknownAttribute, []);
      return endAfterTaskFailure(env, handle as unknown as Handle);
    },
  },
  {
    name: 'attributes-none',
    feature: FEATURE,
    title: 'So does an upsert of nothing',
    workflow: 'upsertsNoAttributes',
    drive: async (env) => {
      const handle = await env.start(workflows.upsertsNoAttributes, []);
      return endAfterTaskFailure(env, handle as unknown as Handle);
    },
  },
  {
    name: 'memo-upsert',
    feature: FEATURE,
    title: '`upsertMemo` merges, replaces and deletes',
    workflow: 'upsertsMemo',
    drive: async (env) => {
      const ended = await env.execute(workflows.upsertsMemo, [], {
        memo: { changed: { inner: 1 }, removed: true, kept: 'kept' },
      });
      return { ended, memo: (await env.client.workflow.getHandle(env.id).describe()).memo };
    },
  },
  describedAfter('memo-upsert-kinds', 'Memo of many kinds', workflows.upsertsMemoOfManyKinds),
];
