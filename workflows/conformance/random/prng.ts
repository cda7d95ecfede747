/** A small generator of pseudo-random numbers, so that a seed means the same program on every machine. */

/** A Weyl sequence through the finalizer of MurmurHash3; 32 bits of state. */
export class Prng {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** From 0 up to, but not including, 2^32. */
  private next(): number {
    this.state = (this.state + 0x9e3779b9) >>> 0;
    let bits = this.state;
    bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
    return (bits ^ (bits >>> 16)) >>> 0;
  }

  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number {
    return least + (this.next() % (most - least + 1));
  }

  /** True in one of `of` cases. */
  oneIn(of: number): boolean {
    return this.next() % of === 0;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.next() % items.length];
    if (item === undefined) throw new RangeError('There is nothing to pick from.');
    return item;
  }

  /** Picks by weight. */
  pickWeighted<T>(weights: readonly (readonly [T, number])[]): T {
    const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
    let rest = this.next() % total;
    for (const [item, weight] of weights) {
      if (rest < weight) return item;
      rest -= weight;
    }
    throw new RangeError('There is nothing to pick from.');
  }
}
