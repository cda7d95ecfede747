import { condition, defineSignal, setHandler, setWorkflowOptions, workflowInfo } from '@temporalio/workflow';

export const versionedGo = defineSignal('versionedGo');

/** Waits for `versionedGo`; returns the build ids of its first and its last task. */
async function firstAndLastBuildId(): Promise<string[]> {
  let go = false;
  setHandler(versionedGo, () => void (go = true));
  const first = workflowInfo().currentDeploymentVersion?.buildId ?? 'none';
  await condition(() => go);
  return [first, workflowInfo().currentDeploymentVersion?.buildId ?? 'none'];
}

/** Has the worker's own versioning behaviour. */
export async function versionedByWorker(): Promise<string[]> {
  return firstAndLastBuildId();
}

setWorkflowOptions({ versioningBehavior: 'PINNED' }, versionedPinned);
/** Stays on its version whatever the worker says. */
export async function versionedPinned(): Promise<string[]> {
  return firstAndLastBuildId();
}

setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, versionedAutoUpgrade);
/** Goes on with the newest version whatever the worker says. */
export async function versionedAutoUpgrade(): Promise<string[]> {
  return firstAndLastBuildId();
}
