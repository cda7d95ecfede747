/** The workflow `ordered` before its steps were swapped, and `retired`, which is gone afterwards. */
import { sleep } from '@temporalio/workflow';
import { probes } from '../probes';

export async function ordered(): Promise<void> {
  await sleep(1);
  await probes.echo('after the pause');
}

export async function retired(): Promise<void> {
  await sleep(1);
}

/** Ends one pause earlier than its successor. */
export async function longer(): Promise<void> {
  await sleep(1);
  await sleep(1);
}
