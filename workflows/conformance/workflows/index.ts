/** Every workflow of the plain bundle; one module for each feature. */
export * from './timers';
