import type { ConformanceCase } from '../case';
import { proceed } from '../workflows/support';
import * as workflows from '../workflows/timers';
import { aloneFor } from './support';
import { untilEventSettled } from './support-waiting';

const feature = 'Timers and conditions';
const timerCase = aloneFor(feature);

export const timerCases: ConformanceCase[] = [
  timerCase('sleep-number-and-text', '`sleep` with milliseconds and with text', workflows.sleepsTwice),
  timerCase('sleep-zero-and-less', '`sleep` of zero, less, and fractions', workflows.sleepsZeroAndLess),
  timerCase('sleep-units', '`sleep` with every unit of text', workflows.sleepsInEveryUnit),
  timerCase('sleep-summary', '`sleep` with a summary', workflows.sleepsWithSummary),
  timerCase('sleep-bad-text', '`sleep` refuses text that is no duration', workflows.sleepRefusesText),
  timerCase('sleep-many-times', 'One timer after the other', workflows.sleepsManyTimes, 25),
  timerCase('timer-cancelled-later', 'A timer cancelled in a later task', workflows.timerCancelledLater),
  timerCase('timer-cancelled-at-once', 'A timer cancelled in the task that starts it', workflows.timerCancelledAtOnce),
  timerCase('timers-many', 'Many timers in one task, cancelled together', workflows.startsManyTimers, 100),
  timerCase('timers-in-order', 'Timers fire in the order of their ends', workflows.timersFireInOrder),
  timerCase('timers-race', '`Promise.race` of timers', workflows.timersRace),
  timerCase('timers-any', '`Promise.any` and `Promise.allSettled` of timers', workflows.timersRaceToAny),
  timerCase('set-timeout', '`setTimeout` and `clearTimeout`', workflows.usesSetTimeout),
  timerCase('set-timeout-cancelled', '`setTimeout` in a cancelled scope', workflows.setTimeoutCancelled),
  timerCase('triggers', 'A `Trigger` resolved, rejected, cancelled', workflows.pullsTriggers),
  {
    name: 'timer-cancelled-by-signal',
    feature,
    title: 'A timer cancelled after a signal, and one that had fired',
    workflow: 'timerCancelledBySignal',
    async drive(env) {
      const handle = await env.start(workflows.timerCancelledBySignal, []);
      await untilEventSettled(env, handle.workflowId, 'TIMER_FIRED');
      await handle.signal(proceed);
      return handle.result();
    },
  },
];
