/** Replaces what is different in every run by names that are the same. */

/** UUIDs, and the hashes of 40 digits that name groups of events. */
const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{40}\b/gi;

/** One case's names; ids are numbered by their first occurrence, so both runs must be read in the same order. */
export class Placeholders {
  private readonly known: readonly (readonly [string, string])[];
  private readonly numbers = new Map<string, number>();

  /** `known`: texts and what stands for them, such as a task queue's name and `<task queue>`. */
  constructor(known: Record<string, string>) {
    this.known = Object.entries(known).sort(([a], [b]) => b.length - a.length);
  }

  replace(text: string): string {
    const named = this.known.reduce((result, [from, to]) => result.replaceAll(from, to), text);
    return named.replace(ID, (id) => `<id ${this.numberOf(id.toLowerCase())}>`);
  }

  /** The same in bytes: as text if they are text, else as base64. */
  replaceBytes(bytes: Uint8Array): string {
    // Byte by byte, so that names are found in binary data as well.
    const replaced = Buffer.from(this.replace(Buffer.from(bytes).toString('latin1')), 'latin1');
    const text = replaced.toString('utf8');
    return Buffer.from(text, 'utf8').equals(replaced) ? text : `base64:${replaced.toString('base64')}`;
  }

  /** Replaces in every text of a JSON value, keys included; keys come out sorted. */
  replaceIn(value: unknown): unknown {
    if (typeof value === 'string') return this.replace(value);
    if (Array.isArray(value)) return value.map((item) => this.replaceIn(item));
    if (value === null || typeof value !== 'object') return value;
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, item]) => [this.replace(key), this.replaceIn(item)]));
  }

  private numberOf(id: string): number {
    const number = this.numbers.get(id) ?? this.numbers.size + 1;
    this.numbers.set(id, number);
    return number;
  }
}
