import {
  condition,
  defineSignal,
  getCurrentDetails,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { SearchAttributeType, defineSearchAttributeKey } from '@temporalio/common';

export const finishAttributes = defineSignal('finishAttributes');

/** Search attributes that the tests' server knows. */
export const stageKey = defineSearchAttributeKey('BurdockStage', SearchAttributeType.KEYWORD);
export const scoreKey = defineSearchAttributeKey('BurdockScore', SearchAttributeType.INT);

/** Writes search attributes, memo and current details, and returns what it reads back of them. */
export async function writesAttributes(): Promise<{ stage: unknown; memo: unknown; details: string }> {
  let finished = false;
  setHandler(finishAttributes, () => void (finished = true));
  upsertSearchAttributes([
    { key: stageKey, value: 'waiting' },
    { key: scoreKey, value: 42 },
  ]);
  upsertMemo({ note: { by: 'workflow', lines: [1, 2, 3] }, removed: null });
  setCurrentDetails('waits for **finishAttributes**');
  await condition(() => finished);
  return {
    stage: workflowInfo().typedSearchAttributes.get(stageKey),
    memo: workflowInfo().memo ?? null,
    details: getCurrentDetails(),
  };
}
