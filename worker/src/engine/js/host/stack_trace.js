// Stack traces in the form of the Node worker: frames of the bundle are mapped to the source they come from.
'use strict';
(function installStackTrace(native) {

  function siteName(site) {
    const functionName = site.getFunctionName();
    const typeName = site.getTypeName();
    const methodName = site.getMethodName();
    if (typeName && methodName) return `${typeName}.${methodName}`;
    return site.isConstructor() && functionName ? `new ${functionName}` : functionName;
  }

  function frame(site) {
    const line = site.getLineNumber();
    const column = site.getColumnNumber();
    const position = line && column ? native.originalPosition(site.getFileName(), line, column) : undefined;
    if (position === undefined) return `    at ${site}`;
    const [source, sourceLine, sourceColumn, mappedName] = position;
    const name = mappedName || siteName(site);
    const place = `${source}:${sourceLine}:${sourceColumn}`;
    return name ? `    at ${name} (${place})` : `    at ${place}`;
  }

  function header(error) {
    try {
      return `${error}`;
    } catch {
      return 'Error';
    }
  }

  const formatStack = (error, sites) => [header(error), ...sites.map(frame)].join('\n');
  return { formatStack };
});
