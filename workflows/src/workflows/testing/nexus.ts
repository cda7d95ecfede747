import { CancellationScope, createNexusServiceClient, sleep, workflowInfo } from '@temporalio/workflow';
import { type ErrorSummary, rejectionOf } from './describe-error';
import { greetings } from './nexus-definition';

export async function nexusCompletes(endpoint: string): Promise<{ text: string }> {
  const client = createNexusServiceClient({ endpoint, service: greetings });
  return client.executeOperation(greetings.operations.greet, { name: 'Nexus' }, { summary: 'a greeting' });
}

export async function nexusFails(endpoint: string): Promise<ErrorSummary | undefined> {
  const client = createNexusServiceClient({ endpoint, service: greetings });
  return rejectionOf(client.executeOperation(greetings.operations.refuse, { name: 'Nexus' }));
}

/** Starts an operation that a workflow backs, and cancels it once it has started. */
export async function nexusCancelled(endpoint: string): Promise<{ token: boolean; error?: ErrorSummary }> {
  const client = createNexusServiceClient({ endpoint, service: greetings });
  const scope = new CancellationScope();
  const { workflowId, taskQueue } = workflowInfo();
  const input = { workflowId: `${workflowId}/operation`, taskQueue };
  let token = false;
  const outcome = scope.run(async () => {
    const handle = await client.startOperation(greetings.operations.waitForWord, input);
    token = handle.token !== undefined;
    return rejectionOf(handle.result());
  });
  await sleep(2_000);
  scope.cancel();
  const error = await outcome;
  return error ? { token, error } : { token };
}
