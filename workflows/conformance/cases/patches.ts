import type { ConformanceCase } from '../case';
import { note, noted } from '../workflows/messages';
import * as workflows from '../workflows/patches';
import { aloneFor } from './support';
import { proceeds, signalInTurn, talksFor } from './support-messages';
import { untilEventSettled } from './support-waiting';

const FEATURE = 'Patches';
const alone = aloneFor(FEATURE);
const talks = talksFor(FEATURE);

export const patchCases: ConformanceCase[] = [
  alone('patch-once', '`patched` in the first task', workflows.patchedOnce),
  alone('patch-twice', 'The same patch in several tasks is one marker', workflows.patchedTwice),
  alone('patch-after-timer', '`patched` after a timer', workflows.patchedAfterTimer),
  alone('patch-in-loop', 'One patch for all rounds, and one for each', workflows.patchedInLoop),
  alone('patch-many', 'Thirty patches in one task', workflows.patchedManyTimes, 30),
  alone('patch-timers', 'A patch that decides about commands', workflows.patchedTimers),
  alone('patch-deprecated', '`deprecatePatch`', workflows.patchDeprecated),
  alone('patch-added-later', 'A history without the patch keeps the old path', workflows.patchAddedLater),
  talks('patch-taken-later', 'The past stays old, what comes after is new', workflows.patchTakenLater, [], (handle) =>
    proceeds(handle)
  ),
  alone(
    'patch-deprecated-later',
    'A history with the patch, replayed with it deprecated',
    workflows.patchDeprecatedLater
  ),
  alone('patch-in-branches', 'Patches of concurrent branches', workflows.patchedInBranches),
  alone('patch-each-run', 'Each run of a chain has its own markers', workflows.patchedInEachRun, 1),
  talks(
    'patch-in-handlers',
    '`patched` in signal and update handlers',
    workflows.patchedInHandlers,
    [],
    async (handle, env) => {
      await signalInTurn(env, handle, note, 'signal');
      await untilEventSettled(env, handle.workflowId, 'TIMER_FIRED');
      return [await handle.executeUpdate(noted, { args: ['update'], updateId: 'patched' }), await proceeds(handle)];
    }
  ),
];
