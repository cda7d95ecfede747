/** What a program sees of its surroundings, as far as it is the same in every run. */
import { uuid4, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { flagKey, scoreKey, stageKey, tagsKey } from '../workflows/attribute-keys';
import { sorted } from '../workflows/sorted';
import type { AttributeName } from './program';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const KEYS = { BurdockStage: stageKey, BurdockScore: scoreKey, BurdockFlag: flagKey, BurdockTags: tagsKey };

export function upsertAttribute(name: AttributeName, value: unknown, typed: boolean): void {
  // The generator gives each attribute a value of its type.
  if (typed) {
    upsertSearchAttributes([{ key: KEYS[name], value } as never]);
    return;
  }
  const values = value === null ? [] : Array.isArray(value) ? value : [value];
  upsertSearchAttributes({ [name]: values });
}

export function observed(what: 'uuid' | 'random' | 'time' | 'info'): unknown {
  switch (what) {
    case 'uuid':
      return UUID.test(uuid4());
    case 'random': {
      const number = Math.random();
      return number >= 0 && number < 1;
    }
    case 'time':
      return Date.now() === new Date().getTime() && Date.now() >= workflowInfo().startTime.getTime();
    case 'info': {
      const { workflowType, attempt, memo, searchAttributes, parent, root, continuedFromExecutionRunId } =
        workflowInfo();
      const isContinued = continuedFromExecutionRunId !== undefined;
      const family = [parent !== undefined, root !== undefined, isContinued];
      return { workflowType, attempt, family, memo: sorted(memo ?? {}), searchAttributes: sorted(searchAttributes) };
    }
  }
}
