/** Ports of the loopback interface for programs that cannot pick one themselves, or whose address has to be known before. */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const FIRST_PORT = 10_000;
/** Where Linux begins to number the local ends of connections unless it is told otherwise. */
const USUAL_EPHEMERAL_START = 32_768;
/** Fewer ports than these are not enough to choose from. */
const PORTS_MIN = 1_000;
const ATTEMPTS_MAX = 200;

/** The end of the ports that the kernel gives to no connection, and to nothing that listens on port 0. */
function ephemeralStart(): number {
  try {
    const [start] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s/);
    return Number(start);
  } catch {
    return USUAL_EPHEMERAL_START;
  }
}

/**
 * Claims a port for the life of this process among all processes that ask here. The claim is the UDP port of the same
 * number, which no program of ours uses: TCP stays free for the program that the port is meant for, and the kernel
 * ends the claim with the process, however that ends.
 */
function claim(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => socket.close(() => resolve(false)));
    socket.bind({ address: '127.0.0.1', port, exclusive: true }, () => {
      socket.unref();
      resolve(true);
    });
  });
}

/** Whether a program could listen on the port. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

/** A TCP port on the loopback interface that is free, and that no other call gets, here or in another process. */
export async function freePort(): Promise<number> {
  const end = ephemeralStart();
  const count = end - FIRST_PORT >= PORTS_MIN ? end - FIRST_PORT : USUAL_EPHEMERAL_START - FIRST_PORT;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const port = FIRST_PORT + Math.floor(Math.random() * count);
    if ((await claim(port)) && (await isFree(port))) return port;
  }
  throw new Error(
    `None of ${ATTEMPTS_MAX} ports of 127.0.0.1 from ${FIRST_PORT} to ${FIRST_PORT + count - 1} was free; see what 'ss -ltnu' lists and end what holds them.`
  );
}
