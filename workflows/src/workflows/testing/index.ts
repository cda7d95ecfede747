/** The demo's workflows and those that exist for the tests. */
export * from '../index';
export * from './activities';
export { attacker, inspector, victim } from './attacks';
export * from './attributes';
export * from './children';
export * from './context';
export * from './failures';
export * from './hostile';
export * from './isolation';
export * from './last-words';
export * from './logging';
export * from './messages';
export * from './nexus';
export * from './patches';
export * from './random';
export * from './sinks';
export * from './timers';
export * from './versioned';
