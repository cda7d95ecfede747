import type { ConformanceCase } from '../case';
import * as sinks from '../workflows/sinks';
import { type CaseHead, runsToEnd } from './support';

const FEATURE = 'Sinks, log and metrics';
const alone = (head: CaseHead<() => Promise<unknown>>): ConformanceCase => runsToEnd(FEATURE, head);

export const sinkCases: ConformanceCase[] = [
  alone({ name: 'log-levels', title: '`log` at each level, with attributes', workflow: sinks.logsAtEveryLevel }),
  alone({ name: 'log-odd-attributes', title: '`log` with attributes that JSON lacks', workflow: sinks.logsOddAttributes }),
  alone({ name: 'log-across-timers', title: '`log` between timers', workflow: sinks.logsAcrossTimers }),
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
  alone({ name: 'console-writes', title: '`console` with arguments of every kind', workflow: sinks.consoleWrites }),
  alone({ name: 'sink-unknown', title: 'Calls to a sink that the worker lacks', workflow: sinks.callsUnknownSink }),
  alone({ name: 'sink-then-failure', title: 'Sink calls before a failure', workflow: sinks.callsSinkAndFails }),
  alone({ name: 'sink-proxies', title: 'What `proxySinks` returns', workflow: sinks.looksAtSinkProxies }),
  alone({ name: 'metric-counter', title: '`metricMeter.createCounter`, tags', workflow: sinks.countsWithMetrics }),
  alone({ name: 'metric-histogram', title: '`createHistogram`, `withTags`', workflow: sinks.recordsHistograms }),
  alone({ name: 'metric-gauge', title: '`createGauge` of a tagged meter', workflow: sinks.setsGauges }),
  alone({ name: 'metric-negative', title: 'Negative values are refused', workflow: sinks.refusesNegativeMetrics }),
  alone({ name: 'metric-across-timers', title: 'One counter over several tasks', workflow: sinks.metersAcrossTimers }),
];
