/** Starts `burdock dev`: dev server and worker in one process. */
import { ManagedChild } from '../support/child';
import { freePort } from '../support/ports';
import { burdockProgram } from '../support/temporal';
import { WORKFLOW_BUNDLE } from '../tools/bundles';

export const TASK_QUEUE = 'burdock-demo';
const START_TIMEOUT_MS = 60_000;

/** The JSON line that `burdock dev` prints when it is ready. */
interface DevLine {
  address: string;
  namespace: string;
  statusAddress: string;
  uiAddress?: string | null;
}

export interface Dev extends DevLine {
  child: ManagedChild;
}

/** Resolves when server and worker are ready; the cache holds `maxCachedWorkflows`. */
export async function startDev(maxCachedWorkflows: number): Promise<Dev> {
  const flags = [
    ['--bundle', WORKFLOW_BUNDLE],
    ['--task-queue', TASK_QUEUE],
    ['--status-addr', `127.0.0.1:${await freePort()}`],
    ['--activity-slots', '100'],
    ['--max-cached-workflows', String(maxCachedWorkflows)],
  ];
  const child = new ManagedChild('burdock dev', burdockProgram(), ['dev', ...flags.flat()]);
  const line = await child.firstLine(START_TIMEOUT_MS);
  try {
    return { ...(JSON.parse(line) as DevLine), child };
  } catch (cause) {
    child.signal('SIGTERM');
    throw new Error(`burdock dev printed '${line}' where its JSON line belongs.`, { cause });
  }
}
