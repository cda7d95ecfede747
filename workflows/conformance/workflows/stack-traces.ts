/** Workflows that wait at places that their stack traces name. */
import {
  CancellationScope,
  Trigger,
  condition,
  executeChild,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { note } from './messages';
import { signalled } from './support';

export async function waitsForTimer(): Promise<void> {
  await Promise.race([sleep('1 hour'), signalled()]);
}

async function innermost(): Promise<void> {
  await condition(() => false);
}

async function inner(): Promise<void> {
  await innermost();
}

export async function waitsInNestedFunctions(): Promise<void> {
  await inner();
}

export async function waitsInScope(): Promise<void> {
  await CancellationScope.cancellable(async () => {
    await new Trigger<void>();
  });
}

export async function waitsForAll(): Promise<void> {
  await Promise.all([inner(), sleep('1 hour')]);
}

export async function waitsForNever(): Promise<void> {
  await signalled();
}

export async function waitsForChild(): Promise<void> {
  await executeChild(waitsForNever, { workflowId: `${workflowInfo().workflowId}/child` });
}

async function handlesSlowly(): Promise<void> {
  await sleep('1 hour');
}

export async function waitsInHandler(): Promise<void> {
  setHandler(note, handlesSlowly);
  await condition(() => false);
}

export async function waitsNoMore(): Promise<string> {
  await sleep(1);
  return 'done';
}
