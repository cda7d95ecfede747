/** Finds the first difference between what two workers made of the same case. */

export interface Difference {
  /** Where, such as `histories[0].events[4].attributes.timerId`. */
  path: string;
  node: unknown;
  burdock: unknown;
}

const ABSENT = '(absent)';

const present = (value: unknown): unknown => (value === undefined ? ABSENT : value);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The first place, in the order of keys, where the two JSON values differ. */
export function firstDifference(node: unknown, burdock: unknown, path = ''): Difference | undefined {
  if (Object.is(node, burdock)) return undefined;
  if (!isObject(node) || !isObject(burdock) || Array.isArray(node) !== Array.isArray(burdock)) {
    return { path, node: present(node), burdock: present(burdock) };
  }
  const keys = new Set([...Object.keys(node), ...Object.keys(burdock)]);
  for (const key of keys) {
    const inside = Array.isArray(node) ? `${path}[${key}]` : `${path}${path && '.'}${key}`;
    const found = firstDifference(node[key], burdock[key], inside);
    if (found) return found;
  }
  return undefined;
}

const MAX_CHARS = 600;

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}...` : text;
}

/** The difference in three lines. */
export function describeDifference({ path, node, burdock }: Difference): string {
  return `at ${path || 'the result'}\n    Node:    ${shown(node)}\n    Burdock: ${shown(burdock)}`;
}
