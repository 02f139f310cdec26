import { enclosingHeads, isDefinedAt } from "./c-definition.ts";
import { codeText, type Language, languageOf } from "./code-text.ts";
import { pythonSymbols } from "./python-symbols.ts";

type Found = "defined" | "used";

/** A file's text, ready to be asked for symbols. */
export interface SourceText {
  readonly language: Language;
  /** Without comments and quoted texts. */
  readonly code: string;
  /** Without comments. */
  readonly withTexts: string;
  /** What a Python file defines. */
  readonly defined: ReadonlySet<string>;
}

export function sourceText(text: string, path: string): SourceText {
  const language = languageOf(path);
  const parts = codeText(text, language);
  const names = language === "python" ? pythonSymbols(parts.code).map(({ name }) => name) : [];
  return { language, ...parts, defined: new Set(names) };
}

/**
 * How a file knows a symbol: it defines or declares it ("RMSNorm", "RMSNorm.forward", a kernel,
 * an operator that it registers under a quoted name), or its code only mentions it. Null when the
 * symbol stands nowhere but in comments, or not at all.
 */
export function findSymbol(source: SourceText, symbol: string): Found | null {
  if (isDefined(source, symbol) || isRegistered(source, symbol)) return "defined";
  return wordsAt(source.withTexts, symbol).next().done === true ? null : "used";
}

function isDefined({ language, code, defined }: SourceText, symbol: string): boolean {
  if (language === "python")
    return (
      defined.has(symbol) ||
      (!symbol.includes(".") && [...defined].some((name) => name.endsWith(`.${symbol}`)))
    );
  if (language !== "c") return false;
  const parts = symbol.split(/\.|::/);
  const last = parts.pop()!;
  for (const offset of wordsAt(code, last))
    if (isDefinedAt(code, offset, last) && isWithin(code, offset, parts)) return true;
  return false;
}

/** In each of these types or namespaces, by where it stands or by how it is written: `A::b`. */
function isWithin(code: string, offset: number, owners: readonly string[]): boolean {
  if (owners.length === 0) return true;
  const written =
    /(?:[A-Za-z_]\w*(?:<[^<>;{}]*>)?\s*::\s*)+$/.exec(code.slice(0, offset))?.[0] ?? "";
  const around = [...enclosingHeads(code, offset), written];
  return owners.every((owner) => around.some((head) => !wordsAt(head, owner).next().done));
}

/** `custom_op("ns::name"`, `m.def("name(Tensor x) -> Tensor"`, `TORCH_LIBRARY…impl("name"`. */
function isRegistered({ withTexts }: SourceText, symbol: string): boolean {
  const name = symbol.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(
    `(?:\\bdef|\\bimpl|\\w*(?:custom_op|register)\\w*|\\bop_name\\s*=|\\bname\\s*=)\\s*\\(?\\s*["'](?:\\w+::)?${name}["'(]`,
  ).test(withTexts);
}

/** Offsets at which a symbol stands as a word of its own. */
function* wordsAt(text: string, symbol: string): Generator<number> {
  const isWord = (char: string | undefined): boolean => char !== undefined && /\w/.test(char);
  for (let at = text.indexOf(symbol); at >= 0; at = text.indexOf(symbol, at + symbol.length)) {
    const end = at + symbol.length;
    const opens = isWord(symbol[0]) && isWord(text[at - 1]);
    const closes = isWord(symbol.at(-1)) && isWord(text[end]);
    if (!opens && !closes) yield at;
  }
}
