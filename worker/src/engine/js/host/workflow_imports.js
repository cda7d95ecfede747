// Which workflows a bundle exports, noted while it looks one up, for the message about one that is missing.
'use strict';
(function installWorkflowImports() {
  // `sandbox.exportedWorkflows` is written by the look-up. Must come before the bundle's library is frozen.
  function watch(sandbox) {
    const library = sandbox.global.__TEMPORAL__;
    const { importWorkflows } = library;
    if (typeof importWorkflows !== 'function') return;
    try {
      library.importWorkflows = () => {
        const module = importWorkflows();
        sandbox.exportedWorkflows = Object.keys(module).filter((name) => typeof module[name] === 'function');
        return module;
      };
    } catch {
      // The message does without the names.
    }
  }

  function explain(error, { exportedWorkflows = [] }) {
    if (!/no such function is exported/.test(error?.message ?? '')) return error;
    const names = [...exportedWorkflows].sort().join(', ') || 'none';
    return new TypeError(`${error.message}; exported workflows: ${names}`);
  }

  return { watch, explain };
});
