import path from 'node:path';
import type { EnhancedStackTrace } from '@temporalio/workflow';
import type { ConformanceCase } from '../case';
import { note } from '../workflows/messages';
import * as workflows from '../workflows/stack-traces';
import { type Handle, signalInTurn, talksFor } from './support-messages';

const talks = talksFor('Built-in queries');

/** Frames of the host are no workflow code: Node's own modules, and the scripts by which its worker enters a sandbox. */
function isHosts(file: string | undefined): boolean {
  return (file?.startsWith('node:') || file?.startsWith('evalmachine.')) ?? false;
}

/** The frames of workflow code: names of functions and of source files, without the place of the machine. */
function framesOf(trace: string): string[] {
  const frames = [...trace.matchAll(/at (?:async )?(\S+) \(?(\S+?):\d+:\d+\)?/g)];
  return frames.filter(([, , file]) => !isHosts(file)).map(([, name, file]) => `${name} ${path.basename(file ?? '')}`);
}

async function stackTraces(handle: Handle): Promise<unknown> {
  const trace = await handle.query<string>('__stack_trace');
  const enhanced = await handle.query<EnhancedStackTrace>('__enhanced_stack_trace');
  const stacks = enhanced.stacks.map(({ locations }) =>
    locations
      .filter(({ file_path }) => !isHosts(file_path))
      .map(({ function_name, file_path, internal_code }) => ({
        function: function_name,
        file: file_path === undefined ? undefined : path.basename(file_path),
        internal: internal_code,
      }))
  );
  await handle.terminate('seen enough');
  return {
    paragraphs: trace.split('\n\n').map(framesOf),
    enhanced: { sdk: enhanced.sdk.name, stacks, sources: Object.keys(enhanced.sources).length },
  };
}

export const stackTraceCases: ConformanceCase[] = [
  talks('stack-trace-timer', 'Stack traces of a race', workflows.waitsForTimer, [], stackTraces),
  talks('stack-trace-nested', 'Stack traces of nested functions', workflows.waitsInNestedFunctions, [], stackTraces),
  talks('stack-trace-scope', 'Stack traces of a scope', workflows.waitsInScope, [], stackTraces),
  talks('stack-trace-all', 'Stack traces of `Promise.all`', workflows.waitsForAll, [], stackTraces),
  talks('stack-trace-child', 'Stack traces of a child', workflows.waitsForChild, [], async (handle, env) => {
    await env.untilEvent(handle.workflowId, 'CHILD_WORKFLOW_EXECUTION_STARTED');
    return stackTraces(handle);
  }),
  talks('stack-trace-handler', 'Stack traces of a handler', workflows.waitsInHandler, [], async (handle, env) => {
    await signalInTurn(env, handle, note);
    return stackTraces(handle);
  }),
  talks('stack-trace-closed', 'Stack traces of a closed workflow', workflows.waitsNoMore, [], async (handle) => {
    const result = await handle.result();
    return [result, await handle.query<string>('__stack_trace')];
  }),
];
