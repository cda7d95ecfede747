// `workflowInfo()` as the host knows it from the first activation; memo, search attributes and last results are decoded
// in the sandbox later. The fields are those of the Node worker (contract 1.3).
'use strict';
(function installWorkflowInfo({ Long }) {
  const UNSET = Long.fromBits(0, 0, true);
  const SUGGEST_CONTINUE_AS_NEW = [undefined, 'HISTORY_SIZE_TOO_LARGE', 'TOO_MANY_HISTORY_EVENTS', 'TOO_MANY_UPDATES'];

  const toMs = ({ seconds, nanos }) => (seconds || UNSET).toNumber() * 1000 + Math.floor((nanos || 0) / 1e6);
  const optionalMs = (duration) => (duration == null ? undefined : toMs(duration));
  const optionalDate = (timestamp) => (timestamp == null ? undefined : new Date(toMs(timestamp)));

  function requiredMs(duration, name) {
    if (duration == null) throw new TypeError(`Expected ${name} to be a timestamp, got ${duration}`);
    return toMs(duration);
  }

  function suggestedReasons(reasons) {
    const known = (reasons ?? []).map((reason) => SUGGEST_CONTINUE_AS_NEW[reason]).filter((name) => name !== undefined);
    return known.length === 0 ? undefined : known;
  }

  function deploymentVersion(version) {
    if (!version?.buildId) return undefined;
    return { buildId: version.buildId, deploymentName: version.deploymentName ?? '' };
  }

  function retryPolicy(policy) {
    if (policy == null) return undefined;
    return {
      backoffCoefficient: policy.backoffCoefficient ?? undefined,
      maximumAttempts: policy.maximumAttempts ?? undefined,
      maximumInterval: optionalMs(policy.maximumInterval),
      initialInterval: optionalMs(policy.initialInterval),
      nonRetryableErrorTypes: policy.nonRetryableErrorTypes ?? undefined,
    };
  }

  function parent(info) {
    if (!info?.workflowId || !info.runId || !info.namespace) return undefined;
    return { workflowId: info.workflowId, runId: info.runId, namespace: info.namespace };
  }

  function root(info) {
    if (!info?.workflowId || !info.runId) return undefined;
    return { workflowId: info.workflowId, runId: info.runId };
  }

  // What every activation brings anew.
  function progress(activation) {
    return {
      historyLength: activation.historyLength,
      // Zero: the server is older than 1.20 and does not tell.
      historySize: activation.historySizeBytes?.toNumber() ?? 0,
      continueAsNewSuggested: activation.continueAsNewSuggested ?? false,
      targetWorkerDeploymentVersionChanged: activation.targetWorkerDeploymentVersionChanged ?? false,
      suggestedContinueAsNewReasons: suggestedReasons(activation.suggestContinueAsNewReasons),
      currentBuildId: activation.deploymentVersionForCurrentTask?.buildId ?? '',
      currentDeploymentVersion: deploymentVersion(activation.deploymentVersionForCurrentTask),
    };
  }

  function initial(activation, init, settings) {
    return {
      workflowId: init.workflowId,
      runId: activation.runId,
      workflowType: init.workflowType,
      searchAttributes: {},
      typedSearchAttributes: {},
      parent: parent(init.parentWorkflowInfo),
      root: root(init.rootWorkflow),
      taskQueue: settings.taskQueue,
      namespace: settings.namespace,
      firstExecutionRunId: init.firstExecutionRunId,
      originalExecutionRunId: init.originalExecutionRunId || activation.runId,
      continuedFromExecutionRunId: init.continuedFromExecutionRunId || undefined,
      startTime: new Date(requiredMs(init.startTime, 'startTime')),
      runStartTime: new Date(requiredMs(activation.timestamp, 'timestamp')),
      executionTimeoutMs: optionalMs(init.workflowExecutionTimeout),
      executionExpirationTime: optionalDate(init.workflowExecutionExpirationTime),
      runTimeoutMs: optionalMs(init.workflowRunTimeout),
      taskTimeoutMs: requiredMs(init.workflowTaskTimeout, 'workflowTaskTimeout'),
      retryPolicy: retryPolicy(init.retryPolicy),
      attempt: init.attempt,
      cronSchedule: init.cronSchedule || undefined,
      // Zero is the default and no valid value: crons are at least a minute apart.
      cronScheduleToScheduleInterval: optionalMs(init.cronScheduleToScheduleInterval) || undefined,
      ...progress(activation),
      // The bundle puts the real clock and random source here.
      unsafe: {
        isReplaying: activation.isReplaying,
        isReplayingHistoryEvents: activation.isReplaying,
        now: Date.now,
        random: Math.random,
      },
      priority: {
        priorityKey: init.priority?.priorityKey ?? undefined,
        fairnessKey: init.priority?.fairnessKey ?? undefined,
        fairnessWeight: init.priority?.fairnessWeight ?? undefined,
      },
    };
  }

  return { initial, progress, toMs };
});
