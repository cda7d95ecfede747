/** Maps of the protocol come in any order; what a workflow returns of them is sorted. */

export function sorted<T>(map: Record<string, T> | undefined): Record<string, T> {
  return Object.fromEntries(Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
}
