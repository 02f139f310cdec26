/** A closing quote is one that something follows which may stand behind a value. */
const BEHIND_VALUE = /\s*(?:$|[}\]]|,\s*(?:$|[}\]]|"[^"\\]{0,200}"\s*:|'[^'\\]{0,200}'\s*:))/y;
const BEHIND_ITEM = /\s*(?:$|[,\]}])/y;

/**
 * The text whose quote opens at `from`, when quotes, backslashes and control characters in it may
 * stand there without being escaped.
 *
 * @param inList more may follow behind a comma there.
 * @returns the text and the place behind its closing quote; null when it never closes.
 */
export function salvagedText(
  source: string,
  from: number,
  inList: boolean,
): { readonly text: string; readonly end: number } | null {
  const quote = source[from]!;
  const behind = inList ? BEHIND_ITEM : BEHIND_VALUE;
  for (let at = from + 1; at < source.length; at++) {
    if (source[at] === "\\") {
      // A path may end in a backslash: that quote closes it all the same.
      if (source[at + 1] !== quote || !closesMember(source, at + 2)) at++;
      continue;
    }
    if (source[at] !== quote) continue;
    behind.lastIndex = at + 1;
    if (behind.test(source)) return { text: meaning(source.slice(from + 1, at)), end: at + 1 };
  }
  return null;
}

const NEXT_KEY = /\s*,\s*"[^"\\]{1,200}"\s*:/y;

function closesMember(source: string, at: number): boolean {
  NEXT_KEY.lastIndex = at;
  return NEXT_KEY.test(source);
}

const ANY_ESCAPE = /\\(u[\da-fA-F]{4}|x[\da-fA-F]{2}|[\s\S]|$)/g;
const VALID_ESCAPE = /^(u[\da-fA-F]{4}|x[\da-fA-F]{2}|["\\/bfnrt])$/;
const SHORT: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/**
 * What a text means by its spelling. `\x2c` is what C and Python write; a text with a backslash
 * that escapes nothing was not escaped at all, as paths of Windows are.
 */
function meaning(raw: string): string {
  const found = raw.match(ANY_ESCAPE) ?? [];
  const isEscaped = found.every((one) => VALID_ESCAPE.test(one.slice(1)));
  return raw.replace(ANY_ESCAPE, (whole, code: string) => {
    if (code === '"' || code === "\\") return code;
    if (!isEscaped) return whole;
    if (/^[ux]/.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return SHORT[code] ?? code;
  });
}
