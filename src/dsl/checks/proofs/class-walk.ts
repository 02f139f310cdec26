import type { AtomNode, ClassNode, FuseFile, LetNode, RefNode, RuleNode } from "../../ast.ts";

/** Atoms of a class expression in source order, and whether a `not` stands over each. */
export function* atomsOf(
  expr: ClassNode,
  negated = false,
): Generator<{ readonly atom: AtomNode; readonly negated: boolean }> {
  switch (expr.kind) {
    case "any":
    case "all":
      for (const part of expr.of) yield* atomsOf(part, negated);
      return;
    case "not":
      yield* atomsOf(expr.of, !negated);
      return;
    case "atom":
      yield { atom: expr, negated };
  }
}

/** References to other classes, in source order. */
export function* refsOf(expr: ClassNode): Generator<RefNode> {
  switch (expr.kind) {
    case "any":
    case "all":
      for (const part of expr.of) yield* refsOf(part);
      return;
    case "not":
      yield* refsOf(expr.of);
      return;
    case "ref":
      yield expr;
  }
}

/** Classes that a file names: those of its own and those inside its rules. */
export function letsOf({ entries, rules }: FuseFile): LetNode[] {
  const own = entries.filter((entry): entry is LetNode => entry.kind === "let");
  return [...own, ...rules.flatMap(({ lets }) => lets)];
}

/** References from the patterns of a rule. */
export function patternRefsOf({ states }: RuleNode): RefNode[] {
  return states.flatMap(({ pattern }) => {
    if (pattern.kind === "overlap") return [pattern.first.class, pattern.second.class];
    const steps = pattern.steps.map((step) => step.class);
    if (pattern.kind === "any-order") return steps;
    return [...steps, ...pattern.links.flatMap((link) => [...link.without, ...link.past])];
  });
}
