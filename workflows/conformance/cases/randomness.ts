import type { CaseEnvironment, ConformanceCase } from '../case';
import * as randomness from '../workflows/randomness';
import { type CaseHead, runsToEnd } from './support';

const FEATURE = 'Randomness and time';
const alone = (head: CaseHead<() => Promise<unknown>>): ConformanceCase => runsToEnd(FEATURE, head);

const same = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);

/** Draws until the first signal would let it draw again, then resets the run to before the first or second task. */
async function resetsAfterFirstDraw(env: CaseEnvironment): Promise<unknown> {
  const handle = await env.start(randomness.drawsAcrossTasks, []);
  const first = await handle.query(randomness.drawnSoFar);
  await handle.signal(randomness.continueDrawing);
  const original = await handle.result();
  const history = await handle.fetchHistory();
  const tasks = (history.events ?? []).filter((event) => event.workflowTaskStartedEventAttributes);
  const { runId } = await env.client.workflowService.resetWorkflowExecution({
    namespace: env.client.options.namespace,
    workflowExecution: { workflowId: handle.workflowId, runId: handle.firstExecutionRunId },
    reason: 'a new seed',
    requestId: `${env.id}-reset`,
    // One after the start of the second task, which is where the server cuts.
    workflowTaskFinishEventId: tasks[1]!.eventId!.add(1),
  });
  const again = await env.client.workflow.getHandle<typeof randomness.drawsAcrossTasks>(handle.workflowId, runId).result();
  return {
    toldByQuery: same(first, original.before),
    keptBefore: same(original.before, again.before),
    number: original.after.number !== again.after.number,
    uuid: original.after.uuid !== again.after.uuid,
    stream: original.after.stream !== again.after.stream,
  };
}

export const randomnessCases: ConformanceCase[] = [
  alone({ name: 'uuid4', title: '`uuid4`: shape, no two the same', workflow: randomness.drawsUuids }),
  alone({ name: 'math-random', title: '`Math.random`: range and spread', workflow: randomness.drawsNumbers }),
  {
    name: 'random-after-replay',
    feature: FEATURE,
    title: 'Drawn values are the same in replay',
    workflow: 'drawsAcrossTasks',
    async drive(env) {
      const handle = await env.start(randomness.drawsAcrossTasks, []);
      const queried = [await handle.query(randomness.drawnSoFar), await handle.query(randomness.drawnSoFar)];
      await handle.signal(randomness.continueDrawing);
      const { before, after } = await handle.result();
      const closed = await handle.query(randomness.drawnSoFar);
      return {
        same: [...queried, closed].map((each) => same(each, before)),
        goesOn: before.number !== after.number && before.stream !== after.stream,
      };
    },
  },
  {
    name: 'random-after-reset',
    feature: FEATURE,
    title: 'A reset gives a new seed from its point on (`updateRandomSeed`)',
    workflow: 'drawsAcrossTasks',
    drive: resetsAfterFirstDraw,
  },
  alone({ name: 'random-between-timers', title: 'Draws in several tasks', workflow: randomness.drawsBetweenTimers }),
  {
    ...alone({ name: 'random-streams', title: '`getRandomStream(name)`', workflow: randomness.namedStreamsAreIndependent }),
    since: '1.18',
  },
  {
    ...alone({
      name: 'random-stream-scope',
      title: '`stream.with` and the default stream',
      workflow: randomness.namedStreamLeavesDefaultAlone,
    }),
    since: '1.18',
  },
  {
    ...alone({
      name: 'random-stream-scope-async',
      title: '`stream.with` over a timer; `workflowRandom`',
      workflow: randomness.streamScopesFollowContinuations,
    }),
    since: '1.18',
  },
  { ...alone({ name: 'random-fill', title: '`stream.fill`', workflow: randomness.fillsBytes }), since: '1.18' },
  { ...alone({ name: 'random-unsafe', title: '`unsafe.random`', workflow: randomness.unsafeRandomShape }), since: '1.19' },
  alone({ name: 'date-now', title: '`Date.now` within and between tasks', workflow: randomness.readsTheClock }),
  alone({ name: 'date-of-first-task', title: 'The first task begins at `runStartTime`', workflow: randomness.timeOfTheTask }),
  alone({ name: 'unsafe-now', title: '`unsafe.now` is the real clock', workflow: randomness.unsafeNowMoves }),
  alone({ name: 'date-forms', title: '`new Date` in all its forms', workflow: randomness.makesDates }),
  alone({ name: 'date-parse', title: '`Date.parse`', workflow: randomness.parsesDates }),
  alone({ name: 'date-format', title: 'Dates as text, with locale and zone', workflow: randomness.formatsDates }),
  alone({ name: 'weak-references', title: '`WeakRef` and `FinalizationRegistry`', workflow: randomness.forbidsWeakReferences }),
];
