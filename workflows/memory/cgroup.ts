/** A memory control group (v1) for one process: a limit that really kills, and the counters that tell whether it did. */
import { randomUUID } from 'node:crypto';
import { accessSync, constants, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const REMOVAL_ATTEMPTS = 50;
const REMOVAL_PAUSE_MS = 100;

/** What the group's files say. */
export interface GroupReading {
  usageBytes: number;
  maxUsageBytes: number;
  /** How often the limit was met, page cache included. */
  failures: number;
  oomKills: number;
  /** Anonymous memory and page cache, of `memory.stat`. */
  anonBytes: number;
  cacheBytes: number;
}

/** Where the memory controller of version 1 is mounted, if it is. */
export function controllerMount(mountinfo: string): string | undefined {
  for (const line of mountinfo.split('\n')) {
    // `36 31 0:33 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory`: the fifth field, the type, the options.
    const [mount, filesystem] = line.split(' - ').map((half) => half.split(' '));
    const options = filesystem?.[2]?.split(',') ?? [];
    if (filesystem?.[0] === 'cgroup' && options.includes('memory')) return mount?.[4];
  }
  return undefined;
}

/** The numbers of a file with a name and a number in each line. */
export function numbersOf(text: string): Map<string, number> {
  const pairs = text.split('\n').map((line) => line.split(' '));
  return new Map(pairs.flatMap(([name, value]) => (name && value ? [[name, Number(value)] as const] : [])));
}

type Availability = { mount: string; reason?: undefined } | { mount?: undefined; reason: string };

/** Whether a group can be made here; otherwise the reason why not, as a sentence. */
export function available(): Availability {
  let mount: string | undefined;
  try {
    mount = controllerMount(readFileSync('/proc/self/mountinfo', 'utf8'));
  } catch {
    return { reason: 'There is no /proc/self/mountinfo, so this is not Linux.' };
  }
  if (mount === undefined) return { reason: 'The memory controller of cgroup version 1 is not mounted.' };
  try {
    accessSync(mount, constants.W_OK);
    const probe = path.join(mount, `burdock-probe-${randomUUID()}`);
    mkdirSync(probe);
    rmdirSync(probe);
  } catch (err) {
    return { reason: `No memory control group can be made in ${mount}: ${(err as Error).message}.` };
  }
  return { mount };
}

const groups = new Set<MemoryGroup>();
process.on('exit', () => {
  // Children were ended just now, and an exit cannot wait for events: their last pages take the kernel a moment.
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (const group of groups) {
    for (let attempt = 1; attempt <= REMOVAL_ATTEMPTS && !group.removeNow(); attempt += 1)
      Atomics.wait(pause, 0, 0, REMOVAL_PAUSE_MS);
  }
});

/** A group below the controller's root. It is removed by `close()`, and at the latest when this process exits. */
export class MemoryGroup {
  private constructor(
    readonly folder: string,
    readonly limitBytes: number
  ) {}

  /** Makes a group whose processes together may take `limitBytes`. */
  static create(limitBytes: number): MemoryGroup {
    const { mount, reason } = available();
    if (mount === undefined) throw new Error(reason);
    const folder = path.join(mount, `burdock-${process.pid}-${randomUUID().slice(0, 8)}`);
    mkdirSync(folder);
    const group = new MemoryGroup(folder, limitBytes);
    groups.add(group);
    group.write('memory.limit_in_bytes', String(limitBytes));
    return group;
  }

  /** The command that runs `program` in this group from its first page on, under the pid of the shell that it replaces. */
  command(program: string, args: readonly string[]): { program: string; args: string[] } {
    const join = 'echo $$ > "$0" && exec "$@"';
    return { program: '/bin/sh', args: ['-c', join, path.join(this.folder, 'cgroup.procs'), program, ...args] };
  }

  read(): GroupReading {
    const stat = numbersOf(this.text('memory.stat'));
    return {
      usageBytes: Number(this.text('memory.usage_in_bytes')),
      maxUsageBytes: Number(this.text('memory.max_usage_in_bytes')),
      failures: Number(this.text('memory.failcnt')),
      oomKills: numbersOf(this.text('memory.oom_control')).get('oom_kill') ?? Number.NaN,
      anonBytes: stat.get('rss') ?? Number.NaN,
      cacheBytes: stat.get('cache') ?? Number.NaN,
    };
  }

  /** The processes that are in it now. */
  processes(): number[] {
    return this.text('cgroup.procs').split('\n').filter(Boolean).map(Number);
  }

  /** Removes the group; its processes must have ended, and the kernel takes a moment to let them go. */
  async close(): Promise<void> {
    for (let attempt = 1; attempt <= REMOVAL_ATTEMPTS && !this.removeNow(); attempt += 1) await delay(REMOVAL_PAUSE_MS);
    if (groups.has(this))
      throw new Error(`Cannot remove ${this.folder}; processes in it: ${this.processes().join(', ') || 'none'}.`);
  }

  /** Whether the group is gone. */
  removeNow(): boolean {
    try {
      rmdirSync(this.folder);
    } catch (err) {
      if ((err as NodeJS.ErrnoException).code !== 'ENOENT') return false;
    }
    groups.delete(this);
    return true;
  }

  private text(file: string): string {
    return readFileSync(path.join(this.folder, file), 'utf8').trim();
  }

  private write(file: string, text: string): void {
    writeFileSync(path.join(this.folder, file), text);
  }
}

/** The groups of this program that are left, for tests that nothing is. */
export function leftovers(mount: string): string[] {
  return readdirSync(mount).filter((name) => name.startsWith(`burdock-${process.pid}-`));
}
