/** What all parts of the proof run in: a server outside of the group, a client, and facts about the machine. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import type { Client } from '@temporalio/client';
import { connect, burdockProgram } from '../src/support/temporal';
import { spawnServer } from '../src/test/harness';

export interface Surroundings {
  address: string;
  client: Client;
  close(): Promise<void>;
}

/** Connects to the server at `address`, or starts one. */
export async function surroundings(address = process.env['BURDOCK_TEST_ADDRESS']): Promise<Surroundings> {
  const server = address ? undefined : await spawnServer();
  const at = address || server?.address || '';
  const client = await connect(at);
  return {
    address: at,
    client,
    async close() {
      await client.connection.close();
      await server?.child.stop('SIGTERM').catch(() => undefined);
    },
  };
}

/** What the figures depend on. */
export interface Machine {
  date: string;
  cpus: number;
  cpuModel: string;
  memoryBytes: number;
  kernel: string;
  /** The load average of the minute before the run. */
  load: number;
  node: string;
  sdk: string;
  /** The start of the SHA-256 of the worker's binary. */
  burdock: string;
}

/** The facts as they are now: to be asked before a run, not after it. */
export async function machine(): Promise<Machine> {
  const binary = await readFile(burdockProgram()).catch(() => undefined);
  const sdk = JSON.parse(await readFile(require.resolve('@temporalio/worker/package.json'), 'utf8')) as {
    version: string;
  };
  return {
    date: new Date().toISOString().slice(0, 10),
    cpus: os.cpus().length,
    cpuModel: os.cpus()[0]?.model ?? 'unknown',
    memoryBytes: os.totalmem(),
    kernel: os.release(),
    load: Math.round((os.loadavg()[0] ?? 0) * 10) / 10,
    node: process.version,
    sdk: sdk.version,
    burdock: binary === undefined ? 'none' : createHash('sha256').update(binary).digest('hex').slice(0, 16),
  };
}
