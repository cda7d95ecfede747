/** Makes something of the time at which it was evaluated. */
const even = Date.now() % 2 === 0;
const day = new Date().toISOString();

export const look = () => [even, day];
export const change = () => undefined;
