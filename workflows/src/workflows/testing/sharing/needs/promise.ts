/** Waits for a promise while it is evaluated. */
const settled: string[] = [];
void Promise.resolve('settled').then((value) => settled.push(value));

export const look = () => settled.join();
export const change = (by: number) => void settled.push(`${by}`);
