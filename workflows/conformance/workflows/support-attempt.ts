/** What calls of globals come to, in a form that two workers can be compared by. */

/** The value, or the error as text. */
export function attempt(call: () => unknown): unknown {
  try {
    return call() ?? null;
  } catch (err) {
    const { name, code, message } = err as Error & { code?: string };
    return [name, code ?? null, message];
  }
}
