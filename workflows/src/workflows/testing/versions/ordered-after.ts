/** The workflow `ordered` with its steps swapped: histories from before do not fit. */
import { sleep } from '@temporalio/workflow';
import { probes } from '../probes';

async function firstStep(): Promise<void> {
  await probes.echo('before the pause'); // the line that issues another command
}

export async function ordered(): Promise<void> {
  await firstStep();
  await sleep(1);
}

export async function longer(): Promise<void> {
  await sleep(1); // the last line that issues a command
}

/** Was `ordered`: replayed under its name it fails its workflow task. */
export async function broken(): Promise<void> {
  throw new TypeError('broken on purpose');
}
