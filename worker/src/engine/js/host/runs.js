// The runs of this isolate and the steps of an activation (contract 1.5, 1.6). The engine calls one step at a time and
// drains microtasks after each, so that no run's microtask ever executes while another run owns the globals.
'use strict';
(function installRuns({ executor, imports, sources, commandSites, info, failure, sinks, settings, native }) {
  const runs = new Map();
  // Flag 2 of the SDK: jobs of one activation are one batch. Histories older than 1.11 with signals use two.
  const { freeze } = Object;
  const SINGLE_BATCH = freeze({
    id: 2,
    default: true,
    alternativeConditions: freeze([
      freeze(({ info }) => /^@temporalio\/worker@1\.11\.[01]\+/.test(info.currentBuildId)),
    ]),
  });

  const patchActivationCallback = settings.patchActivation
    ? ({ workflowId, runId, workflowType, namespace, taskQueue }, patchId) =>
        native.activatePatch(patchId, workflowId, runId, workflowType, namespace, taskQueue)
    : undefined;

  const failureErrorTypes = (workflowType) => {
    const { failureErrorTypes: everywhere, failureErrorTypesByWorkflowType: byType } = settings;
    return [...everywhere, ...(byType[workflowType] ?? [])];
  };

  const api = (run) => run.sandbox.global.__TEMPORAL__.api;

  function get(runId) {
    const run = runs.get(runId);
    if (run === undefined) throw new Error(`Run ${runId} is not cached`);
    executor.enter(run);
    return run;
  }

  function create(activation) {
    const { runId } = activation;
    const init = activation.jobs[0]?.initializeWorkflow;
    if (init == null) {
      throw new Error('Received workflow activation for an untracked workflow with no init workflow job');
    }
    const { workflowId, workflowType } = init;
    const run = { runId, workflowId, workflowType };
    Object.assign(run, { activator: undefined, sandbox: undefined, changes: undefined, prototypeChanges: undefined });
    Object.assign(run, { modules: undefined, moduleChanges: undefined, clock: undefined });
    const now = info.toMs(activation.timestamp);
    executor.open(run, now);
    try {
      api(run).initRuntime({
        info: info.initial(activation, init, settings),
        randomnessSeed: init.randomnessSeed.toBytes(),
        now,
        showStackTraceSources: settings.showStackTraceSources,
        failureExceptionTypeNames: failureErrorTypes(init.workflowType),
        sourceMap: sources.sourceMap,
        getTimeOfDay: freeze(native.getTimeOfDay),
        registeredActivityNames: new Set(settings.activityNames),
        stackTracesEnabled: settings.stackTraces,
        patchActivationCallback,
      });
    } catch (error) {
      // The run keeps the globals until it is forgotten: its microtasks may still be there.
      throw imports.explain(error, run.sandbox);
    }
    executor.opened(run);
    commandSites.watch(run);
    runs.set(runId, run);
  }

  const isQuery = (job) => job.queryWorkflow != null;

  // Prepares the run for an activation; true if it consists of queries.
  function begin(activation) {
    const run = get(activation.runId);
    const { activator } = run;
    executor.begin(run);
    commandSites.restart(run);
    if (activation.jobs.some(isQuery)) {
      if (!activation.jobs.every(isQuery))
        throw new TypeError('Got both queries and other jobs in a single activation');
      // Queries are live, read-only operations, no replay of history events.
      activator.mutateWorkflowInfo((old) => ({
        ...old,
        unsafe: { ...old.unsafe, isReplaying: true, isReplayingHistoryEvents: false },
      }));
      return true;
    }
    if (activation.timestamp == null) {
      throw new TypeError('Expected activation.timestamp to be set for non-query activation');
    }
    activator.now = info.toMs(activation.timestamp);
    const isReplaying = activation.isReplaying ?? false;
    activator.mutateWorkflowInfo((old) => ({
      ...old,
      ...info.progress(activation),
      unsafe: { ...old.unsafe, isReplaying, isReplayingHistoryEvents: isReplaying },
    }));
    activator.addKnownFlags(activation.availableInternalFlags ?? []);
    if (activation.lastSdkVersion) activator.sdkVersion = activation.lastSdkVersion;
    return false;
  }

  function initialize(activation) {
    const run = get(activation.runId);
    const job = activation.jobs.find((job) => job.initializeWorkflow != null);
    if (job !== undefined) api(run).initialize(job.initializeWorkflow);
  }

  // Defined, not assigned: the prototype with its defaults is frozen.
  function withJobs(activation, jobs) {
    const { getPrototypeOf, getOwnPropertyDescriptors, defineProperty } = Object;
    const copy = Object.create(getPrototypeOf(activation), getOwnPropertyDescriptors(activation));
    return defineProperty(copy, 'jobs', { value: jobs, writable: true, enumerable: true, configurable: true });
  }

  // Applies patches (and, in one batch, the last random seed) and returns the batches to activate.
  function batches(activation) {
    const { activator } = get(activation.runId);
    const isSignal = (job) => job.signalWorkflow != null;
    const single = !activation.jobs.some(isSignal) || activator.hasFlag(SINGLE_BATCH);
    const rest = [];
    for (const job of activation.jobs) {
      if (job.notifyHasPatch != null) activator.notifyHasPatch(job.notifyHasPatch);
      else rest.push(job);
    }
    if (!single) {
      const signals = rest.filter(isSignal);
      const others = rest.filter((job) => !isSignal(job));
      return [signals, others].filter((jobs) => jobs.length > 0).map((jobs) => withJobs(activation, jobs));
    }
    const seeds = rest.filter((job) => job.updateRandomSeed != null);
    if (seeds.length > 0) activator.updateRandomSeed(seeds[seeds.length - 1].updateRandomSeed);
    return [
      withJobs(
        activation,
        rest.filter((job) => job.updateRandomSeed == null)
      ),
    ];
  }

  function activate(activation, batchIndex) {
    api(get(activation.runId)).activate(activation, batchIndex);
  }

  function tryUnblockConditions(runId) {
    return api(get(runId)).tryUnblockConditions();
  }

  function concludeActivation(runId) {
    sources.drop();
    return api(get(runId)).concludeActivation();
  }

  // An unhandled rejection fails this activation and every later one of the run.
  function rejectRun(runId, reason) {
    const error = new failure.UnhandledRejectionError(reason);
    get(runId).activator.workflowTaskError = error;
    return error;
  }

  // The failed completion for an error; the run's own converter writes it if there is a run.
  function failedCompletion(runId, error) {
    if (!runs.has(runId)) return { runId, failed: { failure: failure.hostFailure(error) } };
    try {
      return { runId, failed: { failure: get(runId).activator.errorToFailure(error) } };
    } catch (conversionError) {
      return { runId, failed: { failure: failure.hostFailure(conversionError) } };
    }
  }

  // Where the commands of the run's last activation come from, as text, and the workflow's type.
  function commandLines(runId) {
    const run = runs.get(runId);
    return run === undefined ? [] : [run.activator?.info?.workflowType, ...commandSites.lines(run)];
  }

  function takeSinkCalls(runId) {
    if (!runs.has(runId)) return [];
    const run = get(runId);
    const commands = settings.commandSources ? commandSites.asSinkCalls(run) : [];
    // The activation is over: a cached run keeps no call sites.
    commandSites.restart(run);
    return commands.concat(run.activator.getAndResetSinkCalls().map(sinks.encode));
  }

  // Every run with what keeps it alive, for a measurement: [run id, record, activator, run id, ...].
  function runRoots() {
    executor.leave();
    const roots = [];
    for (const [runId, run] of runs) roots.push(runId, run, run.activator);
    return roots;
  }

  // The engine drains microtasks after this and then calls `forget`.
  function dispose(runId) {
    const run = get(runId);
    api(run).dispose();
    executor.disposed(run);
  }

  // For a heap snapshot: hangs all runs on the host's global object, under names that people find them by. Touches host
  // objects alone, so that no code of a run runs.
  function showRuns() {
    const named = Object.create(null);
    for (const run of runs.values()) named[`${run.workflowId} (${run.workflowType}, ${run.runId})`] = run;
    globalThis.burdockCachedWorkflows = named;
  }

  function hideRuns() {
    delete globalThis.burdockCachedWorkflows;
  }

  // Ends a run, whether it was disposed, stopped in the middle of its code or never came to life.
  function forget(runId) {
    runs.delete(runId);
    executor.close(runId);
  }

  return {
    create,
    begin,
    initialize,
    batches,
    activate,
    tryUnblockConditions,
    concludeActivation,
    rejectRun,
    failedCompletion,
    commandLines,
    takeSinkCalls,
    runRoots,
    dispose,
    forget,
    showRuns,
    hideRuns,
    destroy: executor.destroy,
  };
});
