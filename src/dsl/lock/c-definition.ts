/**
 * Is the name at this offset defined or declared there? True for types, aliases, macros, named
 * values, enumerators, functions and kernels; false for calls and other uses.
 *
 * @param code C++, CUDA or HIP without comments and quoted texts.
 */
export function isDefinedAt(code: string, offset: number, name: string): boolean {
  const before = statementBefore(code, offset);
  const after = code.slice(offset + name.length, offset + name.length + REACH);
  if (/#[ \t]*define[ \t]+$/.test(before)) return true;
  if (TYPE_BEFORE.test(before)) return /^\s*(?:final\b\s*)?[:{<;=(]/.test(after);
  if (isEnumerator(code, offset, before, after)) return true;
  // Values of template parameters look like those that are assigned.
  if (!isBalanced(before) || LEADS_A_USE.test(withoutTemplate(before))) return false;
  if (/^\s*\(/.test(after))
    return isFunction(code, offset + code.slice(offset).indexOf("("), before);
  // A named value: its type, its name, and then its value, its size or the end.
  return /[\w>*&\]]\s+[*&]*$/.test(before) && /^\s*(?:\[[^\]]*\]\s*)*(?:[;{]|=(?!=))/.test(after);
}

/** Without the parameters of a template in front. */
function withoutTemplate(text: string): string {
  const [head = ""] = /^\s*template\s*</.exec(text) ?? [];
  if (head === "") return text;
  let depth = 1;
  for (let at = head.length; at < text.length; at++) {
    if (text[at] === "<") depth++;
    if (text[at] === ">" && --depth === 0) return withoutTemplate(text.slice(at + 1));
  }
  return text;
}

/** How far behind a name its own declaration can go on before its body or its end. */
const REACH = 20_000;

const TYPE_BEFORE =
  /\b(?:struct|class|union|enum|namespace|concept|using)\s+(?:(?:class|struct)\s+)?(?:(?:alignas|__\w+__|[A-Z_]+)\s*(?:\([^()]*\))?\s+)*$/;

const LEADS_A_USE =
  /(?:\b(?:return|co_return|throw|new|delete|case|goto|else|do|typename)|[=,?+\-/%|!<(]|->|\.)\s*$|(?<![=!<>])=(?!=)/;

/** From the last end of a statement, block or preprocessor line up to the offset; qualifiers of the name itself left out. */
function statementBefore(code: string, offset: number): string {
  const text = code.slice(Math.max(0, offset - REACH), offset);
  const line = text.slice(text.lastIndexOf("\n") + 1);
  const statement = /^\s*#/.test(line)
    ? line
    : text
        .slice(Math.max(...[";", "{", "}"].map((end) => text.lastIndexOf(end))) + 1)
        .replace(/^[ \t]*#[^\n]*$/gm, "");
  return statement.replace(/(?:[A-Za-z_]\w*(?:<[^<>;{}]*>)?\s*::\s*)+~?$/, "");
}

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const char of text) {
    if (char === "(") depth++;
    if (char === ")") depth--;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** Behind the parameters comes a body, or an end where a type stands before the name. */
function isFunction(code: string, open: number, before: string): boolean {
  const close = closingParenthesis(code, open);
  if (close < 0) return false;
  const rest = code.slice(close + 1, close + 1 + REACH);
  if (
    /^\s*(?:(?:const|noexcept|override|final|mutable|try)\b\s*(?:\([^()]*\)\s*)?|&{1,2}\s*|->[^;{=]*|requires\b[^;{]*)*\{/.test(
      rest,
    )
  )
    return true;
  // A constructor's initialisers.
  if (/^\s*(?:noexcept\s*)?:(?!:)[^;{]*[{(]/.test(rest)) return true;
  const isOver =
    /^\s*(?:(?:const|noexcept|override|final)\s*)*(?:=\s*(?:0|default|delete)\s*)?;/.test(rest);
  return isOver && /[\w>*&)]\s*$/.test(before);
}

function closingParenthesis(code: string, open: number): number {
  let depth = 0;
  const end = Math.min(code.length, open + REACH);
  for (let at = open; at < end; at++) {
    if (code[at] === "(") depth++;
    else if (code[at] === ")" && --depth === 0) return at;
  }
  return -1;
}

function isEnumerator(code: string, offset: number, before: string, after: string): boolean {
  if (!/^\s*[,}=]/.test(after) || !/(?:^|,)\s*$/.test(before)) return false;
  return /\benum\b[^;{}]*$/.test(enclosingHeads(code, offset)[0] ?? "");
}

/** What stands before each open brace around an offset, innermost first. */
export function enclosingHeads(code: string, offset: number): string[] {
  const heads: string[] = [];
  let depth = 0;
  for (let at = offset - 1; at >= 0; at--) {
    if (code[at] === "}") depth++;
    if (code[at] !== "{") continue;
    if (depth > 0) depth--;
    else heads.push(statementBefore(code, at));
  }
  return heads;
}
