/** Programs and connections that the demo and the tests share. */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { until } from './poll';

/** The `burdock` binary: `BURDOCK_BIN`, or the build of this work tree for work and tests. */
export function burdockProgram(): string {
  return process.env['BURDOCK_BIN'] ?? path.resolve(__dirname, '../../../../target/debug/burdock');
}

/** Says what to do when the `burdock` binary is not there. */
export function requireBurdock(): void {
  try {
    accessSync(burdockProgram(), constants.X_OK);
  } catch {
    throw new Error(`No program ${burdockProgram()}; build it with \`make build\`, or name it by BURDOCK_BIN.`);
  }
}

/** The Temporal CLI: `BURDOCK_TEMPORAL_CLI`, or `temporal` on the path. */
export function temporalProgram(): string {
  return process.env['BURDOCK_TEMPORAL_CLI'] ?? 'temporal';
}

/** A client of the server at `address`, connected once the server answers. */
export async function connect(address: string, namespace = 'default', timeoutMs = 60_000): Promise<Client> {
  const connection = await until(`the Temporal server at ${address}`, timeoutMs, () =>
    Connection.connect({ address, connectTimeout: 2_000 })
  );
  await until(`the namespace '${namespace}'`, timeoutMs, () =>
    connection.workflowService.describeNamespace({ namespace })
  );
  return new Client({ connection, namespace });
}
