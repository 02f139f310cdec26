/**
 * Controls, invisible format characters (bidirectional overrides, zero-width, tags), letters that
 * show nothing (Hangul fillers, selectors, the blank of Braille), line separators and lone
 * surrogates: whatever could move a cursor, recolour a terminal, reorder a line or hide in it.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029\u2800]/gu;

/** What the runner of a workflow takes for a command wherever it stands. */
const COMMANDS = /(##(?:vso)?)\[/g;

/**
 * Text from a trace, a rule or a server made safe to print on one line. Nothing is dropped in
 * silence: white space becomes a blank, everything else unsafe its visible `\u{…}` escape.
 */
export function inert(text: string): string {
  return text.replace(UNSAFE, (char) =>
    /[\t\n\v\f\r]/.test(char) ? " " : `\\u{${char.codePointAt(0)!.toString(16)}}`,
  );
}

/** The same for a finished JSON text, whose strings may spell any UTF-16 unit as `\uXXXX`. */
export function inertJson(json: string): string {
  return json
    .replace(UNSAFE, (char) => (char === "\n" ? char : escapeUnits(char)))
    .replace(COMMANDS, "$1\\u005b");
}

function escapeUnits(char: string): string {
  return char
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}
