const BAR_CELLS = 30;

/** `started    [#####.....] 12/300`. Pure. */
export function barLine(label: string, done: number, total: number): string {
  const filled = total === 0 ? BAR_CELLS : Math.floor((done / total) * BAR_CELLS);
  return `${label.padEnd(10)} [${'#'.repeat(filled)}${'.'.repeat(BAR_CELLS - filled)}] ${done}/${total}`;
}

/** A progress bar on a terminal; elsewhere one plain line per tenth. */
export class Progress {
  private done = 0;
  private tenths = 0;

  constructor(
    private readonly label: string,
    private readonly total: number,
    private readonly out: NodeJS.WriteStream = process.stdout
  ) {
    if (out.isTTY) this.draw();
  }

  advance(): void {
    this.done += 1;
    if (this.out.isTTY) {
      this.draw();
      return;
    }
    const tenths = Math.floor((this.done / this.total) * 10);
    if (tenths > this.tenths) this.out.write(`${this.label} ${this.done}/${this.total}\n`);
    this.tenths = tenths;
  }

  private draw(): void {
    const end = this.done === this.total ? '\n' : '';
    this.out.write(`\r${barLine(this.label, this.done, this.total)}${end}`);
  }
}
