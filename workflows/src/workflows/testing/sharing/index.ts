/** Workflows whose modules keep state, and that change it in every way. */
import { condition, defineSignal, setHandler, sleep } from '@temporalio/workflow';
import { KINDS } from './state';

const poke = defineSignal<[number]>('poke');

/** Every run counts for itself, whatever others do. */
let pokes = 0;

const lookAround = () => Object.entries(KINDS).map(([name, { look }]) => [name, look()]);

/** Changes some kinds of state before a timer, some after it, some at each signal; what it saw at each step. */
export async function changesModules(names: string[], by: number): Promise<unknown> {
  const seen = [lookAround()];
  const change = (at: number) => {
    for (const [index, name] of names.entries()) if ((index + at) % 3 === 0) KINDS[name]!.change(by + index);
    seen.push(lookAround());
  };
  let finished = false;
  setHandler(poke, (step) => {
    pokes += 1;
    change(step);
    finished = step < 0;
  });
  change(0);
  await sleep(10);
  change(1);
  await condition(() => finished);
  return { pokes, seen };
}

/** What cannot be taken back. */
export async function fixesModules(how: string, name: string): Promise<string> {
  const objects: Record<string, object> = { list: FIXED.list, record: FIXED.record, prototype: FIXED.Class.prototype };
  const object = objects[name]!;
  const before = `${Object.isFrozen(object)} ${Object.isExtensible(object)}`;
  if (how === 'freeze') Object.freeze(object);
  else if (how === 'seal') Object.seal(object);
  else if (how === 'prevent') Reflect.preventExtensions(object);
  else if (how === 'fix') Object.defineProperty(object, 'fixed', { value: 1, configurable: false });
  await sleep(10);
  return `${before} ${Object.isFrozen(object)} ${Object.isExtensible(object)} ${Object.keys(object).length}`;
}

const FIXED = { list: [1], record: { a: 1 }, Class: class {} };
