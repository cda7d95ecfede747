/** Every case, in the order of the table. */
import type { ConformanceCase } from '../case';
import { timerCases } from './timers';

export const allCases: readonly ConformanceCase[] = [...timerCases];
