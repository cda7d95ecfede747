/** Search attributes and memo. */
import type { SearchAttributes } from '@temporalio/common';
import { sleep, upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { flagKey, ratioKey, scoreKey, stageKey, tagsKey, textKey, whenKey } from './attribute-keys';
import { sorted } from './sorted';
import { outcomeOfCall } from './support';

/** Both views of the attributes. */
function attributes(): { typed: unknown; untyped: SearchAttributes } {
  const { searchAttributes, typedSearchAttributes } = workflowInfo();
  const typed = typedSearchAttributes.getAll().map(({ key, value }) => [key.name, key.type, value]);
  return { typed: typed.sort(), untyped: sorted(searchAttributes) };
}

const ALL_PAIRS = [
  { key: stageKey, value: 'keyword' },
  { key: scoreKey, value: -7 },
  { key: textKey, value: 'some more text' },
  { key: ratioKey, value: 0.125 },
  { key: flagKey, value: true },
  { key: whenKey, value: new Date(1_700_000_000_000) },
  { key: tagsKey, value: ['red', 'grün'] },
];
const ALL_UNTYPED: SearchAttributes = {
  BurdockStage: ['keyword'],
  BurdockScore: [3],
  BurdockText: ['a text'],
  BurdockRatio: [2.5],
  BurdockFlag: [false],
  BurdockWhen: [new Date(1_600_000_000_000)],
  BurdockTags: ['one', 'two'],
};

export async function readsAttributes(): Promise<unknown> {
  const { memo } = workflowInfo();
  return { ...attributes(), memo: sorted(memo) };
}

export async function upsertsTyped(): Promise<unknown> {
  upsertSearchAttributes(ALL_PAIRS);
  const seen = attributes();
  await sleep(1);
  return { seen, later: attributes(), stage: workflowInfo().typedSearchAttributes.get(stageKey) };
}

export async function upsertsTypedInSteps(): Promise<unknown> {
  const seen = [];
  upsertSearchAttributes([
    { key: stageKey, value: 'first' },
    { key: scoreKey, value: 1 },
  ]);
  seen.push(attributes());
  upsertSearchAttributes([{ key: stageKey, value: 'second' }]);
  seen.push(attributes());
  await sleep(1);
  upsertSearchAttributes([
    { key: scoreKey, value: null },
    { key: tagsKey, value: [] },
  ]);
  seen.push(attributes());
  return seen;
}

export async function unsetsTyped(): Promise<unknown> {
  upsertSearchAttributes(ALL_PAIRS);
  await sleep(1);
  upsertSearchAttributes(ALL_PAIRS.map(({ key }) => ({ key, value: null })) as never);
  return attributes();
}

export async function upsertsUntyped(): Promise<unknown> {
  upsertSearchAttributes(ALL_UNTYPED);
  const seen = attributes();
  await sleep(1);
  return { seen, later: attributes() };
}

export async function unsetsUntyped(): Promise<unknown> {
  upsertSearchAttributes(ALL_UNTYPED);
  await sleep(1);
  upsertSearchAttributes({ BurdockStage: [], BurdockScore: [], BurdockTags: ['left'] });
  return attributes();
}

/** The type of a key that is already there wins over the guess from the value. */
export async function mixesTypedAndUntyped(): Promise<unknown> {
  const seen = [];
  upsertSearchAttributes([{ key: stageKey, value: 'typed' }]);
  upsertSearchAttributes({ BurdockStage: ['untyped'], BurdockScore: [5] });
  seen.push(attributes());
  upsertSearchAttributes([{ key: scoreKey, value: 6 }]);
  upsertSearchAttributes({ BurdockStage: [] });
  seen.push(attributes());
  return seen;
}

export async function misusesAttributes(): Promise<unknown> {
  return [
    await outcomeOfCall(() => upsertSearchAttributes(undefined as never)),
    await outcomeOfCall(() => upsertMemo(null as never)),
    await outcomeOfCall(() => upsertSearchAttributes([{ key: scoreKey, value: 'text' as never }])),
    await outcomeOfCall(() => upsertSearchAttributes({ BurdockScore: ['mixed', 1] as never })),
    await outcomeOfCall(() => upsertSearchAttributes({ BurdockScore: [{}] as never })),
    await outcomeOfCall(() => upsertSearchAttributes({ BurdockScore: undefined })),
    attributes(),
  ];
}

/** The server refuses an attribute that it does not know: the task fails, not the workflow. */
export async function upsertsUnknownAttribute(): Promise<void> {
  upsertSearchAttributes({ BurdockNeverDefined: ['value'] });
  await sleep(1);
}

/** So does an upsert without any attribute. */
export async function upsertsNoAttributes(): Promise<void> {
  upsertSearchAttributes([]);
  await sleep(1);
}

/** Merges at the first level only. */
export async function upsertsMemo(): Promise<unknown> {
  const seen = [sorted(workflowInfo().memo)];
  upsertMemo({ added: 'text', changed: { inner: 2 } });
  seen.push(sorted(workflowInfo().memo));
  await sleep(1);
  upsertMemo({ added: null, removed: undefined, list: [1, { two: 2 }] });
  seen.push(sorted(workflowInfo().memo));
  await sleep(1);
  return [...seen, sorted(workflowInfo().memo)];
}

export async function upsertsMemoOfManyKinds(): Promise<unknown> {
  upsertMemo({
    text: 'grüße',
    number: 1.5,
    flag: false,
    bytes: new Uint8Array([1, 2, 3]),
    date: new Date(0),
    nested: { a: [] },
  });
  await sleep(1);
  return Object.keys(workflowInfo().memo ?? {}).sort();
}
