// Sink calls that a run buffered, as JSON for the worker: values that JSON lacks are written as text, never refused.
'use strict';
(function installSinks(native) {
  const TEXT_MAX = 100_000;
  const { forEach: mapForEach } = Map.prototype;
  const { forEach: setForEach } = Set.prototype;

  // By kind, not by class: the values belong to the workflow context.
  function copy(value) {
    const copied = [];
    switch (native.kind(value)) {
      case 'map':
        mapForEach.call(value, (item, key) => copied.push([String(key), item]));
        return Object.fromEntries(copied);
      case 'set':
        setForEach.call(value, (item) => copied.push(item));
        return copied;
      case 'error':
        return typeof value.stack === 'string' ? value.stack : String(value);
      default:
        return value;
    }
  }

  function plain(_key, value) {
    switch (typeof value) {
      case 'bigint':
        return value.toString();
      case 'function':
      case 'symbol':
        return String(value);
      case 'object':
        return value === null ? null : copy(value);
      default:
        return value;
    }
  }

  function toJson(value) {
    try {
      const text = JSON.stringify(value, plain) ?? 'null';
      return text.length <= TEXT_MAX ? text : JSON.stringify(`${text.slice(0, TEXT_MAX)}... (cut)`);
    } catch {
      return '"a value that cannot be written as JSON"';
    }
  }

  // The attributes of a log line one by one: one that cannot be written must not take the others with it.
  function argumentToJson(argument) {
    try {
      if (argument === null || typeof argument !== 'object' || native.kind(argument) !== 'object')
        return toJson(argument);
      const entries = Object.entries(argument).map(([key, value]) => `${JSON.stringify(key)}:${toJson(value)}`);
      return `{${entries.join(',')}}`;
    } catch {
      return '"a value that cannot be read"';
    }
  }

  // What the sink is told about the run, without the functions in it.
  function infoToJson(workflowInfo) {
    const { isReplaying, isReplayingHistoryEvents } = workflowInfo?.unsafe ?? {};
    return argumentToJson({ ...workflowInfo, unsafe: { isReplaying, isReplayingHistoryEvents } });
  }

  // The SDK's own sinks are many calls, and need no more of the run than their arguments say.
  const isOfSdk = (ifaceName) => ifaceName.startsWith('__temporal_') || ifaceName === 'defaultWorkerLogger';

  // One call as [interface, function, arguments as a JSON array, made while history is replayed, workflow info as
  // JSON or nothing].
  function encode({ ifaceName, fnName, args, workflowInfo }) {
    const name = String(ifaceName);
    const replaying = workflowInfo?.unsafe?.isReplayingHistoryEvents === true;
    const info = isOfSdk(name) ? undefined : infoToJson(workflowInfo);
    return [name, String(fnName), `[${[...args].map(argumentToJson).join(',')}]`, replaying, info];
  }

  return { encode };
});
