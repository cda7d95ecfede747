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

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [];
