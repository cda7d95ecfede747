import type { ConformanceCase } from '../case';
import * as globals from '../workflows/globals';
import * as language from '../workflows/globals-language';
import { runsToEnd } from './support';

/** The workflow's name in the case's form: `globalUrl` is `global-url`. */
const nameOf = (workflow: () => Promise<unknown>): string =>
  workflow.name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const alone = (title: string, workflow: () => Promise<unknown>): ConformanceCase =>
  runsToEnd('Globals', { name: nameOf(workflow), title, workflow });

export const globalCases: ConformanceCase[] = [
  alone('`URL`', globals.globalUrl),
  alone('`URLSearchParams`', globals.globalUrlSearchParams),
  alone('`TextEncoder`, `TextDecoder`', globals.globalTextCoding),
  alone('What `TextEncoder` makes', globals.globalTextEncoderRealm),
  alone('`AbortController`', globals.globalAbort),
  alone('`AbortController` over timers', globals.globalAbortAcrossTimers),
  alone('`assert`', globals.globalAssert),
  alone('The modules `assert`, `url`, `util`', globals.globalModules),
  alone('What is absent', globals.globalAbsent),
  alone('How globals are defined', globals.globalDescriptors),
  alone('A global of the run', globals.globalOwn),
  alone('A global that the run replaces', globals.globalReplaced),
  alone('`WebAssembly`, synchronous', globals.globalWebAssembly),
  alone('`SharedArrayBuffer`, `Atomics`', globals.globalSharedMemory),
  alone('`eval`, `Function`', globals.globalEval),
  alone('`using`, `await using`', globals.globalDispose),
  alone('Order of microtasks', language.languageMicrotasks),
  alone('Promise combinators', language.languagePromises),
  alone('Generators', language.languageGenerators),
  alone('`Proxy`, `Reflect`', language.languageProxies),
  alone('`RegExp`, `lastIndex`', language.languageRegExps),
  alone('Sorting and order of keys', language.languageSorting),
  alone('Errors, `Error.captureStackTrace`', language.languageErrors),
  alone('Frames of stack traces', language.languageStackFrames),
  alone('Numbers', language.languageNumbers),
  alone('Typed arrays', language.languageBuffers),
  alone('Text', language.languageText),
  alone('`JSON`', language.languageJson),
  alone('`Intl`', language.languageIntl),
  alone('`WeakMap`, `WeakSet`', language.languageWeakCollections),
  alone('Classes', language.languageClasses),
];
