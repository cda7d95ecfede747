/** Versioning: options of workflow functions, and what a run knows of the versions of its workers. */
import {
  ApplicationFailure,
  continueAsNew,
  defineWorkflowOptions,
  setWorkflowOptions,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';

export async function versioningPinned(): Promise<string> {
  await sleep(5);
  return 'pinned';
}
setWorkflowOptions({ versioningBehavior: 'PINNED' }, versioningPinned);

export async function versioningAutoUpgrade(): Promise<string> {
  await sleep(5);
  return 'auto-upgrade';
}
defineWorkflowOptions(versioningAutoUpgrade, { workflowDefinitionOptions: { versioningBehavior: 'AUTO_UPGRADE' } });

export async function versioningDynamic(): Promise<string> {
  return 'dynamic';
}
setWorkflowOptions(() => ({ versioningBehavior: 'PINNED' }), versioningDynamic);

let askedFor = '';

/** The options are asked for once in each run, before its function is called; they may look at the run. */
export async function versioningAskedOnce(round = 0): Promise<string> {
  await sleep(5);
  return round > 0 ? askedFor : continueAsNew<typeof versioningAskedOnce>(round + 1);
}
setWorkflowOptions(() => {
  const { workflowType, continuedFromExecutionRunId } = workflowInfo();
  askedFor += `${workflowType}, ${continuedFromExecutionRunId ? 'continued' : 'first'};`;
  return {};
}, versioningAskedOnce);

class Declared extends Error {}
class DeclaredChild extends Declared {}

/** An error of a class among `failureExceptionTypes` fails the workflow instead of its task. */
export async function versioningFailureTypes(): Promise<void> {
  await sleep(5);
  throw new DeclaredChild('fails the workflow');
}
setWorkflowOptions({ failureExceptionTypes: [Declared] }, versioningFailureTypes);

/** Options that depend on the run. */
export async function versioningDynamicFailureTypes(kind: 'declared' | 'application'): Promise<void> {
  if (kind === 'declared') throw new TypeError('any error fails the workflow');
  throw ApplicationFailure.create({ message: 'as always', type: 'AsAlways' });
}
setWorkflowOptions(() => ({ failureExceptionTypes: [Error] }), versioningDynamicFailureTypes);

/** What a run of a worker without versions knows. */
export async function versioningInfo(): Promise<unknown> {
  const { currentBuildId, currentDeploymentVersion, targetWorkerDeploymentVersionChanged } = workflowInfo();
  const before = { build: typeof currentBuildId, deployment: currentDeploymentVersion?.deploymentName ?? null };
  await sleep(5);
  const now = workflowInfo();
  return {
    before,
    deployment: now.currentDeploymentVersion?.deploymentName ?? null,
    targetChanged: [targetWorkerDeploymentVersionChanged, now.targetWorkerDeploymentVersionChanged],
  };
}
