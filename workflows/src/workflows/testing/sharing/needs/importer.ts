import { look as random } from './random';

/** Imports a module that is evaluated per run. */
let count = 0;

export const look = () => [count, random()];
export const change = (by: number) => void (count += by);
