// What the enhanced stack trace query reads of a source map: `sourcesContent[sources.indexOf(file)]`. The texts stay in
// the bundle's file until they are asked for.
'use strict';
(function installSourceTexts({ native }) {
  let texts = new Map();

  function textOf(file) {
    if (!texts.has(file)) texts.set(file, native.sourceText(file));
    return texts.get(file);
  }

  const { freeze } = Object;
  // Every run gets it.
  const sourceMap = freeze({
    sources: freeze({ indexOf: freeze((file) => file) }),
    sourcesContent: new Proxy(freeze({}), { get: (_target, file) => textOf(file) }),
  });

  // The query has been answered; a text is read again for the next one.
  function drop() {
    if (texts.size > 0) texts = new Map();
  }

  return { sourceMap, drop };
});
