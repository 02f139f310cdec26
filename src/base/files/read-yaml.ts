import { type Document, type ParseOptions, parseDocument } from "yaml";

/** A YAML text as document and value, or the one reason why it is neither. */
type YamlText =
  | { readonly document: Document.Parsed; readonly value: unknown; readonly fault: null }
  | { readonly fault: string };

/** Bytes of the largest text read: the longest of this project has a tenth. */
const LONGEST = 4 << 20;

/**
 * Parses a YAML text that nobody vouches for. Texts made to grow (aliases of aliases), nested deeper
 * than the stack reaches or far too long are faults, not failures; errors of syntax are in the
 * document, and its value is then undefined.
 */
export function readYaml(
  text: string,
  options: ParseOptions & { readonly prettyErrors?: boolean },
): YamlText {
  if (text.length > LONGEST) return { fault: `is longer than ${LONGEST} characters` };
  if (nestsDeep(text)) return { fault: "is nested too deeply" };
  try {
    const document = parseDocument(text, options);
    const value: unknown = document.errors.length > 0 ? undefined : document.toJS();
    return { document, value, fault: null };
  } catch (error) {
    if (error instanceof RangeError) return { fault: "is nested too deeply" };
    if (error instanceof ReferenceError) return { fault: "repeats its aliases too often" };
    throw error;
  }
}

/** Deeper than any configuration, and far less than the parser's stack bears. */
const DEEPEST = 200;
const LISTS_IN_ONE_LINE = new RegExp(`(?:[-?] +){${DEEPEST}}`);

/** A look at the brackets alone: those in quotes count too, which no honest text suffers from. */
function nestsDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === "[" || char === "{") depth++;
    else if ((char === "]" || char === "}") && depth > 0) depth--;
    if (depth > DEEPEST) return true;
  }
  return LISTS_IN_ONE_LINE.test(text);
}
