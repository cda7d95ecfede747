/** Needs nothing. */
let count = 0;

export const look = () => count;
export const change = (by: number) => void (count += by);
