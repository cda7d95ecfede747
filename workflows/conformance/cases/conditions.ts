import type { ConformanceCase } from '../case';
import * as workflows from '../workflows/conditions';
import { aloneFor } from './support';

const conditionCase = aloneFor('Timers and conditions');

export const conditionCases: ConformanceCase[] = [
  conditionCase('condition', '`condition` without a timeout', workflows.conditionBecomesTrue),
  conditionCase('condition-holds-at-once', '`condition` that holds at once', workflows.conditionHoldsAtOnce),
  conditionCase('condition-times-out', '`condition` with a timeout', workflows.conditionTimesOut),
  conditionCase('condition-zero-timeout', '`condition` with a timeout of zero', workflows.conditionWithZeroTimeout),
  conditionCase(
    'condition-beats-timeout',
    '`condition` that holds before its timeout',
    workflows.conditionBeatsTimeout
  ),
  conditionCase('condition-too-late', '`condition` that would hold after its timeout', workflows.conditionTooLate),
  conditionCase('condition-summary', '`condition` with a summary', workflows.conditionWithSummary),
  conditionCase('condition-bad-text', '`condition` refuses text that is no duration', workflows.conditionRefusesText),
  conditionCase('condition-throws', '`condition` whose function throws at once', workflows.conditionThrows),
  conditionCase('conditions-in-chain', 'Conditions that make each other true', workflows.conditionsInChain),
  conditionCase('conditions-together', 'Conditions on the same state, in order', workflows.conditionsTogether),
  conditionCase('condition-cancelled', '`condition` in a cancelled scope', workflows.conditionCancelled),
  conditionCase('condition-on-scope', '`condition` on the state of a scope', workflows.conditionOnScope),
];
