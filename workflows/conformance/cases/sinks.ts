import type { ConformanceCase } from '../case';
import * as sinks from '../workflows/sinks';
import { aloneFor } from './support';

const FEATURE = 'Sinks, log and metrics';
const alone = aloneFor(FEATURE);

export const sinkCases: ConformanceCase[] = [
  alone('log-levels', '`log` at each level, with attributes', sinks.logsAtEveryLevel),
  alone('log-odd-attributes', '`log` with attributes that JSON lacks', sinks.logsOddAttributes),
  alone('log-across-timers', '`log` between timers', sinks.logsAcrossTimers),
  {
    name: 'log-before-and-after-replay',
    feature: FEATURE,
    title: '`log` in a signal handler; lines counted again on replay',
    workflow: 'logsUntilSignal',
    async drive(env) {
      const handle = await env.start(sinks.logsUntilSignal, []);
      const before = await handle.query(sinks.linesLogged);
      await handle.signal(sinks.finishLogging);
      const result = await handle.result();
      return { before, result, after: await handle.query(sinks.linesLogged) };
    },
  },
  {
    name: 'log-in-update',
    feature: FEATURE,
    title: '`log` in an update handler',
    workflow: 'logsInUpdate',
    async drive(env) {
      const handle = await env.start(sinks.logsInUpdate, []);
      await env.untilEvent(handle.workflowId, 'WORKFLOW_TASK_COMPLETED');
      const update = await handle.executeUpdate(sinks.logInUpdate, { args: ['in update'], updateId: 'update-1' });
      return { update, result: await handle.result() };
    },
  },
  {
    name: 'log-in-query',
    feature: FEATURE,
    title: '`log` in a query handler',
    workflow: 'logsInQuery',
    async drive(env) {
      const handle = await env.start(sinks.logsInQuery, []);
      const first = await handle.query(sinks.linesLogged);
      await handle.signal(sinks.finishLogging);
      return { first, result: await handle.result() };
    },
  },
  alone('console-writes', '`console` with arguments of every kind', sinks.consoleWrites),
  alone('sink-unknown', 'Calls to a sink that the worker lacks', sinks.callsUnknownSink),
  alone('sink-then-failure', 'Sink calls before a failure', sinks.callsSinkAndFails),
  alone('sink-proxies', 'What `proxySinks` returns', sinks.looksAtSinkProxies),
  alone('metric-counter', '`metricMeter.createCounter`, tags', sinks.countsWithMetrics),
  alone('metric-histogram', '`createHistogram`, `withTags`', sinks.recordsHistograms),
  alone('metric-gauge', '`createGauge` of a tagged meter', sinks.setsGauges),
  alone('metric-negative', 'Negative values are refused', sinks.refusesNegativeMetrics),
  alone('metric-across-timers', 'One counter over several tasks', sinks.metersAcrossTimers),
];
