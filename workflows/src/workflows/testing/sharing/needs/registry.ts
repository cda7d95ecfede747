/** Keeps objects of different shapes that only a weak map leads to: the order of its table is random. */
const keys = Array.from({ length: 20 }, (_, index) => ({ index }));
const registry = new WeakMap<object, Record<string, number>>();
for (const key of keys) registry.set(key, { [`entry${key.index}`]: key.index });

export const look = () => keys.map((key) => JSON.stringify(registry.get(key)));
export const change = (by: number) => void (registry.get(keys[by % 20]!)!.changed = by);
