// A workflow of known state: a signal tells it what to hold next. What it held before becomes garbage.
import { condition, defineSignal, setHandler, workflowInfo } from '@temporalio/workflow';

export const hold = defineSignal<[kind: string, bytes: number]>('hold');

// Values of about `bytes`. Strings are the run's own: V8 keeps equal keys of all runs only once.
function make(kind: string, bytes: number): unknown {
  const own = workflowInfo().runId;
  const many = <T>(each: number, value: (index: number) => T) => Array.from({ length: Math.ceil(bytes / each) }, (_, index) => value(index));
  switch (kind) {
    case 'string':
      return JSON.parse(JSON.stringify('abcdefgh'.repeat(Math.ceil(bytes / 8))));
    case 'strings':
      return many(128, (index) => [...`${own} ${index} `.padEnd(100, 'x')].join(''));
    case 'objects':
      return many(100, (index) => ({ index, name: `${own} ${index}`, even: index % 2 === 0, third: index / 3 }));
    case 'map':
      return new Map(many(100, (index) => [`${own} ${index}`, { index }]));
    case 'buffer':
      return new Uint8Array(bytes);
    default:
      throw new TypeError(`no kind of state: ${kind}`);
  }
}

export async function holdState(): Promise<void> {
  let state: unknown;
  let isDone = false;
  setHandler(hold, (kind, bytes) => {
    state = make(kind, bytes);
    isDone = kind === 'done';
  });
  await condition(() => isDone);
  console.log(state);
}
