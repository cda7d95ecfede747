/** Keeps the time at which it was evaluated, and makes nothing else of it. */
const loadedAt = Date.now();
let last = loadedAt;

export const look = () => [loadedAt, last];
export const change = (by: number) => void (last += by);
