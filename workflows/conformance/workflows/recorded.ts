/**
 * The plain bundle as far as every release from 1.12 can load it: without modules that call a function of a later
 * release when they are loaded. See `conformance/histories/README.md`.
 */
export * from './timers';
export * from './activities';
export * from './activity-cancellation';
export * from './conditions';
export * from './local-activities';
export * from './sinks';
export * from './randomness';
export * from './nexus';
export * from './async-local-storage';
export * from './signals';
export * from './queries';
export * from './updates';
export * from './continue-as-new';
export * from './patches';
export * from './workflow-info';
export * from './attributes';
export * from './metadata';
export * from './start-options';
export * from './children';
export * from './parents';
export * from './child-cancellation';
export * from './external';
export * from './scopes';
export * from './failures';
