// Installs single files of `js/host/` beside a sandbox of their own, which is another realm as in the engine.
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

const FOLDER = new URL('../src/engine/js/host/', import.meta.url);

/** The installer that the file defines. */
export function hostScript(name) {
  return vm.runInThisContext(readFileSync(new URL(`${name}.js`, FOLDER), 'utf8'), { filename: `${name}.js` });
}

/** The global object of a fresh context, with what a host must put there. */
export function makeSandbox() {
  return vm.runInContext('globalThis', vm.createContext());
}
