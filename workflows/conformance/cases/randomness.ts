import type { CaseEnvironment, ConformanceCase } from '../case';
import * as randomness from '../workflows/randomness';
import { aloneFor } from './support';

const FEATURE = 'Randomness and time';
const alone = aloneFor(FEATURE);

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
  const again = await env.client.workflow
    .getHandle<typeof randomness.drawsAcrossTasks>(handle.workflowId, runId)
    .result();
  return {
    toldByQuery: same(first, original.before),
    keptBefore: same(original.before, again.before),
    number: original.after.number !== again.after.number,
    uuid: original.after.uuid !== again.after.uuid,
    stream: original.after.stream !== again.after.stream,
  };
}

export const randomnessCases: ConformanceCase[] = [
  alone('uuid4', '`uuid4`: shape, no two the same', randomness.drawsUuids),
  alone('math-random', '`Math.random`: range and spread', randomness.drawsNumbers),
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
  alone('random-between-timers', 'Draws in several tasks', randomness.drawsBetweenTimers),
  {
    ...alone('random-streams', '`getRandomStream(name)`', randomness.namedStreamsAreIndependent),
    since: '1.18',
  },
  {
    ...alone('random-stream-scope', '`stream.with` and the default stream', randomness.namedStreamLeavesDefaultAlone),
    since: '1.18',
  },
  {
    ...alone(
      'random-stream-scope-async',
      '`stream.with` over a timer; `workflowRandom`',
      randomness.streamScopesFollowContinuations
    ),
    since: '1.18',
  },
  { ...alone('random-fill', '`stream.fill`', randomness.fillsBytes), since: '1.18' },
  {
    ...alone('random-unsafe', '`unsafe.random`', randomness.unsafeRandomShape),
    since: '1.19',
  },
  alone('date-now', '`Date.now` within and between tasks', randomness.readsTheClock),
  alone('date-of-first-task', 'The first task begins at `runStartTime`', randomness.timeOfTheTask),
  alone('unsafe-now', '`unsafe.now` is the real clock', randomness.unsafeNowMoves),
  alone('date-forms', '`new Date` in all its forms', randomness.makesDates),
  alone('date-parse', '`Date.parse`', randomness.parsesDates),
  alone('date-format', 'Dates as text, with locale and zone', randomness.formatsDates),
  alone('weak-references', '`WeakRef` and `FinalizationRegistry`', randomness.forbidsWeakReferences),
];
