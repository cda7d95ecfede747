/** Takes a number from the run's random numbers: those that follow are others than without it. */
const salt = Math.random();

export const look = () => salt;
export const change = () => undefined;
