/** Defines a global. */
declare const globalThis: { burdockTestRegistry?: { entries: number[] } };
globalThis.burdockTestRegistry ??= { entries: [] };

export const look = () => globalThis.burdockTestRegistry!.entries.join();
export const change = (by: number) => void globalThis.burdockTestRegistry!.entries.push(by);
