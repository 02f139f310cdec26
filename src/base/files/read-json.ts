/** Deeper than any honest document; what walks a value by recursion bears a multiple. */
const DEEPEST = 200;

/**
 * `JSON.parse` for a text that nobody vouches for. V8 itself parses any depth, but who compares,
 * checks or writes the value afterwards overflows the stack.
 *
 * @throws {SyntaxError} for what is no JSON, and for what nests too deeply
 */
export function parseJson(text: string): unknown {
  if (nestsDeep(text)) throw new SyntaxError(`nests more than ${DEEPEST} levels deep`);
  return JSON.parse(text);
}

/** By brackets outside strings alone. */
function nestsDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
      if (at < 0) return false;
    } else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      if (++depth > DEEPEST) return true;
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth--;
  }
  return false;
}

/** -1 for a string that does not end. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text.charCodeAt(before - 1) === BACKSLASH) before--;
  return (at - before) % 2 === 1;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
