// Stack traces in the form of the Node worker: frames of the bundle are mapped to the source they come from.
'use strict';
(function installStackTrace(native) {
  const { captureStackTrace } = Error;
  // V8's own default, which errors keep. A dozen frames of the SDK and of interceptors may lie between a command and
  // workflow code, so call sites are looked for further down.
  const FRAMES = 10;
  Error.stackTraceLimit = 32;
  // While set, the stack of an error is its call sites and not their text.
  let keepSites = false;
  // Called when the text of a stack is made, while somebody wants to know.
  let noteRead;

  function siteName(site) {
    const functionName = site.getFunctionName();
    const typeName = site.getTypeName();
    const methodName = site.getMethodName();
    if (typeName && methodName) return `${typeName}.${methodName}`;
    return site.isConstructor() && functionName ? `new ${functionName}` : functionName;
  }

  // Where a call site is, as the SDK's `StackTraceFileLocation`; `mapped` if the source map knows it.
  function locate(site) {
    const line = site.getLineNumber() ?? undefined;
    const column = site.getColumnNumber() ?? undefined;
    const file = site.getFileName() ?? undefined;
    const position = line && column ? native.originalPosition(file, line, column) : undefined;
    if (position === undefined) {
      const location = {
        file_path: file,
        function_name: siteName(site) ?? undefined,
        line,
        column,
        internal_code: false,
      };
      return { location, mapped: false };
    }
    const [file_path, sourceLine, sourceColumn, mappedName] = position;
    const function_name = mappedName || siteName(site) || undefined;
    return {
      location: { file_path, function_name, line: sourceLine, column: sourceColumn, internal_code: false },
      mapped: true,
    };
  }

  function frame(site) {
    const { location, mapped } = locate(site);
    if (!mapped) return `    at ${site}`;
    const place = `${location.file_path}:${location.line}:${location.column}`;
    return location.function_name ? `    at ${location.function_name} (${place})` : `    at ${place}`;
  }

  function header(error) {
    try {
      return `${error}`;
    } catch {
      return 'Error';
    }
  }

  function formatStack(error, sites) {
    if (keepSites) return sites;
    noteRead?.();
    const shown = error instanceof Error ? sites.slice(0, FRAMES) : sites;
    return [header(error), ...shown.map(frame)].join('\n');
  }

  // The call sites above the caller `below`.
  function sitesAbove(below) {
    const holder = {};
    keepSites = true;
    try {
      captureStackTrace(holder, below);
      return holder.stack;
    } finally {
      keepSites = false;
    }
  }

  const watchReads = (note) => {
    noteRead = note;
  };

  return { formatStack, watchReads, frame, locate, sitesAbove, FRAMES };
});
