import { condition, defineSignal, deprecatePatch, patched, setHandler, sleep } from '@temporalio/workflow';

export const goOn = defineSignal('goOn');

/** Takes the patched path, and takes it again after each replay. */
export async function patchedFlow(): Promise<{ first: boolean; again: boolean; later: boolean }> {
  let go = false;
  setHandler(goOn, () => void (go = true));
  const first = patched('flow-change');
  deprecatePatch('old-change');
  await sleep(1);
  const again = patched('flow-change');
  await condition(() => go);
  return { first, again, later: patched('late-change') };
}
