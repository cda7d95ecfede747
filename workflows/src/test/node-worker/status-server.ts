import { createServer, get } from 'node:http';
import type { Worker } from '@temporalio/worker';
import type { WorkerStatus } from '../../support/status';

function statusOf(worker: Worker): WorkerStatus {
  const { runState, numCachedWorkflows, numInFlightWorkflowActivations } = worker.getStatus();
  const memory = process.memoryUsage();
  const isolate = {
    usedHeapBytes: memory.heapUsed,
    totalHeapBytes: memory.heapTotal,
    externalBytes: memory.external,
    arrayBuffersBytes: memory.arrayBuffers,
    cachedWorkflows: numCachedWorkflows,
  };
  return {
    runState,
    numCachedWorkflows,
    numInFlightWorkflowActivations,
    rssBytes: memory.rss,
    anonBytes: memory.rss,
    memoryLimitBytes: null,
    memoryLimitSource: null,
    isolates: [isolate],
    nativeBytes: Math.max(0, memory.rss - memory.heapTotal - memory.external),
  };
}

/** Serves `/status`, `/ready`, `/live` and `/metrics` of `worker` on `address` (`IP:PORT`). */
export function serveStatus(worker: Worker, address: string, metricsPort: number): void {
  const [host, port] = address.split(':');
  const server = createServer((request, response) => {
    if (request.url === '/status') {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(statusOf(worker)));
    } else if (request.url === '/ready') {
      response.writeHead(worker.getState() === 'RUNNING' ? 200 : 503).end();
    } else if (request.url === '/metrics') {
      get({ port: metricsPort, path: '/metrics' }, (metrics) => metrics.pipe(response)).on('error', () => {
        response.writeHead(502).end();
      });
    } else {
      response.writeHead(request.url === '/live' ? 200 : 404).end();
    }
  });
  server.listen(Number(port), host);
  server.unref();
}
