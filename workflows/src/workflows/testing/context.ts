import { AsyncLocalStorage, sleep, workflowInfo } from '@temporalio/workflow';
import { probes } from './probes';

const storage = new AsyncLocalStorage<string>();

/** Follows a stored value through awaits, timers, activities and nested scopes; returns the places where it was lost. */
export async function followsContext(rounds: number): Promise<string[]> {
  const lost: string[] = [];
  const expect = (place: string, wanted: string | undefined): void => {
    const found = storage.getStore();
    if (found !== wanted) lost.push(`${place}: wanted ${wanted}, found ${found}`);
  };

  async function branch(value: string): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      await Promise.resolve();
      expect('promise', value);
      await sleep(1);
      expect('timer', value);
      await probes.echo(value);
      expect('activity', value);
      await new Promise<void>((resolve) => setTimeout(resolve, 1)).then(() => expect('then', value));
      await storage.run(`${value}/inner`, async () => {
        await sleep(1);
        expect('inner', `${value}/inner`);
      });
      expect('after inner', value);
    }
  }

  await Promise.all(['a', 'b', 'c'].map((name) => storage.run(name, () => branch(name))));
  expect('outside', undefined);
  return lost;
}

/** What the run knows of where it runs. */
export async function describesItself(): Promise<{ namespace: string; taskQueue: string }> {
  const { namespace, taskQueue } = workflowInfo();
  return { namespace, taskQueue };
}
