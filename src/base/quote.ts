/** A text as the language writes it: quotes and backslashes are the only escapes. */
export const quote = (text: string): string =>
  `"${/["\\]/.test(text) ? text.replace(/["\\]/g, "\\$&") : text}"`;
