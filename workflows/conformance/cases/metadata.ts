import type { temporal } from '@temporalio/proto';
import type { CaseEnvironment, ConformanceCase } from '../case';
import { note } from '../workflows/messages';
import * as workflows from '../workflows/metadata';
import { aloneFor } from './support';
import { type Handle, proceeds, signalInTurn, talksFor } from './support-messages';

const FEATURE = 'Details and metadata';
const alone = aloneFor(FEATURE);
const talks = talksFor(FEATURE);

type Metadata = temporal.api.sdk.v1.IWorkflowMetadata;

function metadataOf(handle: Handle): Promise<Metadata> {
  return handle.query<Metadata>('__temporal_workflow_metadata');
}

async function staticMetadata(env: CaseEnvironment, workflowId: string): Promise<unknown> {
  const description = await env.client.workflow.getHandle(workflowId).describe();
  return { summary: await description.staticSummary(), details: await description.staticDetails() };
}

export const metadataCases: ConformanceCase[] = [
  talks(
    'details-current',
    '`setCurrentDetails`, read by the workflow and by clients',
    workflows.currentDetails,
    [],
    async (handle, env) => {
      const seen = [(await metadataOf(handle)).currentDetails];
      await signalInTurn(env, handle, note, 'news');
      seen.push((await metadataOf(handle)).currentDetails);
      const ended = await proceeds(handle);
      return [seen, ended, (await metadataOf(handle)).currentDetails];
    }
  ),
  {
    name: 'details-static',
    feature: FEATURE,
    title: '`staticSummary` and `staticDetails` of a start',
    workflow: 'summarisedWorkflow',
    drive: async (env) => {
      const options = { staticSummary: 'A **short** summary', staticDetails: 'Details\n- of\n- some lines' };
      return [await env.execute(workflows.summarisedWorkflow, [], options), await staticMetadata(env, env.id)];
    },
  },
  alone('summary-of-timers', 'Summaries of timers and conditions', workflows.timerSummaries),
  {
    name: 'summary-of-activities',
    feature: FEATURE,
    title: 'Summaries of activities and local activities',
    workflow: 'activitySummaries',
    drive: (env) => env.execute(workflows.activitySummaries, [env.activityQueue]),
  },
  {
    name: 'summary-of-child',
    feature: FEATURE,
    title: 'Summary and details of a child',
    workflow: 'childSummaries',
    drive: async (env) => [
      await env.execute(workflows.childSummaries, []),
      await staticMetadata(env, `${env.id}/child`),
    ],
  },
];

/** `__temporal_workflow_metadata` as a whole. */
export const metadataQueryCases: ConformanceCase[] = [
  talksFor('Built-in queries')(
    'metadata-descriptions',
    '`__temporal_workflow_metadata` with descriptions',
    workflows.describedHandlers,
    [],
    async (handle) => [await metadataOf(handle), await proceeds(handle)]
  ),
  talksFor('Built-in queries')(
    'metadata-changes',
    'It follows handlers that come and go',
    workflows.undescribedHandlers,
    [],
    async (handle, env) => {
      const before = await metadataOf(handle);
      await signalInTurn(env, handle, note);
      return [before, await metadataOf(handle), await proceeds(handle), await metadataOf(handle)];
    }
  ),
];
