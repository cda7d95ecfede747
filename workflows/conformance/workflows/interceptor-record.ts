/** A record of what passed through interceptors, one for each run, and interceptors that write it. */
import type { WorkflowInterceptors } from '@temporalio/workflow';

const INBOUND = ['execute', 'handleUpdate', 'validateUpdate', 'handleSignal', 'handleQuery'];
const OUTBOUND = [
  'startTimer',
  'scheduleActivity',
  'scheduleLocalActivity',
  'startNexusOperation',
  'startChildWorkflowExecution',
  'signalWorkflow',
  'continueAsNew',
  'getLogAttributes',
  'getMetricTags',
];

/** What passed, in its order. */
export const calls: string[] = [];

/** What the internals saw: batches of jobs, and commands. */
export const internals: unknown[] = [];

type PassThrough = (input: unknown, next: (input: unknown) => unknown) => unknown;

function recorders(label: string, methods: string[]): Record<string, PassThrough> {
  const recorder =
    (method: string): PassThrough =>
    (input, next) => {
      calls.push(`${label} ${method}`);
      return next(input);
    };
  return Object.fromEntries(methods.map((method) => [method, recorder(method)]));
}

/** Interceptors of every call that change nothing. */
export function recordingInterceptors(label: string): WorkflowInterceptors {
  return { inbound: [recorders(label, INBOUND)], outbound: [recorders(label, OUTBOUND)] };
}
