import { condition, defineSignal, setHandler, uuid4 } from '@temporalio/workflow';

export const proceed = defineSignal('proceed');

export interface Randoms {
  number: number;
  uuid: string;
}

const draw = (): Randoms => ({ number: Math.random(), uuid: uuid4() });

/** Draws before and after a signal: a reset in between keeps the first and changes the second draw. */
export async function drawsTwice(): Promise<{ before: Randoms; after: Randoms }> {
  let go = false;
  setHandler(proceed, () => void (go = true));
  const before = draw();
  await condition(() => go);
  return { before, after: draw() };
}
