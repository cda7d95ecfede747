// Failures of a workflow task that the bundle's own failure converter cannot write, because no run exists to ask.
'use strict';
(function installFailure() {
  const SOURCE = 'TypeScriptSDK';
  const CAUSES_MAX = 20;

  // Reading a thrown value must never throw itself: it may be a proxy, or its properties getters.
  function read(value, key) {
    try {
      const found = value?.[key];
      return typeof found === 'string' ? found : undefined;
    } catch {
      return undefined;
    }
  }

  function describe(value) {
    try {
      return String(value);
    } catch {
      return 'a value that cannot be described';
    }
  }

  function causeOf(value) {
    try {
      return value?.cause;
    } catch {
      return undefined;
    }
  }

  // Frames below the bundle's own entry and of the host say nothing about workflow code.
  function cutoff(stack) {
    const lines = stack.split('\n').filter((line) => /^\s+at /.test(line));
    const end = lines.findIndex((line) => /^\s+at Activator\.\S+NextHandler \(|\(burdock:/.test(line));
    return (end < 0 ? lines : lines.slice(0, end)).join('\n');
  }

  function hostFailure(error, depth = 0) {
    const cause = causeOf(error);
    return {
      message: read(error, 'message') ?? describe(error),
      source: SOURCE,
      stackTrace: cutoff(read(error, 'stack') ?? ''),
      applicationFailureInfo: { type: read(error, 'name') ?? 'Error', nonRetryable: false },
      cause: cause != null && depth < CAUSES_MAX ? hostFailure(cause, depth + 1) : undefined,
    };
  }

  class UnhandledRejectionError extends Error {
    // Defined, not assigned: the prototype that they would inherit from is frozen.
    name = 'UnhandledRejectionError';

    constructor(cause) {
      super(`Unhandled Promise rejection: ${describe(cause)}`, { cause });
    }
  }

  return { hostFailure, UnhandledRejectionError };
});
