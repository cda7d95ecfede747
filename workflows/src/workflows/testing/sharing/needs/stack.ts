/** Reads the stack that it is evaluated on. */
const depth = new Error().stack?.split('\n').length;

export const look = () => depth;
export const change = () => undefined;
