/**
 * Differences between the workers that are meant to be there. An entry whose case no longer differs is an error, so
 * that the list stays short and true.
 */
export interface KnownDifference {
  /** The case's name. */
  readonly case: string;
  /** One sentence for the table. */
  readonly reason: string;
  /** The start of the path where the first difference is found, so that nothing else hides behind the entry. */
  readonly path: string;
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    case: 'language-math-last-place',
    reason:
      'The last place of `Math.log`, `Math.cos` and `Math.expm1` is left to V8, and changed between its releases.',
    path: 'ending.returned.value',
  },
  {
    case: 'global-url-drives',
    reason:
      'Windows drive letters with `|` in `file:` URLs stay as they are; the `url` crate reads them by the letter.',
    path: 'ending.returned.value',
  },
  ...['timer', 'nested', 'scope', 'all', 'child', 'handler'].map((name) => ({
    case: `stack-trace-${name}`,
    reason: 'V8 15 makes one more promise for an awaited one than the V8 of Node 20, and names some frames otherwise.',
    path: 'ending.returned.enhanced.stacks',
  })),
];
