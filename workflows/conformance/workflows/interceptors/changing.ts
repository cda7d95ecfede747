/**
 * Changes, refuses or answers calls. Which, the call says itself: by the type of the workflow, by the name of the
 * message, or by a word in its arguments.
 */
import {
  ApplicationFailure,
  defaultPayloadConverter,
  workflowInfo,
  type Headers,
  type WorkflowInboundCallsInterceptor,
  type WorkflowInterceptors,
  type WorkflowInternalsInterceptor,
  type WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';
import { calls } from '../interceptor-record';

const HEADER = 'conformance';

const refusal = (method: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`refused by ${method}`, 'Refused');

const withHeader = (headers: Headers, word: string): Headers => ({
  ...headers,
  [HEADER]: defaultPayloadConverter.toPayload(word),
});

function noteHeader(method: string, headers: Headers): void {
  const payload = headers[HEADER];
  if (payload) calls.push(`${method} with header ${defaultPayloadConverter.fromPayload<string>(payload)}`);
}

const doubled = (args: unknown[]): unknown[] => args.map((arg) => (typeof arg === 'number' ? arg * 2 : arg));

const inbound: WorkflowInboundCallsInterceptor = {
  async execute(input, next) {
    noteHeader('execute', input.headers);
    const { workflowType } = workflowInfo();
    if (workflowType === 'interceptedExecuteRefused') throw refusal('execute');
    if (workflowType === 'interceptedExecuteAnswered') return 'answered by the interceptor';
    if (workflowType !== 'interceptedExecuteChanged') return next(input);
    return { changed: await next({ ...input, args: doubled(input.args) }) };
  },

  async handleSignal(input, next) {
    noteHeader('handleSignal', input.headers);
    if (input.signalName === 'refusedSignal') throw refusal('handleSignal');
    if (input.signalName === 'droppedSignal') return undefined;
    return next(input.signalName === 'changedSignal' ? { ...input, args: doubled(input.args) } : input);
  },

  async handleUpdate(input, next) {
    if (input.name === 'refusedUpdate') throw refusal('handleUpdate');
    if (input.name !== 'changedUpdate') return next(input);
    return [input.updateId, await next({ ...input, args: doubled(input.args) })];
  },

  validateUpdate(input, next) {
    if (input.name === 'invalidUpdate') throw refusal('validateUpdate');
    next(input);
  },

  async handleQuery(input, next) {
    if (input.queryName === 'refusedQuery') throw refusal('handleQuery');
    const answer = await next(input);
    return input.queryName === 'changedQuery' ? { changed: answer } : answer;
  },
};

const outbound: WorkflowOutboundCallsInterceptor = {
  async startTimer(input, next) {
    if (input.options?.summary === 'refused') throw refusal('startTimer');
    if (input.options?.summary === 'skipped') return undefined;
    return next(input.options?.summary === 'shortened' ? { ...input, durationMs: 10 } : input);
  },

  async scheduleActivity(input, next) {
    if (input.args[0] === 'refused') throw refusal('scheduleActivity');
    if (input.args[0] !== 'changed') return next(input);
    const options = { ...input.options, summary: 'by the interceptor' };
    return { changed: await next({ ...input, options, args: [1], headers: withHeader(input.headers, 'activity') }) };
  },

  async scheduleLocalActivity(input, next) {
    if (input.args[0] === 'refused') throw refusal('scheduleLocalActivity');
    return input.args[0] === 'changed' ? { changed: await next({ ...input, args: [1] }) } : next(input);
  },

  async startNexusOperation(input, next) {
    if (input.input === 'refused') throw refusal('startNexusOperation');
    const output = await next({ ...input, headers: { ...input.headers, 'x-conformance': 'by the interceptor' } });
    return { ...output, result: output.result.then((result) => ({ changed: result })) };
  },

  async startChildWorkflowExecution(input, next) {
    if (input.options.args?.[0] === 'refused') throw refusal('startChildWorkflowExecution');
    const [started, result] = await next({ ...input, headers: withHeader(input.headers, 'from the parent') });
    return [started, result.then((value) => ({ changed: value }))];
  },

  async signalWorkflow(input, next) {
    if (input.args[0] === 'refused') throw refusal('signalWorkflow');
    return next({ ...input, headers: withHeader(input.headers, `to ${input.target.type}`) });
  },

  async continueAsNew(input, next) {
    const options = { ...input.options, memo: { by: 'the interceptor' } };
    return next({
      ...input,
      options,
      args: doubled(input.args),
      headers: withHeader(input.headers, 'from the last run'),
    });
  },

  getLogAttributes: (input, next) => ({ ...next(input), attributes: Object.keys(input).length, colour: 'green' }),

  getMetricTags(input, next) {
    calls.push(`tags ${Object.keys(input).join()}`);
    return { ...next(input), colour: 'green' };
  },
};

const internals: WorkflowInternalsInterceptor = {
  concludeActivation(input, next) {
    const { commands } = next(input);
    if (workflowInfo().workflowType !== 'interceptedCommands') return { commands };
    for (const { completeWorkflowExecution } of commands) {
      if (completeWorkflowExecution) completeWorkflowExecution.result = defaultPayloadConverter.toPayload('replaced');
    }
    return { commands };
  },
};

export const interceptors = (): WorkflowInterceptors => ({
  inbound: [inbound],
  outbound: [outbound],
  internals: [internals],
});
