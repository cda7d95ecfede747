/** The workflow `evolving` after the change: runs that began before keep to the old path. */
import { condition, defineSignal, patched, setHandler } from '@temporalio/workflow';

export async function evolving(): Promise<string> {
  let go = false;
  setHandler(defineSignal('goOn'), () => void (go = true));
  const path = patched('new-path') ? 'new path' : 'old path';
  await condition(() => go);
  return path;
}
