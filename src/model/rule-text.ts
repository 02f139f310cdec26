import { quote } from "../base/quote.ts";
import type { ClassExpr, Condition, Guard, Link, Pattern, PatternStep, RuleSet } from "./rule.ts";

/**
 * Compiled rules back in the words of the language, for explanations. Classes are shown by their
 * full names ("norm.fused_add_norm"); {@link classText} opens one up.
 */

export function patternText(ruleSet: Pick<RuleSet, "classes">, pattern: Pattern): string {
  const step = (it: PatternStep): string => stepText(ruleSet, it);
  switch (pattern.kind) {
    case "chain":
      return pattern.steps
        .map((it, i) =>
          i === 0 ? step(it) : `${linkText(ruleSet, pattern.links[i - 1]!)}${step(it)}`,
        )
        .join("");
    case "any-order":
      return `any-order { ${pattern.steps.map(step).join(", ")} } within ${pattern.within} kernels`;
    case "overlap": {
      const share = pattern.minShare > 0 ? ` >= ${shareText(pattern.minShare)}` : "";
      return `overlap ${step(pattern.first)} with ${step(pattern.second)}${share}`;
    }
  }
}

export function stepText(ruleSet: Pick<RuleSet, "classes">, step: PatternStep): string {
  const { min, max } = step;
  const plain = min === 1 && max === 1;
  const range = min === max ? `{${min}}` : `{${min}..${max}}`;
  const times = plain ? "" : min === 0 && max === 1 ? "?" : range;
  const capture = step.capture === null ? "" : ` as ${step.capture}`;
  return `${className(ruleSet, step.class)}${capture}${times}`;
}

function linkText(ruleSet: Pick<RuleSet, "classes">, link: Link): string {
  const options = [
    link.skip > 0 ? `skip ${link.skip}` : null,
    link.past.length > 0 ? `past ${names(ruleSet, link.past)}` : null,
    link.gap === null ? null : `gap ${durationText(link.gap)}`,
    link.without.length > 0 ? `without ${names(ruleSet, link.without)}` : null,
  ].filter((option) => option !== null);
  return options.length === 0 ? " -> " : ` -> [${options.join(", ")}] `;
}

export function guardText(guard: Guard): string {
  switch (guard.op) {
    case "in": {
      const [first] = guard.values;
      return guard.values.length === 1
        ? `${guard.fact} = ${first}`
        : `${guard.fact} in [${guard.values.join(", ")}]`;
    }
    case "like": {
      const quoted = (globs: readonly string[]): string => globs.map(quote).join(" | ");
      const except = guard.except.length > 0 ? ` except ${quoted(guard.except)}` : "";
      return `${guard.fact} like ${quoted(guard.globs)}${except}`;
    }
    default:
      return `${guard.fact} ${guard.op} ${guard.value}`;
  }
}

export function conditionText({ left, right, equal }: Condition): string {
  const sign = equal ? "==" : "!=";
  return `${left.capture}.${left.field} ${sign} ${right.capture}.${right.field}`;
}

export function className(ruleSet: Pick<RuleSet, "classes">, id: number): string {
  return ruleSet.classes[id]?.name ?? `class ${id}`;
}

function names(ruleSet: Pick<RuleSet, "classes">, ids: readonly number[]): string {
  return ids.map((id) => className(ruleSet, id)).join(" | ");
}

/** Nanoseconds as the language writes them: 5us, 0.5us. */
export function durationText(ns: number): string {
  return `${ns / 1000}us`;
}

/** A share from 0 to 1 as a percentage without the noise of binary fractions: 7%, 0.4%. */
export function shareText(share: number): string {
  return `${Number((100 * share).toFixed(6))}%`;
}

/** What a class is made of: `name "*a*" | "*b*" and not norm.c`. */
export function classText(ruleSet: Pick<RuleSet, "classes">, expr: ClassExpr): string {
  switch (expr.kind) {
    case "class":
      return ruleSet.classes[expr.class]!.name;
    case "glob":
      return `${expr.field} ${quote(expr.glob)}`;
    case "not":
      return `not ${operand(ruleSet, expr.of, ["any", "all", "not"])}`;
    case "all":
      return expr.of.map((part) => operand(ruleSet, part, ["any", "all"])).join(" and ");
    case "any":
      return (
        alternatives(expr.of) ?? expr.of.map((part) => operand(ruleSet, part, ["any"])).join(" or ")
      );
  }
}

function operand(
  ruleSet: Pick<RuleSet, "classes">,
  expr: ClassExpr,
  loose: readonly ClassExpr["kind"][],
): string {
  const text = classText(ruleSet, expr);
  const single = expr.kind === "any" && alternatives(expr.of) !== null;
  return loose.includes(expr.kind) && !single ? `(${text})` : text;
}

/** Patterns of one field, written as one atom; null when the parts are anything else. */
function alternatives(parts: readonly ClassExpr[]): string | null {
  const texts: string[] = [];
  let field: string | null = null;
  for (const part of parts) {
    if (part.kind !== "glob") return null;
    if (field !== null && part.field !== field) return null;
    field = part.field;
    texts.push(quote(part.glob));
  }
  return field === null ? null : `${field} ${texts.join(" | ")}`;
}
