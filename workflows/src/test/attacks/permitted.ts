/** The attacks that the shared executor permits by design, with the reason for each. */
const KEPT_BY_A_MODULE =
  'the bundle was told to share this module, and JavaScript has no way to freeze what it keeps here';

export const permittedInShared: Readonly<Record<string, string>> = {
  'preloaded Map': KEPT_BY_A_MODULE,
  'preloaded Set': KEPT_BY_A_MODULE,
  'preloaded bytes': KEPT_BY_A_MODULE,
  'preloaded closure': KEPT_BY_A_MODULE,
  'preloaded closed pattern': KEPT_BY_A_MODULE,
};
