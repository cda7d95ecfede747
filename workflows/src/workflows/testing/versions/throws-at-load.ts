/** A module that cannot be loaded. */
export async function neverLoaded(): Promise<void> {
  return undefined;
}

throw new Error('this module throws while it loads');
