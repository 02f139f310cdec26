import { FIELDS, type FieldName } from "../../model/facts.ts";
import type { CategoryGround } from "../../model/rule.ts";
import type { ClassNode, DefinitionNode, LetNode } from "../ast.ts";
import type { Scope } from "./class-table.ts";

/**
 * Library is decided first, then category, then role; each may look only at what is decided before
 * it, or the answer would depend on itself.
 */
const DECIDED_LATER = {
  library: ["library", "category", "category-from", "role"],
  category: ["category", "category-from", "role"],
  role: ["role"],
} as const satisfies Record<DefinitionNode["kind"], readonly string[]>;

/** What definitions by a ground look at: that ground alone, so that it can be told as the reason. */
const LOOKS_AT = { words: "word", op: "op" } as const;

export function checkDefinitionFields(node: DefinitionNode, scope: Scope): boolean {
  if (node.by !== null) return checkGround(node, scope, node.by);
  const later: readonly string[] = [...DECIDED_LATER[node.kind], "word"];
  const field = later.find((name) => looksAt(node.expr, name, scope, new Set()));
  if (field === undefined) return true;
  const message =
    field === "word"
      ? "only a category `by words` can look at `word`"
      : `a ${node.kind} cannot look at \`${field}\`, which is decided ${
          field === node.kind ? "by it" : "later"
        }`;
  scope.remarks.error("broken-reference", node.id.range, message);
  return false;
}

function checkGround(node: DefinitionNode, scope: Scope, by: CategoryGround): boolean {
  const { remarks } = scope;
  if (node.kind !== "category") {
    remarks.error("broken-reference", node.id.range, `only a category can be told by ${by}`);
    return false;
  }
  const other = (Object.keys(FIELDS) as FieldName[]).find(
    (field) => field !== LOOKS_AT[by] && looksAt(node.expr, field, scope, new Set()),
  );
  if (other === undefined) return true;
  const message = `a category by ${by} looks at \`${LOOKS_AT[by]}\` alone, not at \`${other}\``;
  remarks.error("broken-reference", node.id.range, message);
  return false;
}

/** Follows references; unknown ones are reported elsewhere, seen ones are not followed twice. */
export function looksAt(expr: ClassNode, field: string, scope: Scope, seen: Set<LetNode>): boolean {
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
