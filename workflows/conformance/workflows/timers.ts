/** Timers and conditions. */
import { sleep } from '@temporalio/workflow';

export async function sleepsTwice(): Promise<string> {
  await sleep(10);
  await sleep('20 ms');
  return 'awake';
}
