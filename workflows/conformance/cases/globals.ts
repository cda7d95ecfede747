import type { ConformanceCase } from '../case';
import * as globals from '../workflows/globals';
import * as sandbox from '../workflows/globals-sandbox';
import * as language from '../workflows/globals-language';
import { aloneFor } from './support';

/** The workflow's name in the case's form: `globalUrl` is `global-url`. */
const nameOf = (workflow: () => Promise<unknown>): string =>
  workflow.name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const alone = (title: string, workflow: () => Promise<unknown>): ConformanceCase =>
  aloneFor('Globals')(nameOf(workflow), title, workflow);

export const globalCases: ConformanceCase[] = [
  alone('`URL`', globals.globalUrl),
  alone('`URL` with drive letters', globals.globalUrlDrives),
  alone('`URLSearchParams`', globals.globalUrlSearchParams),
  alone('`TextEncoder`, `TextDecoder`', globals.globalTextCoding),
  alone('What `TextEncoder` makes', globals.globalTextEncoderRealm),
  alone('`AbortController`', globals.globalAbort),
  alone('`AbortController` over timers', globals.globalAbortAcrossTimers),
  alone('`assert`', globals.globalAssert),
  alone('The modules `assert`, `url`, `util`', sandbox.globalModules),
  alone('What is absent', sandbox.globalAbsent),
  alone('How globals are defined', sandbox.globalDescriptors),
  alone('A global of the run', sandbox.globalOwn),
  alone('A global that the run replaces', sandbox.globalReplaced),
  alone('`WebAssembly`, synchronous', sandbox.globalWebAssembly),
  alone('`SharedArrayBuffer`, `Atomics`', sandbox.globalSharedMemory),
  alone('`eval`, `Function`', sandbox.globalEval),
  alone('`using`, `await using`', sandbox.globalDispose),
  alone('Order of microtasks', language.languageMicrotasks),
  alone('Promise combinators', language.languagePromises),
  alone('Generators', language.languageGenerators),
  alone('`Proxy`, `Reflect`', language.languageProxies),
  alone('`RegExp`, `lastIndex`', language.languageRegExps),
  alone('Sorting and order of keys', language.languageSorting),
  alone('Errors, `Error.captureStackTrace`', language.languageErrors),
  alone('Frames of stack traces', language.languageStackFrames),
  alone('Numbers', language.languageNumbers),
  alone('Functions of `Math`', language.languageMathFunctions),
  alone('The last place of functions of `Math`', language.languageMathLastPlace),
  alone('Typed arrays', language.languageBuffers),
  alone('Text', language.languageText),
  alone('`JSON`', language.languageJson),
  alone('`Intl`', language.languageIntl),
  alone('`WeakMap`, `WeakSet`', language.languageWeakCollections),
  alone('Classes', language.languageClasses),
];
