// The runs of this isolate and the steps of an activation (contract 1.5, 1.6). The engine calls one step at a time and
// drains microtasks after each, so that no run's microtask ever executes while another run owns the globals.
'use strict';
(function installRuns(parts) {
  const { sandbox, current, globals, modules, info, failure, sinks, settings, native, commandSources } = parts;
  const runs = new Map();
  const registeredActivityNames = new Set(settings.activityNames);
  // Flag 2 of the SDK: jobs of one activation are one batch. Histories older than 1.11 with signals use two.
  const SINGLE_BATCH = {
    id: 2,
    default: true,
    alternativeConditions: [({ info }) => /^@temporalio\/worker@1\.11\.[01]\+/.test(info.currentBuildId)],
  };
  let exportedWorkflows = [];

  const api = () => sandbox.__TEMPORAL__.api;

  function get(runId) {
    const run = runs.get(runId);
    if (run === undefined) throw new Error(`Run ${runId} is not cached`);
    globals.switchTo(run);
    current.activator = run.activator;
    return run;
  }

  // Notes the names of exported workflows while the bundle looks one up, for the message about a missing one.
  function watchWorkflowImports() {
    const bundle = sandbox.__TEMPORAL__;
    const { importWorkflows } = bundle;
    if (typeof importWorkflows !== 'function') return;
    try {
      bundle.importWorkflows = () => {
        const module = importWorkflows();
        exportedWorkflows = Object.keys(module).filter((name) => typeof module[name] === 'function');
        return module;
      };
    } catch {
      // The message does without the names.
    }
  }

  function explainMissingType(error) {
    if (!/no such function is exported/.test(error?.message ?? '')) return error;
    const names = exportedWorkflows.sort().join(', ') || 'none';
    return new TypeError(`${error.message}; exported workflows: ${names}`);
  }

  function create(activation) {
    const { runId } = activation;
    const init = activation.jobs[0]?.initializeWorkflow;
    if (init == null) {
      throw new Error('Received workflow activation for an untracked workflow with no init workflow job');
    }
    const run = { runId, changes: undefined, activator: undefined };
    globals.switchTo(run);
    current.activator = undefined;
    try {
      api().initRuntime({
        info: info.initial(activation, init, settings),
        randomnessSeed: init.randomnessSeed.toBytes(),
        now: info.toMs(activation.timestamp),
        showStackTraceSources: false,
        failureExceptionTypeNames: settings.failureExceptionTypeNames,
        sourceMap: undefined,
        getTimeOfDay: native.getTimeOfDay,
        registeredActivityNames,
        stackTracesEnabled: false,
      });
    } catch (error) {
      // The run keeps the globals until it is forgotten: its microtasks may still be there.
      throw explainMissingType(error);
    }
    run.activator = current.activator;
    commandSources?.watch(run.activator);
    runs.set(runId, run);
  }

  const isQuery = (job) => job.queryWorkflow != null;

  // Prepares the run for an activation; true if it consists of queries.
  function begin(activation) {
    const { activator } = get(activation.runId);
    if (activation.jobs.some(isQuery)) {
      if (!activation.jobs.every(isQuery)) throw new TypeError('Got both queries and other jobs in a single activation');
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
    get(activation.runId);
    const job = activation.jobs.find((job) => job.initializeWorkflow != null);
    if (job !== undefined) api().initialize(job.initializeWorkflow);
  }

  const withJobs = (activation, jobs) =>
    Object.assign(Object.create(Object.getPrototypeOf(activation)), activation, { jobs });

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
    return [withJobs(activation, rest.filter((job) => job.updateRandomSeed == null))];
  }

  function activate(activation, batchIndex) {
    get(activation.runId);
    api().activate(activation, batchIndex);
  }

  function tryUnblockConditions(runId) {
    get(runId);
    return api().tryUnblockConditions();
  }

  function concludeActivation(runId) {
    get(runId);
    return api().concludeActivation();
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

  function takeSinkCalls(runId) {
    if (!runs.has(runId)) return [];
    const { activator } = get(runId);
    const commands = commandSources?.take(activator) ?? [];
    return commands.concat(activator.getAndResetSinkCalls().map(sinks.encode));
  }

  // The engine drains microtasks after this and then calls `forget`.
  function dispose(runId) {
    get(runId);
    api().dispose();
  }

  // Ends a run, whether it was disposed, stopped in the middle of its code or never came to life.
  function forget(runId) {
    runs.delete(runId);
    globals.forget(runId);
    current.activator = undefined;
    modules.dropOrphans();
  }

  // The worker ends: the bundle's own destructors run.
  function destroy() {
    api().destroy?.();
  }

  return {
    watchWorkflowImports,
    create,
    begin,
    initialize,
    batches,
    activate,
    tryUnblockConditions,
    concludeActivation,
    rejectRun,
    failedCompletion,
    takeSinkCalls,
    dispose,
    forget,
    destroy,
  };
});
