/** The first letters of a name's words. */
export function initials(name) {
  return name
    .split(' ')
    .map((word) => word.slice(0, 1).toUpperCase())
    .join('');
}

/** Each word with a capital. */
export function titleCase(text) {
  return text.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
}
