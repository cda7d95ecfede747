import type { ConformanceCase } from '../case';
import * as versioning from '../workflows/versioning';
import { runsToEnd } from './support';

const FEATURE = 'Versioning';

/**
 * A case whose workflow declares a behaviour, on a worker without versions. The server refuses what such a worker
 * completes, so the workflow task ends by its timeout, again and again.
 */
function declares(name: string, title: string, workflow: () => Promise<unknown>, since?: string): ConformanceCase {
  return {
    name: `versioning-${name}`,
    feature: FEATURE,
    title: `${title}, on a worker without versions`,
    workflow: workflow.name,
    ...(since ? { since } : {}),
    async drive(env) {
      const handle = await env.start(workflow, [], { workflowTaskTimeout: '1 second' });
      await env.untilEvent(handle.workflowId, 'WORKFLOW_TASK_TIMED_OUT');
      await handle.terminate('the server refuses its tasks');
      return 'timed out';
    },
  };
}

export const versioningCases: ConformanceCase[] = [
  declares('pinned', '`setWorkflowOptions`, `PINNED`', versioning.versioningPinned),
  declares('auto-upgrade', '`defineWorkflowOptions`, `AUTO_UPGRADE`', versioning.versioningAutoUpgrade, '1.24'),
  declares('dynamic', '`setWorkflowOptions` by a function', versioning.versioningDynamic),
  runsToEnd(FEATURE, {
    name: 'versioning-failure-types',
    title: '`failureExceptionTypes`, subclasses included',
    workflow: versioning.versioningFailureTypes,
    since: '1.18',
  }),
  runsToEnd(
    FEATURE,
    {
      name: 'versioning-dynamic-failure-types',
      title: '`failureExceptionTypes: [Error]`, by a function',
      workflow: versioning.versioningDynamicFailureTypes,
      since: '1.18',
    },
    'declared'
  ),
  runsToEnd(FEATURE, {
    name: 'versioning-info',
    title: 'Build id and deployment version in `workflowInfo`',
    workflow: versioning.versioningInfo,
  }),
  runsToEnd(FEATURE, {
    name: 'versioning-options-asked-once',
    title: 'Options by a function, which is called once in each run',
    workflow: versioning.versioningAskedOnce,
  }),
];
