/** What a run may change, and what it must never see of the runs that share its isolate. */
import * as workflowModule from '@temporalio/workflow';
import {
  ApplicationFailure,
  condition,
  defineQuery,
  defineSignal,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';

const shared = Symbol.for('burdock.test.shared');
const globals = globalThis as unknown as Record<string | symbol, unknown>;

let moduleCount = 0;
const moduleList: string[] = [];

export const write = defineSignal('write');
export const leave = defineSignal('leave');
export const look = defineQuery<Sight>('look');

/** One run's view of everything that `write` changes. */
export interface Sight {
  moduleCount: number;
  moduleList: string[];
  byString: unknown;
  bySymbol: unknown;
  hiddenProperty: unknown;
  accessor: unknown;
  /** Who replaced the global `console`. */
  consoleOwner: unknown;
  /** Who replaced the built-in function `escape`. */
  escapeOwner: unknown;
  /** Who deleted the global that every run starts with. */
  hasUnescape: boolean;
  /** Who added a property to the SDK's module. */
  sdkModuleOwner: unknown;
  enumerated: string[];
}

const escapeFunction = (): { owner?: string } => globals['escape'] as { owner?: string };

function sight(): Sight {
  return {
    moduleCount,
    moduleList: [...moduleList],
    byString: globals['burdockByString'] ?? null,
    bySymbol: globals[shared] ?? null,
    hiddenProperty: globals['burdockHidden'] ?? null,
    accessor: globals['burdockAccessor'] ?? null,
    consoleOwner: (globals['console'] as { owner?: string }).owner ?? null,
    escapeOwner: escapeFunction().owner ?? null,
    hasUnescape: 'unescape' in globals,
    sdkModuleOwner: (workflowModule as Record<string, unknown>)['burdockOwner'] ?? null,
    enumerated: Object.keys(globals).filter((key) => key.startsWith('burdock')),
  };
}

/** Marks module state and globals as this run's own; every mark carries the workflow id. */
function mark(owner: string): void {
  moduleCount += 1;
  moduleList.push(owner);
  globals['burdockByString'] = owner;
  globals[shared] = owner;
  Object.defineProperty(globals, 'burdockHidden', { value: owner, enumerable: false, configurable: true });
  Object.defineProperty(globals, 'burdockAccessor', { get: () => owner, enumerable: true, configurable: true });
  globals['console'] = { ...console, owner };
  globals['escape'] = Object.assign(() => owner, { owner });
  delete globals['unescape'];
  (workflowModule as Record<string, unknown>)['burdockOwner'] = owner;
}

/** Writes on the signal `write`; shows what it sees before the first write, by query, and at the end. */
export async function isolated(): Promise<{ first: Sight; last: Sight }> {
  let writes = 0;
  let leaving = false;
  const owner = workflowInfo().workflowId;
  const first = sight();
  setHandler(look, sight);
  setHandler(leave, () => void (leaving = true));
  setHandler(write, () => {
    mark(owner);
    writes += 1;
  });
  await condition(() => leaving && writes > 0);
  return { first, last: sight() };
}

/** The message of what `attempt` throws, or `no error`. */
function refusal(attempt: () => void): string {
  try {
    attempt();
    return 'no error';
  } catch (err) {
    return err instanceof TypeError ? 'TypeError' : String(err);
  }
}

/** Tries to change what all runs share; each attempt has to be refused. */
export async function tampers(): Promise<Record<string, string>> {
  const open = (value: unknown): Record<string, unknown> => value as Record<string, unknown>;
  return {
    addToObject: refusal(() => void (open(Object)['burdock'] = 1)),
    addToMath: refusal(() => void (open(Math)['burdock'] = 1)),
    replaceMethod: refusal(() => void (open(JSON)['parse'] = () => 'caught')),
    deleteMethod: refusal(() => void delete open(Math)['max']),
    definePromiseAll: refusal(() => void Object.defineProperty(Promise, 'all', { value: () => undefined })),
    changeSdkModule: refusal(() => void (open(workflowModule)['sleep'] = () => undefined)),
    addToSdkClass: refusal(() => void (open(ApplicationFailure)['burdock'] = 1)),
  };
}

/** The names that must not exist in the sandbox, of those that do. */
export async function forbiddenGlobals(): Promise<string[]> {
  const names =
    'Deno process Buffer require fetch queueMicrotask setInterval setImmediate performance crypto structuredClone';
  return names.split(' ').filter((name) => typeof globals[name] !== 'undefined');
}
