/** The search attributes that the server of the tests knows. */
import { SearchAttributeType, defineSearchAttributeKey } from '@temporalio/common';

export const stageKey = defineSearchAttributeKey('BurdockStage', SearchAttributeType.KEYWORD);
export const scoreKey = defineSearchAttributeKey('BurdockScore', SearchAttributeType.INT);
export const textKey = defineSearchAttributeKey('BurdockText', SearchAttributeType.TEXT);
export const ratioKey = defineSearchAttributeKey('BurdockRatio', SearchAttributeType.DOUBLE);
export const flagKey = defineSearchAttributeKey('BurdockFlag', SearchAttributeType.BOOL);
export const whenKey = defineSearchAttributeKey('BurdockWhen', SearchAttributeType.DATETIME);
export const tagsKey = defineSearchAttributeKey('BurdockTags', SearchAttributeType.KEYWORD_LIST);
