/** A glob split once at its stars, so that matching only walks the text. */
export interface CompiledGlob {
  readonly parts: readonly string[];
}

export function compileGlob(glob: string): CompiledGlob {
  // "**" says no more than "*".
  return { parts: glob.replace(/\*{2,}/g, "*").split("*") };
}

/**
 * Whole-string, case-sensitive match where `*` stands for any run of characters, newlines
 * included. Leftmost placement of each part is enough when `*` is the only wildcard, so there is
 * no backtracking whatever the pattern.
 */
export function matchesGlob(glob: CompiledGlob, text: string): boolean {
  const { parts } = glob;
  const first = parts[0]!;
  if (parts.length === 1) return text === first;
  const last = parts[parts.length - 1]!;
  if (text.length < first.length + last.length) return false;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let from = first.length;
  const limit = text.length - last.length;
  for (let i = 1; i < parts.length - 1; i++) {
    const part = parts[i]!;
    const at = text.indexOf(part, from);
    if (at < 0 || at + part.length > limit) return false;
    from = at + part.length;
  }
  return true;
}
