/** What the Node worker behind `CaseEnvironment.activityQueue` and `CaseEnvironment.nexusEndpoint` offers. */
import * as caseActivities from './activities';
import * as randomActivities from './random/activities';

export const activities = { ...caseActivities, ...randomActivities };
export { nexusServices } from './nexus';
