/** Sinks, log and metrics: a workflow can say something, and nothing comes back. */
import {
  ApplicationFailure,
  condition,
  currentUpdateInfo,
  defineQuery,
  defineSignal,
  defineUpdate,
  log,
  metricMeter,
  proxySinks,
  setHandler,
  sleep,
  workflowInfo,
  type Sinks,
} from '@temporalio/workflow';

interface UnknownSinks extends Sinks {
  nowhere: { note(...args: unknown[]): void };
}

const { nowhere } = proxySinks<UnknownSinks>();

export const finishLogging = defineSignal('finishLogging');
export const linesLogged = defineQuery<number>('linesLogged');
export const logInUpdate = defineUpdate<{ id: string; name: string } | undefined, [string]>('logInUpdate');

/** What the five functions return: nothing. */
export async function logsAtEveryLevel(): Promise<unknown[]> {
  const attributes = { colour: 'green', count: 3, nested: { deep: [1, 2] }, nothing: null };
  return (['trace', 'debug', 'info', 'warn', 'error'] as const).map(
    (level) => (log[level] as (message: string, attributes: object) => unknown)(`at ${level}`, attributes) === undefined
  );
}

/** Attributes may shadow those that the runtime adds, and may be of kinds that JSON does not have. */
export async function logsOddAttributes(): Promise<string> {
  log.info('shadowed', { workflowId: 'mine', sdkComponent: 'mine' });
  log.info('odd kinds', { big: 1n, undef: undefined, nan: NaN, date: new Date(0), map: new Map([[1, 2]]) });
  log.info('an error', { error: new Error('as attribute') });
  log.info('');
  return 'logged';
}

/** Attributes are of the time of the call: what is changed afterwards is no affair of the history. */
export async function logsAcrossTimers(): Promise<number> {
  const attributes = { step: 0 };
  for (attributes.step = 1; attributes.step <= 3; attributes.step++) {
    log.info('step', attributes);
    await sleep(5);
  }
  return attributes.step;
}

export async function logsUntilSignal(): Promise<number> {
  let lines = 0;
  let finished = false;
  setHandler(linesLogged, () => lines);
  setHandler(finishLogging, () => {
    log.info('signal', { line: ++lines });
    finished = true;
  });
  log.info('before', { line: ++lines });
  await condition(() => finished);
  log.info('after', { line: ++lines });
  return lines;
}

/** A line that an update handler writes carries the update's id and name. */
export async function logsInUpdate(): Promise<number> {
  let updates = 0;
  setHandler(logInUpdate, (text) => {
    log.info(text);
    updates += 1;
    return currentUpdateInfo();
  });
  await condition(() => updates > 0);
  return updates;
}

/** The query handler's line is one of a replay; the query still gets its answer. */
export async function logsInQuery(): Promise<string> {
  let queries = 0;
  let finished = false;
  setHandler(linesLogged, () => {
    log.info('in a query');
    return ++queries;
  });
  setHandler(finishLogging, () => void (finished = true));
  await condition(() => finished);
  return 'finished';
}

export async function consoleWrites(): Promise<unknown[]> {
  const circular: { self?: unknown } = {};
  circular.self = circular;
  return [
    console.log('text %s %d %j', 'a', 1, { a: 1 }),
    console.info(circular),
    console.warn(Symbol('s'), 1n, undefined, null),
    console.error(new Error('told')),
    console.debug(new Map([['k', new Set([1])]])),
    Object.keys(console).length,
    typeof (console as { table?: unknown }).table,
  ].map((value) => value ?? 'nothing');
}

/** Calls to a sink that no worker has are dropped, whatever their arguments. */
export async function callsUnknownSink(): Promise<unknown[]> {
  const returned: unknown[] = [nowhere.note('first')];
  await sleep(5);
  returned.push(nowhere.note({ nested: [1, { two: 2 }] }, 'second', 3), nowhere.note());
  return returned.map((value) => value === undefined);
}

/** A sink, and a function of a sink, come to be by being named. */
export async function looksAtSinkProxies(): Promise<unknown> {
  const sinks = proxySinks<Record<string, Record<string, () => void>>>();
  return {
    sink: typeof sinks['anything'],
    sinkFunction: typeof sinks['anything']?.['at all'],
    keys: Object.keys(sinks['anything'] ?? {}),
    sameTwice: sinks['anything'] === sinks['anything'],
  };
}

/** The failure is the run's end, whatever was said before it. */
export async function callsSinkAndFails(): Promise<void> {
  nowhere.note('last words');
  log.error('last words');
  throw ApplicationFailure.nonRetryable('after the sink call', 'SinkUser');
}

export async function countsWithMetrics(): Promise<unknown> {
  const counter = metricMeter.createCounter('conformance_counter', 'items', 'What was counted');
  counter.add(1);
  counter.add(2, { kind: 'apple', sweet: true, weight: 1.5 });
  counter.withTags({ kind: 'pear' }).add(0);
  const { kind, name, unit, description, valueType } = counter;
  return { kind, name, unit, description, valueType };
}

export async function recordsHistograms(): Promise<unknown> {
  const made = [
    metricMeter.createHistogram('conformance_histogram'),
    metricMeter.createHistogram('conformance_histogram_float', 'float', 'ms', 'How long it took'),
  ];
  for (const histogram of made) {
    histogram.record(1);
    histogram.withTags({ size: 'big' }).withTags({ size: 'small', more: 1 }).record(12.5, { at: 'call' });
  }
  return made.map(({ kind, name, unit, description, valueType }) => ({
    kind,
    name,
    unit: unit ?? null,
    description: description ?? null,
    valueType,
  }));
}

export async function setsGauges(): Promise<unknown> {
  const meter = metricMeter.withTags({ area: 'conformance' });
  const gauge = meter.createGauge('conformance_gauge', 'float', 'degrees');
  gauge.set(36.6);
  gauge.set(40.1, { body: 'warm' });
  await sleep(5);
  meter.createGauge('conformance_gauge_int').set(7);
  return { kind: gauge.kind, valueType: gauge.valueType };
}

/** Negative values are refused at the call. */
export async function refusesNegativeMetrics(): Promise<string[]> {
  const calls = [
    () => metricMeter.createCounter('conformance_negative').add(-1),
    () => metricMeter.createHistogram('conformance_negative_histogram').record(-1),
    () => metricMeter.createGauge('conformance_negative_gauge').set(-1),
  ];
  return calls.map((call) => {
    try {
      call();
      return 'accepted';
    } catch (err) {
      return String(err);
    }
  });
}

/** One meter, made before a timer, serves after it too. */
export async function metersAcrossTimers(): Promise<boolean[]> {
  const counter = metricMeter.createCounter('conformance_steps');
  const replaying: boolean[] = [];
  for (let step = 0; step < 3; step++) {
    counter.add(1, { step });
    replaying.push(workflowInfo().unsafe.isReplaying && step === 2);
    await sleep(5);
  }
  return replaying;
}
