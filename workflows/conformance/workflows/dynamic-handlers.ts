/** Default handlers, the default workflow, and options of workflow functions. */
import {
  ApplicationFailure,
  defineWorkflowOptions,
  setDefaultQueryHandler,
  setDefaultSignalHandler,
  setDefaultUpdateHandler,
  setHandler,
  setWorkflowOptions,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { note, noted, notes } from './messages';
import { outcomeOfCall, signalled } from './support';

export async function defaultSignalHandler(): Promise<unknown[]> {
  const seen: unknown[] = [];
  setHandler(note, (value) => void seen.push(['note', value]));
  setDefaultSignalHandler((name, ...args) => void seen.push([name, ...args]));
  await signalled();
  return seen;
}

/** Signals that waited for any handler come to the default handler at once. */
export async function defaultSignalHandlerLate(): Promise<unknown[]> {
  const seen: unknown[] = [];
  await sleep(20);
  setDefaultSignalHandler(async (name, ...args) => {
    seen.push(`${name} begins`);
    await sleep(1);
    seen.push([name, ...args]);
  });
  seen.push('the handler is set');
  await sleep(50);
  return seen;
}

export async function defaultSignalHandlerRemoved(): Promise<unknown[]> {
  const seen: unknown[] = [];
  setDefaultSignalHandler((name) => {
    seen.push(`default ${name}`);
    setDefaultSignalHandler(undefined);
  });
  await signalled();
  setDefaultSignalHandler((name) => void seen.push(`second default ${name}`));
  return seen;
}

export async function defaultQueryHandler(): Promise<void> {
  setHandler(notes, () => ['of its own']);
  setDefaultQueryHandler((name, ...args) => ({ name, args }));
  await signalled();
  setDefaultQueryHandler(undefined);
}

export async function defaultQueryHandlerThrows(): Promise<void> {
  setDefaultQueryHandler((name) => {
    throw ApplicationFailure.nonRetryable(`no answer to ${name}`, 'NoAnswer');
  });
  await signalled();
}

export async function defaultUpdateHandler(): Promise<unknown[]> {
  const seen: unknown[] = [];
  setHandler(noted, (value) => seen.push(['noted', value]));
  setDefaultUpdateHandler(async (name, ...args) => {
    await sleep(1);
    if (name === 'refused') throw ApplicationFailure.nonRetryable(`${name} is refused`);
    return seen.push([name, ...args]);
  });
  await signalled();
  return seen;
}

export async function defaultUpdateHandlerRemoved(): Promise<void> {
  setDefaultUpdateHandler((name) => {
    setDefaultUpdateHandler(undefined);
    return name;
  });
  await signalled();
}

/** Names of Temporal's own never reach a default handler. */
export async function defaultHandlersReserved(): Promise<void> {
  setDefaultQueryHandler((name) => name);
  setDefaultSignalHandler(() => undefined);
  await signalled();
}

export async function defaultHandlersMisused(): Promise<unknown[]> {
  return [
    await outcomeOfCall(() => setDefaultSignalHandler('text' as never)),
    await outcomeOfCall(() => setDefaultQueryHandler(1 as never)),
    await outcomeOfCall(() => setDefaultUpdateHandler({} as never)),
  ];
}

/** Runs every type that the bundle does not export. */
export default async function anyWorkflow(...args: unknown[]): Promise<unknown> {
  const { workflowType } = workflowInfo();
  const seen: unknown[] = [];
  if (workflowType.endsWith('Waiting')) {
    setDefaultSignalHandler((name, ...values) => void seen.push({ signal: name, values }));
    setDefaultUpdateHandler((name, ...values) => seen.push({ update: name, values }));
    setDefaultQueryHandler((name) => ({ query: name, seen }));
    await signalled();
  }
  if (workflowType.endsWith('Failing')) throw new SpecialError(`${workflowType} fails`);
  return { workflowType, args, seen };
}

class SpecialError extends Error {
  override readonly name = 'SpecialError';
}
class MoreSpecialError extends SpecialError {}
class OtherError extends Error {}

setWorkflowOptions({ failureExceptionTypes: [SpecialError] }, anyWorkflow);

/** Fails with the error that is named. */
export async function failsByStaticOptions(kind: 'special' | 'more special' | 'other'): Promise<void> {
  await sleep(1);
  if (kind === 'special') throw new SpecialError('special');
  if (kind === 'more special') throw new MoreSpecialError('more special');
  throw new OtherError('other');
}
setWorkflowOptions({ failureExceptionTypes: [SpecialError] }, failsByStaticOptions);

/** Its options follow from its own info. */
export async function failsByOptionsGetter(): Promise<void> {
  throw new SpecialError('by the getter');
}
setWorkflowOptions(
  () => ({ failureExceptionTypes: workflowInfo().memo?.['fails'] === 'the workflow' ? [Error] : [] }),
  failsByOptionsGetter
);

/** An error of a signal handler fails the workflow as well. */
export async function failsInHandlerByOptions(): Promise<void> {
  setHandler(note, (value) => {
    throw new SpecialError(String(value));
  });
  await signalled();
}
defineWorkflowOptions(failsInHandlerByOptions, { workflowDefinitionOptions: { failureExceptionTypes: [Error] } });

/** And so does one of an update handler: the update is not answered. */
export async function updateFailsWorkflowByOptions(): Promise<void> {
  setHandler(noted, (value) => {
    throw new SpecialError(value);
  });
  await signalled();
}
setWorkflowOptions({ failureExceptionTypes: [SpecialError] }, updateFailsWorkflowByOptions);
