import type { ConformanceCase } from '../case';
import { sleepsTwice } from '../workflows/timers';

export const timerCases: ConformanceCase[] = [
  {
    name: 'sleep-number-and-text',
    feature: 'Timers and conditions',
    title: '`sleep` with milliseconds and with text',
    workflow: 'sleepsTwice',
    drive: (env) => env.execute(sleepsTwice, []),
  },
];
