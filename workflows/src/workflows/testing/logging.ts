import { log, proxySinks, sleep, type Sinks } from '@temporalio/workflow';

interface UnregisteredSinks extends Sinks {
  nowhere: { note(text: string): void };
}

/** Writes by `console`, by `log` and to a sink that no worker has, before and after a pause. */
export async function writesLines(marker: string): Promise<void> {
  console.log(`${marker} console before`);
  log.info(`${marker} log before`);
  await sleep(5);
  console.error(`${marker} console after`);
  log.warn(`${marker} log after`, { colour: 'green' });
  await sleep(5);
  proxySinks<UnregisteredSinks>().nowhere.note(`${marker} sink`);
}
