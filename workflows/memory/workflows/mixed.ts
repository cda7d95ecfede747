/** Healthy workflows beside all that misbehave, in one bundle. */
export { tiny } from './w1';
export { typical } from './w2';
export { outgrowsBudget } from './growth';
export { leapsIntoMemory } from './leaps';
export { neverYields } from './loops';
