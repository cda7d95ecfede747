// Everything that the package offers, from one place, as such packages usually have it.
export { initials, titleCase } from './strings.js';
export { tokensOfChat } from './tokens.js';
