/** What the bundle exports: one workflow type per function. */
export { callManager } from './call-manager';
export { conversation } from './conversation';
