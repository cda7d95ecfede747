/** The innermost module: two interceptors of each kind, of which the first comes first. */
import type { WorkflowInterceptors } from '@temporalio/workflow';
import { recordingInterceptors } from '../interceptor-record';

export function interceptors(): WorkflowInterceptors {
  const [first, second] = [recordingInterceptors('inner'), recordingInterceptors('innermost')];
  return {
    inbound: [...(first.inbound ?? []), ...(second.inbound ?? [])],
    outbound: [...(first.outbound ?? []), ...(second.outbound ?? [])],
  };
}
