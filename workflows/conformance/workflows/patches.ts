/**
 * Patches. A workflow that asks whether it is replaying plays two versions of its own code: what it did at first is
 * the old version, and what it does when it is replayed is the new one.
 */
import { continueAsNew, deprecatePatch, patched, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import { note, noted } from './messages';
import { signalled } from './support';

function isReplaying(): boolean {
  return workflowInfo().unsafe.isReplaying;
}

export async function patchedOnce(): Promise<string> {
  const answer = patched('once') ? 'new' : 'old';
  await sleep(1);
  return answer;
}

export async function patchedTwice(): Promise<boolean[]> {
  const first = patched('twice');
  await sleep(1);
  const again = patched('twice');
  await sleep(1);
  return [first, again, patched('twice')];
}

export async function patchedAfterTimer(): Promise<boolean[]> {
  await sleep(10);
  const after = patched('after-timer');
  await sleep(10);
  return [after, patched('after-timer')];
}

export async function patchedInLoop(): Promise<string[]> {
  const seen: string[] = [];
  for (let i = 0; i < 5; i += 1) {
    seen.push(`${i}: ${patched('loop')}, ${patched(`loop-${i}`)}`);
    await sleep(1);
  }
  return seen;
}

export async function patchedManyTimes(count: number): Promise<number> {
  let answers = 0;
  for (let i = 0; i < count; i += 1) if (patched(`patch-${i}`)) answers += 1;
  await sleep(1);
  for (let i = 0; i < count; i += 1) if (patched(`patch-${i}`)) answers += 1;
  return answers;
}

export async function patchDeprecated(): Promise<string> {
  deprecatePatch('deprecated');
  await sleep(1);
  deprecatePatch('deprecated');
  return 'deprecated';
}

/** The patch comes to a history without it: it is not taken in what has happened. */
export async function patchAddedLater(): Promise<string> {
  const branch = isReplaying() && patched('added-later') ? 'new' : 'old';
  await sleep(branch === 'new' ? 5_000 : 10);
  await sleep(10);
  return branch;
}

/** What is past stays old; what comes after is new, with the same patch. */
export async function patchTakenLater(): Promise<string[]> {
  const past = isReplaying() && patched('taken-later') ? 'new' : 'old';
  await signalled();
  const present = patched('taken-later') ? 'new' : 'old';
  await sleep(1);
  return [past, present, patched('taken-later') ? 'new' : 'old'];
}

/** A history with a patch, replayed by code that has it deprecated. */
export async function patchDeprecatedLater(): Promise<string> {
  let branch = 'new';
  if (isReplaying()) deprecatePatch('deprecated-later');
  else branch = patched('deprecated-later') ? 'new' : 'old';
  await sleep(10);
  await sleep(10);
  return branch;
}

export async function patchedInHandlers(): Promise<unknown[]> {
  const seen: unknown[] = [];
  setHandler(note, async (value) => {
    seen.push([value, patched('signal')]);
    await sleep(1);
    seen.push([value, patched('signal-later')]);
  });
  setHandler(noted, (value) => seen.push([value, patched('update'), patched('signal')]));
  await signalled();
  return seen;
}

export async function patchedInBranches(): Promise<string[]> {
  const branch = async (name: string, ms: number): Promise<string> => {
    await sleep(ms);
    return `${name}: ${patched(name)}, ${patched('both')}`;
  };
  return Promise.all([branch('left', 10), branch('right', 200)]);
}

/** Each run of a chain has markers of its own. */
export async function patchedInEachRun(run: number): Promise<unknown> {
  const answer = patched('each-run');
  await sleep(1);
  return run < 2 ? continueAsNew<typeof patchedInEachRun>(run + 1) : [run, answer];
}

/** The patch decides about commands: with it there is one timer more. */
export async function patchedTimers(): Promise<number> {
  let timers = 0;
  if (patched('one-more-timer')) {
    await sleep(10);
    timers += 1;
  }
  await sleep(10);
  return timers + 1;
}
