/** Keeps a context of its own, of the class that the sandbox has. */
interface Storage {
  getStore(): number | undefined;
  enterWith(store: number): void;
}
const { AsyncLocalStorage } = globalThis as unknown as { AsyncLocalStorage: new () => Storage };
const storage = new AsyncLocalStorage();

export const look = () => storage.getStore() ?? 'none';
export const change = (by: number) => storage.enterWith(by);
