/** A module whose top level leaves work for later microtasks, and interceptors that end with the run. */
import { type WorkflowInterceptors, condition, inWorkflowContext, sleep, workflowInfo } from '@temporalio/workflow';

const globals = globalThis as unknown as Record<string, unknown>;
const lateModule = (): typeof import('./late-module') => require('./late-module') as typeof import('./late-module');
/** Who runs: no workflow once the start of an unknown type has failed. */
const me = (): string => (inWorkflowContext() ? workflowInfo().workflowId : 'nobody');

void (async () => {
  await Promise.resolve();
  globals['burdockLate'] = me();
  lateModule().visit(me());
})();

if (workflowInfo().workflowType === 'spinsWhileLoading') {
  void (async () => {
    for (;;) await Promise.resolve();
  })();
}

export async function spinsWhileLoading(): Promise<void> {
  return undefined;
}

export interface LateSight {
  global: unknown;
  visitors: string[];
}

/** Shows whose microtasks wrote to this run's globals and modules, after every one of them had the time to. */
export async function looksForLateWrites(): Promise<LateSight> {
  await sleep(1);
  return { global: globals['burdockLate'], visitors: lateModule().visit('the end') };
}

export async function waitsToBeDisposed(): Promise<void> {
  await condition(() => false);
}

export const interceptors = (): WorkflowInterceptors => ({
  internals: [
    {
      dispose(input, next) {
        console.log('disposed of');
        next(input);
        // The SDK has let go of the run, its globals are still there.
        void Promise.resolve().then(() => console.log(`after the disposal of ${String(globals['burdockLate'])}`));
      },
    },
  ],
});
