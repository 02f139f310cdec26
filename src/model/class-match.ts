import type { FieldName } from "./facts.ts";
import type { ClassExpr, ClassId, RuleSet } from "./rule.ts";

/**
 * Every spelling of every field of one kernel. A class atom holds when any spelling matches; a
 * field without spellings (no Python stack, no op in a graph replay) matches nothing, so `not`
 * of it holds.
 */
export type KernelFields = Readonly<Record<FieldName, readonly string[]>>;

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

/** Decides classes of one rule set for one kernel at a time; compiled forms are kept between calls. */
export interface ClassMatcher {
  matches(id: ClassId, fields: KernelFields): boolean;
  matchesExpr(expr: ClassExpr, fields: KernelFields): boolean;
}

/**
 * The meaning of class expressions, shared by the checker (over the kernel dictionary) and the
 * engine (over a trace's symbols). Class references must be acyclic; the compiler guarantees it.
 */
export function createClassMatcher(ruleSet: Pick<RuleSet, "classes">): ClassMatcher {
  const globs = new Map<string, CompiledGlob>();
  const regexes = new Map<string, RegExp>();
  const globOf = (text: string): CompiledGlob => {
    let glob = globs.get(text);
    if (glob === undefined) {
      glob = compileGlob(text);
      globs.set(text, glob);
    }
    return glob;
  };
  const regexOf = (source: string): RegExp => {
    let regex = regexes.get(source);
    if (regex === undefined) {
      regex = new RegExp(source);
      regexes.set(source, regex);
    }
    return regex;
  };
  const matchesExpr = (expr: ClassExpr, fields: KernelFields): boolean => {
    switch (expr.kind) {
      case "any":
        return expr.of.some((part) => matchesExpr(part, fields));
      case "all":
        return expr.of.every((part) => matchesExpr(part, fields));
      case "not":
        return !matchesExpr(expr.of, fields);
      case "class":
        return matchesExpr(ruleSet.classes[expr.class]!.expr, fields);
      case "glob": {
        const glob = globOf(expr.glob);
        return fields[expr.field].some((text) => matchesGlob(glob, text));
      }
      case "regex": {
        const regex = regexOf(expr.source);
        return fields[expr.field].some((text) => regex.test(text));
      }
    }
  };
  return {
    matchesExpr,
    matches: (id, fields) => matchesExpr(ruleSet.classes[id]!.expr, fields),
  };
}
