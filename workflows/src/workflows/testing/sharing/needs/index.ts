/** Workflows whose modules need a run while they are evaluated, each in its way. */
import { sleep } from '@temporalio/workflow';
import * as global from './global';
import * as pure from './pure';
import * as clockKept from './clock-kept';
import * as clockUsed from './clock-used';
import * as random from './random';
import * as promise from './promise';
import * as storage from './storage';
import * as error from './error';
import * as registry from './registry';
import * as stack from './stack';
import * as generator from './generator';
import * as info from './info';
import * as importer from './importer';

const MODULES = {
  global,
  pure,
  clockKept,
  clockUsed,
  random,
  promise,
  storage,
  error,
  registry,
  stack,
  generator,
  info,
  importer,
};

/** What every module tells before and after a change. */
export async function needsRun(by: number): Promise<unknown> {
  const look = () => Object.values(MODULES).map((module) => module.look());
  const before = look();
  for (const module of Object.values(MODULES)) module.change(by);
  await sleep(10);
  return [before, look(), Math.random()];
}
