/** Module state that `hostile-modules.ts` reaches from a microtask of its top level. */
const visitors: string[] = [];

export function visit(visitor: string): string[] {
  visitors.push(visitor);
  return visitors;
}
