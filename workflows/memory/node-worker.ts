/**
 * The official Node worker, with its defaults beside the options that are given as JSON:
 * `node-worker.js BUNDLE TASK_QUEUE ADDRESS STATUS_ADDRESS [OPTIONS]`.
 */
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { freePort } from '../src/support/ports';
import { serveStatus } from '../src/test/node-worker/status-server';
import type { NodeOptions } from './worker';

async function main([codePath, taskQueue, address, statusAddress, given = '{}']: string[]): Promise<void> {
  if (!codePath || !taskQueue || !address || !statusAddress) throw new Error('Four arguments are needed.');
  const options = JSON.parse(given) as NodeOptions;
  const metricsPort = await freePort();
  Runtime.install({
    logger: new DefaultLogger('WARN'),
    telemetryOptions: { metrics: { prometheus: { bindAddress: `127.0.0.1:${metricsPort}` } } },
  });
  const connection = await NativeConnection.connect({ address });
  const activities = { echo: async (input: unknown) => input };
  const worker = await Worker.create({ ...options, connection, taskQueue, workflowBundle: { codePath }, activities });
  const { maxCachedWorkflows, workflowThreadPoolSize, maxConcurrentWorkflowTaskExecutions } = worker.options;
  console.log(JSON.stringify({ maxCachedWorkflows, workflowThreadPoolSize, maxConcurrentWorkflowTaskExecutions }));
  const running = worker.run();
  serveStatus(worker, statusAddress, metricsPort);
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
