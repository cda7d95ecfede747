// `globalThis.constructor.constructor('return globalThis.Buffer')()` is how the proto-JSON payload converter of SDKs before
// 1.24 reaches the `Buffer` of Node's outer realm at module level. It gets ours; any other source is compiled in the
// sandbox, as it would be without this.
'use strict';
(function installRealmEscape({ sandbox, Buffer }) {
  const { Object: SandboxObject, Function: SandboxFunction } = sandbox;

  function Function(...sources) {
    if (sources.length === 1 && sources[0] === 'return globalThis.Buffer') return () => Buffer;
    return SandboxFunction(...sources);
  }

  const constructor = function Object(...args) {
    return SandboxObject(...args);
  };
  const hidden = (value) => ({ value, writable: false, enumerable: false, configurable: false });
  Object.defineProperty(constructor, 'constructor', hidden(Function));
  Object.defineProperty(constructor, 'prototype', hidden(SandboxObject.prototype));
  Object.defineProperty(sandbox, 'constructor', hidden(constructor));
});
