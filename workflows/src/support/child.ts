import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Characters of output kept per stream; the oldest go first. */
const MAX_OUTPUT_CHARS = 4_000_000;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  // Each child leads a process group of its own, which holds what it started in turn.
  for (const { pid } of running) if (pid !== undefined) process.kill(-pid, 'SIGKILL');
});

/** Makes the usual signals end this process by `exit`, so that its children end too. */
export function endChildrenOnSignals(): void {
  const codes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
  for (const [signal, code] of Object.entries(codes)) process.once(signal, () => process.exit(code));
}

/** A process that this one started, with its output captured, ended by its own pid. */
export class ManagedChild {
  readonly exited: Promise<Exit>;
  private readonly process: ChildProcess;
  private readonly lines: string[] = [];
  private readonly listeners = new Set<() => void>();
  private stderrText = '';
  private over = false;

  constructor(
    readonly name: string,
    program: string,
    args: string[],
    options: { env?: NodeJS.ProcessEnv; echoStderr?: boolean } = {}
  ) {
    this.process = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: a terminal's Ctrl-C reaches this process alone, which then ends its children in order.
      detached: true,
      env: { ...process.env, ...options.env },
    });
    running.add(this.process);
    this.exited = new Promise((resolve, reject) => {
      this.process.once('error', (cause) => {
        running.delete(this.process);
        reject(new Error(`Cannot start ${name} (${program}): ${cause.message}`, { cause }));
      });
      // `close` rather than `exit`: by then the whole output has been read.
      this.process.once('close', (code, signal) => {
        running.delete(this.process);
        this.over = true;
        resolve({ code, signal });
        this.notify();
      });
    });
    // Whoever waits for the exit gets the error; nobody waiting is no reason to crash.
    this.exited.catch(() => undefined);
    createInterface({ input: this.process.stdout ?? new PassThrough() }).on('line', (line) => {
      this.lines.push(line);
      this.notify();
    });
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (options.echoStderr) process.stderr.write(text);
      this.stderrText = (this.stderrText + text).slice(-MAX_OUTPUT_CHARS);
      this.notify();
    });
  }

  get pid(): number {
    if (this.process.pid === undefined) throw new Error(`${this.name} was not started.`);
    return this.process.pid;
  }

  get isRunning(): boolean {
    return !this.over;
  }

  /** The lines of standard output. */
  get stdoutLines(): string[] {
    return [...this.lines];
  }

  get stderr(): string {
    return this.stderrText;
  }

  /** Standard output and standard error, one after the other. */
  get output(): string {
    return [...this.lines, this.stderrText].join('\n');
  }

  /** The first line of standard output, as soon as it is there. */
  firstLine(timeoutMs: number): Promise<string> {
    return this.when('its first line', timeoutMs, () => this.lines[0]);
  }

  /** Resolves once `pattern` is found in the output. */
  async sees(pattern: RegExp, timeoutMs: number): Promise<string> {
    return this.when(`output like ${pattern}`, timeoutMs, () => pattern.exec(this.output)?.[0]);
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** Sends `signal` and waits for the end; ends it by force, and rejects, after `timeoutMs`. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', timeoutMs = 30_000): Promise<Exit> {
    if (this.over) return this.exited;
    this.signal(signal);
    return this.wait(timeoutMs);
  }

  /** Waits for the end; ends the process by force, and rejects, after `timeoutMs`. */
  async wait(timeoutMs: number): Promise<Exit> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.process.kill('SIGKILL');
        reject(new Error(`${this.name} did not end within ${timeoutMs} ms.\n${this.tail()}`));
      }, timeoutMs);
    });
    try {
      return await Promise.race([this.exited, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The last lines of output, for messages. */
  tail(): string {
    return this.output.split('\n').slice(-40).join('\n');
  }

  private async when<T>(what: string, timeoutMs: number, look: () => T | undefined): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    let check: () => void = () => undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        const fail = (why: string): void => reject(new Error(`${this.name} ${why} ${what}.\n${this.tail()}`));
        check = () => {
          const found = look();
          if (found !== undefined) resolve(found);
          else if (this.over) fail('ended without');
        };
        this.exited.catch(reject);
        timer = setTimeout(() => fail(`took over ${timeoutMs} ms for`), timeoutMs);
        this.listeners.add(check);
        check();
      });
    } finally {
      clearTimeout(timer);
      this.listeners.delete(check);
    }
  }

  private notify(): void {
    for (const listener of [...this.listeners]) listener();
  }
}
