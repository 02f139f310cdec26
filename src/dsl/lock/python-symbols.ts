/** A definition at its place: "RMSNorm.forward_cuda", "fused_moe_kernel". */
interface Defined {
  readonly name: string;
  readonly line: number;
}

/**
 * What a Python text defines: classes, functions (a Triton kernel is one), and names that are
 * assigned at the top of the file or of a class. Members are dotted; functions within functions
 * are not members of them and stand alone.
 *
 * @param code without comments and quoted texts.
 */
export function pythonSymbols(code: string): Defined[] {
  const found: Defined[] = [];
  /** Blocks around the current line, outermost first; null for those that are no class. */
  let open: { readonly indent: number; readonly name: string | null }[] = [];
  let depth = 0;
  for (const [index, line] of code.split("\n").entries()) {
    const isContinued = depth > 0;
    depth = Math.max(0, depth + bracketsOf(line));
    if (isContinued || line.trim() === "") continue;
    const indent = line.length - line.trimStart().length;
    open = open.filter((block) => block.indent < indent);
    const [, keyword, name] = /^\s*(?:async\s+)?(class|def)\s+([^\W\d]\w*)/u.exec(line) ?? [];
    if (name !== undefined) {
      const isMember = open.every((block) => block.name !== null);
      found.push({ name: isMember ? qualified(open, name) : name, line: index + 1 });
      open.push({ indent, name: keyword === "class" ? name : null });
      continue;
    }
    // Only what outlives the call: a local of a function defines nothing.
    if (open.some((block) => block.name === null)) continue;
    for (const target of assigned(line))
      found.push({ name: qualified(open, target), line: index + 1 });
  }
  return [...found, ...instanceMembers(code)];
}

function qualified(open: readonly { readonly name: string | null }[], name: string): string {
  return [...open.map((block) => block.name!), name].join(".");
}

const bracketsOf = (line: string): number =>
  [...line.matchAll(/[([{]/g)].length - [...line.matchAll(/[)\]}]/g)].length;

function assigned(line: string): string[] {
  const [, target] = /^\s*([^\W\d]\w*)\s*(?::[^=]+)?=(?!=)/u.exec(line) ?? [];
  const [, declared] = /^\s*([^\W\d]\w*)\s*:\s*[^\s=:][^=]*$/u.exec(line) ?? [];
  const name = target ?? declared;
  return name === undefined || KEYWORDS.has(name) ? [] : [name];
}

const KEYWORDS = new Set([
  "else",
  "try",
  "finally",
  "lambda",
  "if",
  "for",
  "while",
  "with",
  "return",
]);

/** `self.name = …` makes `name` a member of the class around it. */
function instanceMembers(code: string): Defined[] {
  const found = new Map<string, Defined>();
  let current: { readonly indent: number; readonly name: string } | null = null;
  for (const [index, line] of code.split("\n").entries()) {
    const indent = line.length - line.trimStart().length;
    if (current !== null && line.trim() !== "" && indent <= current.indent) current = null;
    const [, name] = /^\s*class\s+([^\W\d]\w*)/u.exec(line) ?? [];
    if (name !== undefined) current = { indent, name };
    const [, member] = /^\s*self\.([^\W\d]\w*)\s*(?::[^=]+)?=(?!=)/u.exec(line) ?? [];
    if (member === undefined || current === null) continue;
    const full = `${current.name}.${member}`;
    if (!found.has(full)) found.set(full, { name: full, line: index + 1 });
  }
  return [...found.values()];
}
