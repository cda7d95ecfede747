/** What the Node worker behind `CaseEnvironment.activityQueue` and `CaseEnvironment.nexusEndpoint` offers. */
export * as activities from './activities';
export { nexusServices } from './nexus';
