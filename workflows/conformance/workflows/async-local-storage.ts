/** `AsyncLocalStorage`: stores follow the code that was started with them. */
import {
  AsyncLocalStorage,
  CancellationScope,
  Trigger,
  condition,
  defineSignal,
  defineUpdate,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import type { ProbeActivities } from '../../src/workflows/activities';

export const noteStore = defineSignal<[number]>('noteStore');
export const updateStore = defineUpdate<unknown, [string]>('updateStore');

const storage = new AsyncLocalStorage<string>();
const other = new AsyncLocalStorage<{ value: number }>();

const store = (): string => storage.getStore() ?? 'none';

export async function storageRuns(): Promise<unknown> {
  const seen = [store()];
  const returned = storage.run(
    'outer',
    (suffix: string) => {
      seen.push(store());
      storage.run('inner', () => seen.push(store()));
      seen.push(store());
      return `returned ${suffix}`;
    },
    'with arguments'
  );
  seen.push(store());
  let thrown = '';
  try {
    storage.run('throwing', () => {
      throw new Error(store());
    });
  } catch (err) {
    thrown = (err as Error).message;
  }
  return { seen, returned, thrown, after: store() };
}

/** Over microtasks, timers and conditions. */
export async function storageFollowsAwaits(): Promise<string[]> {
  return storage.run('followed', async () => {
    const seen = [store()];
    await null;
    seen.push(store());
    await Promise.resolve().then(() => seen.push(store()));
    await sleep(5);
    seen.push(store());
    await condition(() => false, 5);
    seen.push(store());
    await new Promise<void>((resolve) => setTimeout(() => (seen.push(store()), resolve()), 5));
    await Promise.all([sleep(5).then(() => seen.push(store())), sleep(100).then(() => seen.push(store()))]);
    return seen;
  });
}

export async function storageFollowsActivities(activityQueue: string): Promise<string[]> {
  const remote = proxyActivities<ProbeActivities>({ taskQueue: activityQueue, startToCloseTimeout: '1 minute' });
  const local = proxyLocalActivities<ProbeActivities>({ startToCloseTimeout: '1 minute' });
  return storage.run('activities', async () => {
    const seen = [await remote.echo('remote'), store()];
    seen.push(await local.echo('local'), store());
    await remote.echo('then').then((word) => seen.push(word, store()));
    return seen;
  });
}

/** Branches that run in turns, each with its own store. */
export async function storageKeepsBranchesApart(): Promise<string[]> {
  const seen: string[] = [];
  const branch = (name: string, ms: number): Promise<void> =>
    storage.run(name, async () => {
      for (let turn = 0; turn < 3; turn++) {
        await sleep(ms + turn * 200);
        seen.push(`${name} ${store()}`);
      }
    });
  await Promise.all([branch('left', 5), branch('right', 100)]);
  return [...seen, store()];
}

export async function storageEnters(): Promise<unknown> {
  const before = store();
  storage.enterWith('entered');
  const entered = store();
  await sleep(5);
  const afterTimer = store();
  const inside = await storage.run('run', async () => {
    storage.enterWith('entered inside');
    await null;
    return store();
  });
  return { before, entered, afterTimer, inside, after: store() };
}

export async function storageExits(): Promise<unknown> {
  return storage.run('around', async () => {
    const exited = storage.exit((word: string) => `${word} ${store()}`, 'exited');
    const exitedLater = await storage.exit(async () => {
      await sleep(5);
      return store();
    });
    return { exited, exitedLater, after: store() };
  });
}

export async function storageSeveral(): Promise<unknown> {
  const third = new AsyncLocalStorage<string[]>();
  return storage.run('first', () =>
    other.run({ value: 2 }, async () => {
      const list: string[] = [];
      return third.run(list, async () => {
        await sleep(5);
        third.getStore()?.push(store(), String(other.getStore()?.value));
        await storage.run('changed', async () => {
          await sleep(5);
          third.getStore()?.push(store(), String(other.getStore()?.value));
        });
        return { list, same: third.getStore() === list, first: store() };
      });
    })
  );
}

/** A storage that is disabled forgets its store, until it is entered again. */
export async function storageDisables(): Promise<unknown> {
  const own = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  await own.run('before', async () => {
    seen.push(own.getStore());
    own.disable();
    seen.push(own.getStore() ?? 'none');
    await sleep(5);
    seen.push(own.getStore() ?? 'none');
    await own.run('again', async () => {
      await sleep(5);
      seen.push(own.getStore());
    });
  });
  return seen;
}

/** A handler's store is that of its own call, not that of the code which set it. */
export async function storageInSignals(): Promise<unknown> {
  const seen: unknown[] = [];
  await storage.run('main', async () => {
    setHandler(noteStore, async (number) => {
      const atStart = store();
      await storage.run(`signal ${number}`, async () => {
        await sleep(5);
        seen.push([number, atStart, store()]);
      });
    });
    await condition(() => seen.length === 2);
    seen.push(store());
  });
  return seen;
}

export async function storageInUpdates(): Promise<unknown> {
  const seen: unknown[] = [];
  const handler = async (word: string): Promise<unknown> => {
    const atStart = store();
    return storage.run(word, async () => {
      storage.enterWith(`${word}, entered`);
      await sleep(5);
      seen.push(store());
      return { atStart, atEnd: store() };
    });
  };
  const validator = (word: string): void => storage.run('validating', () => assertShort(word));
  await storage.run('main', async () => {
    setHandler(updateStore, handler, { validator });
    await condition(() => seen.length === 2);
  });
  return { seen, main: store() };
}

function assertShort(word: string): void {
  if (word.length > 3) throw new Error(`too long for ${store()}`);
}

export async function storageInScopes(): Promise<unknown> {
  const seen: string[] = [];
  await storage.run('outside', async () => {
    const scope = new CancellationScope();
    const waiting = scope.run(() =>
      storage.run('inside', async () => {
        try {
          await sleep('1 hour');
        } catch (err) {
          seen.push(`${store()} ${isCancellation(err)}`);
          await CancellationScope.nonCancellable(() => sleep(5));
          seen.push(store());
        }
      })
    );
    await sleep(5);
    storage.run('canceller', () => scope.cancel());
    await waiting;
    seen.push(store());
  });
  return seen;
}

/** A promise that another branch resolves keeps the store of who awaits it. */
export async function storageOverTriggers(): Promise<unknown> {
  const trigger = new Trigger<string>();
  const awaiting = storage.run('awaiting', async () => `${await trigger} ${store()}`);
  await storage.run('resolving', async () => {
    await sleep(5);
    trigger.resolve(store());
  });
  return awaiting;
}

/** Generators, thenables and rejections. */
export async function storageOddContinuations(): Promise<unknown> {
  async function* numbers(): AsyncGenerator<string> {
    yield store();
    await sleep(5);
    yield store();
  }
  return storage.run('odd', async () => {
    const seen: string[] = [];
    for await (const each of numbers()) seen.push(each);
    // The point of the case.
    await { then: (resolve: (value: unknown) => void) => (seen.push(store()), resolve(1)) };
    await Promise.reject(new Error('rejected')).catch(() => seen.push(store()));
    await Promise.allSettled([sleep(5)]).finally(() => seen.push(store()));
    const generator = storage.run('other', numbers);
    seen.push((await generator.next()).value as string);
    return seen;
  });
}

/** `bind` and `snapshot` keep a store for later. */
export async function storageSnapshots(): Promise<unknown> {
  type Statics = { bind<F>(fn: F): F; snapshot(): <T>(fn: () => T) => T };
  const { bind, snapshot } = AsyncLocalStorage as unknown as Statics;
  const [bound, restore] = storage.run('kept', () => [bind(() => store()), snapshot()] as const);
  return storage.run('later', async () => {
    await sleep(5);
    return [bound(), restore(() => store()), store()];
  });
}
