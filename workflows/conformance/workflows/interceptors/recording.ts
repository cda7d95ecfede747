/** The outermost module: records every call, and what the internals see. */
import type { WorkflowInterceptors, WorkflowInternalsInterceptor } from '@temporalio/workflow';
import { internals, recordingInterceptors } from '../interceptor-record';

const recordingInternals: WorkflowInternalsInterceptor = {
  activate(input, next) {
    const jobs = (input.activation.jobs ?? []) as { variant?: string }[];
    internals.push({ batch: input.batchIndex, jobs: jobs.map((job) => job.variant) });
    return next(input);
  },
  concludeActivation(input, next) {
    internals.push({ commands: input.commands.map((command) => Object.keys(command)[0]) });
    return next(input);
  },
  dispose(input, next) {
    internals.push('dispose');
    return next(input);
  },
};

export const interceptors = (): WorkflowInterceptors => ({
  ...recordingInterceptors('outer'),
  internals: [recordingInternals],
});
