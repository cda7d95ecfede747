/** Waits that end: a hang is a finding and must not hang the proof. */

/**
 * `work`, or a rejection that names `what` once `timeoutMs` have passed or `gone` says that nobody is there to do it. What
 * the work does later is of no interest.
 */
export async function within<T>(what: string, timeoutMs: number, work: Promise<T>, gone: Promise<unknown>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took over ${timeoutMs} ms.`)), timeoutMs);
    void gone.then(() => reject(new Error(`${what} did not come: the worker is gone.`)));
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
