/** A piece of Python source; `start` and `end` are offsets, line ends and indentation are not tokens. */
export interface PythonToken {
  readonly kind: "name" | "operator" | "string" | "comment" | "newline" | "other";
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Open brackets around the token; an opening bracket and its closing one share the outer depth. */
  readonly depth: number;
}

/** Where the source stops being readable: a string or bracket without its end. */
export class PythonSyntaxError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
const STRING_START = /(?:[rbuf]|rb|br|fr|rf)?("""|'''|"|')/iy;
const CLOSES: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/**
 * Splits Python source far enough to edit calls safely: strings (with nested f-string expressions,
 * PEP 701), comments, brackets, names. Numbers and the rest come out as `other` and single-character
 * operators.
 *
 * @throws {PythonSyntaxError} on an unterminated string or unbalanced bracket.
 */
export function pythonTokens(source: string): PythonToken[] {
  const tokens: PythonToken[] = [];
  const open: { closer: string; start: number }[] = [];
  let at = source.startsWith("\uFEFF") ? 1 : 0;
  while (at < source.length) {
    const character = source[at]!;
    if (character === " " || character === "\t" || character === "\f" || character === "\r") {
      at++;
      continue;
    }
    const [kind, end] = measure(source, at);
    if (kind === "operator" && open.at(-1)?.closer === character) open.pop();
    else if (kind === "operator" && ")]}".includes(character))
      throw new PythonSyntaxError(`'${character}' closes nothing`, at);
    tokens.push({ kind, text: source.slice(at, end), start: at, end, depth: open.length });
    const closer = kind === "operator" ? CLOSES[character] : undefined;
    if (closer !== undefined) open.push({ closer, start: at });
    at = end;
  }
  const left = open.at(-1);
  if (left !== undefined)
    throw new PythonSyntaxError(`'${source[left.start]}' is never closed`, left.start);
  return tokens;
}

function measure(source: string, at: number): [PythonToken["kind"], number] {
  const character = source[at]!;
  if (character === "\n") return ["newline", at + 1];
  if (character === "#") return ["comment", endOfLine(source, at)];
  if (character === "\\") return ["other", at + (source[at + 1] === "\r" ? 3 : 2)];
  const stringEnd = endOfString(source, at);
  if (stringEnd !== null) return ["string", stringEnd];
  NAME.lastIndex = at;
  const name = NAME.exec(source);
  if (name !== null) return ["name", at + name[0].length];
  if (/[0-9]/.test(character)) return ["other", at + 1];
  return ["operator", at + 1];
}

function endOfLine(source: string, at: number): number {
  const newline = source.indexOf("\n", at);
  const end = newline < 0 ? source.length : newline;
  return source[end - 1] === "\r" ? end - 1 : end;
}

/** End of the string literal that starts at `at`; null when none starts there. */
function endOfString(source: string, at: number): number | null {
  STRING_START.lastIndex = at;
  const start = STRING_START.exec(source);
  if (start === null) return null;
  const quote = start[1]!;
  const formatted = /f/i.test(start[0].slice(0, -quote.length));
  return endOfText(source, at, at + start[0].length, quote, formatted);
}

function endOfText(
  source: string,
  opened: number,
  from: number,
  quote: string,
  formatted: boolean,
): number {
  let at = from;
  while (at < source.length) {
    if (source.startsWith(quote, at)) return at + quote.length;
    if (source[at] === "\\") at += 2;
    else if (source[at] === "\n" && quote.length === 1) break;
    else if (formatted && source.startsWith("{{", at)) at += 2;
    else if (formatted && source[at] === "{") at = endOfField(source, at + 1);
    else at++;
  }
  throw new PythonSyntaxError("string is never closed", opened);
}

/** End of an f-string field whose `{` is just before `from`: expression, then an optional format text. */
function endOfField(source: string, from: number): number {
  let depth = 0;
  let at = from;
  let inFormat = false;
  while (at < source.length) {
    const character = source[at]!;
    if (inFormat) {
      if (character === "{") at = endOfField(source, at + 1);
      else if (character === "}") return at + 1;
      else at++;
      continue;
    }
    if (depth === 0 && character === "}") return at + 1;
    if (depth === 0 && character === ":") inFormat = true;
    if ("([{".includes(character)) depth++;
    else if (")]}".includes(character)) depth--;
    const [kind, end] = inFormat ? (["other", at + 1] as const) : measure(source, at);
    at = kind === "comment" ? endOfLine(source, at) : end;
  }
  throw new PythonSyntaxError("f-string field is never closed", from - 1);
}
