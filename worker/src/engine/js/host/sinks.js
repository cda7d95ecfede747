// Sink calls that a run buffered, as JSON for the worker: values that JSON lacks are written as text, never refused.
'use strict';
(function installSinks() {
  const TEXT_MAX = 100_000;

  function plain(_key, value) {
    switch (typeof value) {
      case 'bigint':
        return value.toString();
      case 'function':
      case 'symbol':
        return String(value);
      case 'object':
        if (value instanceof Map) return Object.fromEntries(value);
        if (value instanceof Set) return [...value];
        if (value !== null && typeof value.stack === 'string' && typeof value.message === 'string') return value.stack;
        return value;
      default:
        return value;
    }
  }

  function toJson(value) {
    try {
      const text = JSON.stringify(value, plain) ?? 'null';
      return text.length <= TEXT_MAX ? text : JSON.stringify(`${text.slice(0, TEXT_MAX)}... (cut)`);
    } catch (error) {
      return JSON.stringify(`a value that cannot be written as JSON: ${error?.message}`);
    }
  }

  // One call as [interface, function, arguments as JSON, made while history is replayed].
  const encode = ({ ifaceName, fnName, args, workflowInfo }) => [
    String(ifaceName),
    String(fnName),
    toJson([...args]),
    workflowInfo?.unsafe?.isReplayingHistoryEvents === true,
  ];

  return { encode };
});
