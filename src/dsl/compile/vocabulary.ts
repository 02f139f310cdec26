import type { ClassNode, DefinitionNode, LetNode } from "../ast.ts";
import type { Scope } from "./class-table.ts";

/**
 * Library is decided first, then category, then role; each may look only at what is decided before
 * it, or the answer would depend on itself.
 */
const DECIDED_LATER = {
  library: ["library", "category", "role"],
  category: ["category", "role"],
  role: ["role"],
} as const satisfies Record<DefinitionNode["kind"], readonly string[]>;

export function checkDefinitionFields(node: DefinitionNode, scope: Scope): boolean {
  const later: readonly string[] = DECIDED_LATER[node.kind];
  const field = later.find((name) => looksAt(node.expr, name, scope, new Set()));
  if (field === undefined) return true;
  const message = `a ${node.kind} cannot look at \`${field}\`, which is decided ${
    field === node.kind ? "by it" : "later"
  }`;
  scope.remarks.error("broken-reference", node.id.range, message);
  return false;
}

/** Follows references; unknown ones are reported elsewhere, seen ones are not followed twice. */
function looksAt(expr: ClassNode, field: string, scope: Scope, seen: Set<LetNode>): boolean {
  switch (expr.kind) {
    case "any":
    case "all":
      return expr.of.some((part) => looksAt(part, field, scope, seen));
    case "not":
      return looksAt(expr.of, field, scope, seen);
    case "atom":
      return expr.field.text === field;
    case "ref": {
      const from = expr.module === null ? scope : scope.imports.get(expr.module.text);
      const target = from?.lets.get(expr.name.text);
      if (!from || target === undefined || seen.has(target)) return false;
      seen.add(target);
      return looksAt(target.expr, field, from, seen);
    }
  }
}
