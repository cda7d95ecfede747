/** Every case, in the order of the table. */
import type { ConformanceCase } from '../case';
import { activityCases } from './activities';
import { activityCancellationCases } from './activity-cancellation';
import { childCancellationCases } from './child-cancellation';
import { childCases } from './children';
import { conditionCases } from './conditions';
import { externalCases } from './external';
import { failureCases } from './failures';
import { localActivityCases } from './local-activities';
import { sinkCases } from './sinks';
import { randomnessCases } from './randomness';
import { nexusCases } from './nexus';
import { eventGroupCases } from './event-groups';
import { versioningCases } from './versioning';
import { interceptorCases } from './interceptors';
import { asyncLocalStorageCases } from './async-local-storage';
import { scopeCases } from './scopes';
import { converterCases } from './converters';
import { protobufCases } from './protobuf';
import { globalCases } from './globals';
import { timerCases } from './timers';
import { signalCases } from './signals';
import { queryCases } from './queries';
import { updateCases } from './updates';
import { dynamicHandlerCases } from './dynamic-handlers';
import { continueAsNewCases } from './continue-as-new';
import { patchCases } from './patches';
import { workflowInfoCases } from './workflow-info';
import { attributeCases } from './attributes';
import { metadataCases, metadataQueryCases } from './metadata';
import { startOptionCases } from './start-options';
import { stackTraceCases } from './stack-traces';

export const allCases: readonly ConformanceCase[] = [
  ...timerCases,
  ...conditionCases,
  ...activityCases,
  ...activityCancellationCases,
  ...localActivityCases,
  ...childCases,
  ...childCancellationCases,
  ...externalCases,
  ...scopeCases,
  ...failureCases,
  ...sinkCases,
  ...randomnessCases,
  ...nexusCases,
  ...eventGroupCases,
  ...versioningCases,
  ...interceptorCases,
  ...asyncLocalStorageCases,
  ...signalCases,
  ...queryCases,
  ...updateCases,
  ...dynamicHandlerCases,
  ...continueAsNewCases,
  ...patchCases,
  ...workflowInfoCases,
  ...attributeCases,
  ...metadataCases,
  ...metadataQueryCases,
  ...startOptionCases,
  ...stackTraceCases,
  ...converterCases,
  ...protobufCases,
  ...globalCases,
];
