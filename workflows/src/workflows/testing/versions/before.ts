/** The workflow `evolving` before a change, and with it a history without the patch marker. */
import { condition, defineSignal, setHandler } from '@temporalio/workflow';

export async function evolving(): Promise<string> {
  let go = false;
  setHandler(defineSignal('goOn'), () => void (go = true));
  const path = 'old path';
  await condition(() => go);
  return path;
}
