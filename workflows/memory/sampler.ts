/** Reads a process's memory from outside, often enough to see its peak. */
import { readFileSync } from 'node:fs';
import { fetchStatus } from '../src/support/status';
import type { GroupReading, MemoryGroup } from './cgroup';

const READ_EVERY_MS = 100;
/** Each so many readings are kept as a sample, together with what the worker says of itself. */
const READINGS_PER_SAMPLE = 10;

export interface Sample {
  /** Since the sampler started. */
  atMs: number;
  rssBytes: number;
  anonBytes: number;
  groupUsageBytes: number;
  /** By the worker's own status; null when it did not answer in time. */
  cachedWorkflows: number | null;
  /** Processor time that the machine's host gave to others, since the machine's start, over all processors. */
  stolenMs: number;
}

export interface Peaks {
  /** By the kernel's own high-water mark, which misses nothing. */
  peakRssBytes: number;
  /** The most that was read, of RSS and of anonymous memory. */
  maxRssBytes: number;
  maxAnonBytes: number;
  maxCachedWorkflows: number;
  /** Of the group, page cache included. */
  groupMaxUsageBytes: number;
  oomKills: number;
  limitFailures: number;
  readings: number;
}

/** The sizes in a `/proc/PID/status`, in bytes. */
export function sizesOf(status: string): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const [, name, kib] of status.matchAll(/^(\w+):\s+(\d+) kB$/gm)) if (name) sizes.set(name, Number(kib) * 1024);
  return sizes;
}

/** Of the first line of `/proc/stat`, in hundredths of a second. */
function stolenMs(): number {
  const [, ...ticks] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').split(/\s+/);
  return 10 * Number(ticks[7] ?? 0);
}

export class Sampler {
  readonly samples: Sample[] = [];
  private readonly started = Date.now();
  private readonly timer: NodeJS.Timeout;
  private peaks: Peaks = {
    peakRssBytes: 0,
    maxRssBytes: 0,
    maxAnonBytes: 0,
    maxCachedWorkflows: 0,
    groupMaxUsageBytes: 0,
    oomKills: 0,
    limitFailures: 0,
    readings: 0,
  };
  private cached: number | null = null;

  constructor(
    private readonly pid: number,
    private readonly group: MemoryGroup,
    private readonly statusAddress: string
  ) {
    this.timer = setInterval(() => this.take(), READ_EVERY_MS);
  }

  /** Now, in the samples' time. */
  get atMs(): number {
    return Date.now() - this.started;
  }

  /** The last reading and the peaks; nothing is read any more. */
  stop(): Peaks {
    clearInterval(this.timer);
    this.noteGroup(this.group.read());
    return this.peaks;
  }

  private take(): void {
    let sizes: Map<string, number>;
    try {
      sizes = sizesOf(readFileSync(`/proc/${this.pid}/status`, 'utf8'));
    } catch {
      return;
    }
    const rssBytes = sizes.get('VmRSS');
    // A process that has ended and was not waited for yet has no memory any more.
    if (rssBytes === undefined) return;
    const anonBytes = sizes.get('RssAnon') ?? 0;
    const group = this.group.read();
    const { peaks } = this;
    peaks.peakRssBytes = Math.max(peaks.peakRssBytes, sizes.get('VmHWM') ?? 0);
    peaks.maxRssBytes = Math.max(peaks.maxRssBytes, rssBytes);
    peaks.maxAnonBytes = Math.max(peaks.maxAnonBytes, anonBytes);
    peaks.readings += 1;
    this.noteGroup(group);
    if (peaks.readings % READINGS_PER_SAMPLE !== 1) return;
    this.samples.push({
      atMs: this.atMs,
      rssBytes,
      anonBytes,
      groupUsageBytes: group.usageBytes,
      cachedWorkflows: this.cached,
      stolenMs: stolenMs(),
    });
    this.cached = null;
    void this.askWorker();
  }

  private noteGroup({ maxUsageBytes, oomKills, failures }: GroupReading): void {
    this.peaks.groupMaxUsageBytes = Math.max(this.peaks.groupMaxUsageBytes, maxUsageBytes);
    this.peaks.oomKills = oomKills;
    this.peaks.limitFailures = failures;
  }

  private async askWorker(): Promise<void> {
    const status = await fetchStatus(this.statusAddress).catch(() => undefined);
    if (status === undefined) return;
    this.cached = status.numCachedWorkflows;
    this.peaks.maxCachedWorkflows = Math.max(this.peaks.maxCachedWorkflows, status.numCachedWorkflows);
  }
}
