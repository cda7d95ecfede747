/** Finds the first difference between what two workers made of the same case. */

export interface Difference {
  /** Where, such as `histories[0].events[4].timerId`. */
  path: string;
  node: unknown;
  burdock: unknown;
}

const ABSENT = '(absent)';

const present = (value: unknown): unknown => (value === undefined ? ABSENT : value);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The value of JSON text that is an object or a list, such as a payload's data. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** Whether the two can be compared key by key; without a key in common they are shown as a whole. */
function areAlike(node: unknown, burdock: unknown): boolean {
  if (!isObject(node) || !isObject(burdock) || Array.isArray(node) !== Array.isArray(burdock)) return false;
  const [ofNode, ofBurdock] = [Object.keys(node), Object.keys(burdock)];
  const oneIsEmpty = ofNode.length === 0 || ofBurdock.length === 0;
  return Array.isArray(node) || oneIsEmpty || ofNode.some((key) => ofBurdock.includes(key));
}

/** The first place, in the order of keys, where the two JSON values differ. Text that holds JSON is looked into. */
export function firstDifference(node: unknown, burdock: unknown, path = ''): Difference | undefined {
  if (Object.is(node, burdock)) return undefined;
  const [nodeJson, burdockJson] = [parsed(node), parsed(burdock)];
  if (nodeJson !== undefined && burdockJson !== undefined) {
    // The same value in other bytes is a difference as well.
    return firstDifference(nodeJson, burdockJson, `${path}(json)`) ?? { path, node, burdock };
  }
  if (!isObject(node) || !isObject(burdock)) return { path, node: present(node), burdock: present(burdock) };
  if (!areAlike(node, burdock)) return { path, node, burdock };
  const keys = new Set([...Object.keys(node), ...Object.keys(burdock)]);
  for (const key of keys) {
    const inside = Array.isArray(node) ? `${path}[${key}]` : `${path}${path && '.'}${key}`;
    const found = firstDifference(node[key], burdock[key], inside);
    if (found) return found;
  }
  return undefined;
}

const MAX_CHARS = 600;
/** Characters shown before the first one that differs, where texts are too long to be shown whole. */
const LEAD_CHARS = 60;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** The part of `text` where it begins to differ from `other`. */
function excerpt(text: string, other: string): string {
  if (text.length <= MAX_CHARS) return text;
  let same = 0;
  while (same < text.length && text[same] === other[same]) same += 1;
  const start = Math.max(0, same - LEAD_CHARS);
  const end = start + MAX_CHARS;
  return `${start > 0 ? '...' : ''}${text.slice(start, end)}${end < text.length ? '...' : ''}`;
}

/** The difference in three lines. */
export function describeDifference({ path, node, burdock }: Difference): string {
  const [nodeText, burdockText] = [textOf(node), textOf(burdock)];
  const lines = [`Node:    ${excerpt(nodeText, burdockText)}`, `Burdock: ${excerpt(burdockText, nodeText)}`];
  return [`at ${path || 'the result'}`, ...lines].join('\n    ');
}
