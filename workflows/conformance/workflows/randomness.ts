/** Randomness and time, which history decides. */
import {
  condition,
  defineQuery,
  defineSignal,
  getRandomStream,
  setHandler,
  sleep,
  uuid4,
  workflowInfo,
  workflowRandom,
} from '@temporalio/workflow';

export const continueDrawing = defineSignal('continueDrawing');
export const drawnSoFar = defineQuery<Drawn>('drawnSoFar');

/** What was drawn, each as an id: ids are what the comparison of two workers takes for equal. */
export interface Drawn {
  number: string;
  uuid: string;
  stream: string;
}

const UUID_4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The bits of a number in the form of an id. */
function asId(number: number): string {
  const hex = new DataView(new Float64Array([number]).buffer).getBigUint64(0, true).toString(16).padStart(16, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12)}-0000-000000000000`;
}

const draw = (): Drawn => ({
  number: asId(Math.random()),
  uuid: uuid4(),
  stream: asId(getRandomStream('draws').random()),
});

const distinct = (values: unknown[]): boolean => new Set(values).size === values.length;

const increases = (values: number[]): boolean => values.every((value, at) => at === 0 || value > values[at - 1]!);

export async function drawsUuids(): Promise<unknown> {
  const uuids = Array.from({ length: 200 }, () => uuid4());
  return { shapes: uuids.every((uuid) => UUID_4.test(uuid)), distinct: distinct(uuids) };
}

export async function drawsNumbers(): Promise<unknown> {
  const numbers = Array.from({ length: 1_000 }, () => Math.random());
  const mean = numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
  return {
    inRange: numbers.every((each) => each >= 0 && each < 1),
    distinct: distinct(numbers),
    nearHalf: mean > 0.4 && mean < 0.6,
  };
}

/** Draws, waits, draws again: a query tells the first draw, the result both. */
export async function drawsAcrossTasks(): Promise<{ before: Drawn; after: Drawn }> {
  const before = draw();
  let go = false;
  setHandler(continueDrawing, () => void (go = true));
  setHandler(drawnSoFar, () => before);
  await condition(() => go);
  return { before, after: draw() };
}

/** Draws between timers, in as many tasks as there are timers: none repeats another, cached or replayed. */
export async function drawsBetweenTimers(): Promise<boolean> {
  const drawn: Drawn[] = [];
  for (let round = 0; round < 5; round++) {
    drawn.push(draw());
    await sleep(5);
  }
  return distinct(drawn.flatMap(({ number, uuid, stream }) => [number, uuid, stream]));
}

/** What one stream gives does not depend on what others were asked for. */
export async function namedStreamsAreIndependent(): Promise<unknown> {
  const first = getRandomStream('conformance-a');
  const alone = [first.random(), first.random()];
  const second = getRandomStream('conformance-b');
  const mixed = [second.random(), first.random(), second.random(), Math.random(), first.random()];
  const again = getRandomStream('conformance-a').random();
  return { distinct: distinct([...alone, ...mixed, again]), uuid: UUID_4.test(first.uuid4()) };
}

/** The default stream goes on as if the named one had not been used. */
export async function namedStreamLeavesDefaultAlone(): Promise<boolean> {
  const stream = getRandomStream('conformance-c');
  const inScope = stream.with(() => [Math.random(), uuid4()]);
  const outside = [Math.random(), uuid4()];
  return distinct([...inScope, ...outside]);
}

/** A scope of a stream follows its continuations over timers, and `workflowRandom` reaches past it. */
export async function streamScopesFollowContinuations(): Promise<unknown> {
  const stream = getRandomStream('conformance-d');
  return stream.with(async () => {
    const before = Math.random();
    await sleep(5);
    const after = Math.random();
    const root = workflowRandom.random();
    const inner = workflowRandom.with(() => Math.random());
    const next = stream.random();
    return { distinct: distinct([before, after, root, inner, next]), uuid: UUID_4.test(workflowRandom.uuid4()) };
  });
}

export async function fillsBytes(): Promise<unknown> {
  const bytes = getRandomStream('conformance-e').fill(new Uint8Array(64));
  const more = workflowRandom.fill(new Uint8Array(64));
  return { length: bytes.length, many: new Set(bytes).size > 20, differ: bytes.join() !== more.join() };
}

/** `unsafe.random` is not of history; only its shape can be compared. */
export async function unsafeRandomShape(): Promise<unknown> {
  const { random } = workflowInfo().unsafe;
  const number = random.random();
  return {
    inRange: number >= 0 && number < 1,
    uuid: UUID_4.test(random.uuid4()),
    bytes: random.fillRandom(new Uint8Array(4)).length,
  };
}

/** Within one task time stands still; from task to task it goes on. */
export async function readsTheClock(): Promise<unknown> {
  const first = [Date.now(), new Date().getTime(), Date.now()];
  await sleep(50);
  const second = Date.now();
  await sleep(50);
  const third = Date.now();
  return {
    still: new Set(first).size,
    grows: increases([first[0]!, second, third]),
    timer: second - first[0]! >= 50,
    start: workflowInfo().startTime.getTime() <= first[0]!,
  };
}

export async function timeOfTheTask(): Promise<boolean> {
  return workflowInfo().runStartTime.getTime() === Date.now();
}

/** The host's own clock: it moves within a task, and only its type can be compared. */
export async function unsafeNowMoves(): Promise<unknown> {
  const { now } = workflowInfo().unsafe;
  const before = now();
  let spins = 0;
  while (now() < before + 3 && spins < 1e8) spins += 1;
  return { number: typeof before, moved: now() > before, near: Math.abs(before - Date.now()) < 600_000 };
}

export async function makesDates(): Promise<unknown> {
  const date = new Date(2024, 0, 31, 12, 30, 15, 250);
  const parts = [date.getFullYear(), date.getMonth(), date.getDate(), date.getHours(), date.getMilliseconds()];
  date.setMonth(1);
  return {
    parts,
    overflow: [date.getMonth(), date.getDate()],
    number: new Date(86_400_000).toISOString(),
    text: new Date('2024-02-29T23:59:59.999Z').getTime(),
    copy: new Date(new Date(5)).getTime(),
    invalid: Number.isNaN(new Date('no date').getTime()),
    utc: Date.UTC(2020, 1, 29),
    json: JSON.stringify({ at: new Date(0) }),
    callable: typeof (Date as unknown as () => unknown)(),
    instance: new Date() instanceof Date,
    length: Date.length,
  };
}

export async function parsesDates(): Promise<unknown[]> {
  const texts = [
    '2024-01-01',
    '2024-01-01T00:00:00Z',
    '2024-01-01T00:00:00+02:00',
    'Tue, 01 Jan 2019 00:00:00 GMT',
    '2024-13-01',
    '+275760-09-13T00:00:00.000Z',
    '',
  ];
  return texts.map((text) => {
    const ms = Date.parse(text);
    return Number.isNaN(ms) ? 'NaN' : ms;
  });
}

/** Dates as text, in one zone and one locale. */
export async function formatsDates(): Promise<unknown> {
  const date = new Date(Date.UTC(2024, 6, 4, 5, 6, 7));
  return {
    utc: date.toUTCString(),
    locale: date.toLocaleDateString('en-US', { timeZone: 'UTC', dateStyle: 'long' }),
    german: date.toLocaleString('de-DE', { timeZone: 'Europe/Berlin', dateStyle: 'short', timeStyle: 'medium' }),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone === Intl.DateTimeFormat('en').resolvedOptions().timeZone,
    offset: typeof date.getTimezoneOffset(),
  };
}

export async function forbidsWeakReferences(): Promise<string[]> {
  const attempts = [() => new WeakRef({}), () => new FinalizationRegistry(() => undefined)];
  return attempts.map((attempt) => {
    try {
      attempt();
      return 'made';
    } catch (err) {
      return String(err);
    }
  });
}
