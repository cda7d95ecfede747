/** The worker of `release-worker.ts`: `worker-main.js BUNDLE TASK_QUEUE ADDRESS`. Says `polls`, runs until SIGTERM. */
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { probeActivities } from '../../src/test/node-worker/activities';

async function main([codePath = '', taskQueue = '', address = '']: string[]): Promise<void> {
  Runtime.install({ shutdownSignals: ['SIGTERM'] });
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: { codePath },
    activities: { ...probeActivities },
  });
  const running = worker.run();
  console.log('polls');
  await running;
  await connection.close();
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (err: unknown) => {
    console.error(err);
    process.exit(1);
  }
);
