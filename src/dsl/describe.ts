import type {
  ChainPattern,
  ClassExpr,
  ClassId,
  Condition,
  Guard,
  Link,
  Pattern,
  PatternStep,
  RuleSet,
  StatePattern,
} from "../model/rule.ts";
import { quote } from "./quote.ts";

/**
 * Compiled rules back in the words of the language, for `explain` and the catalogues. Classes are
 * shown by their full names ("norm.fused_add_norm"); {@link describeClass} opens one up.
 */
type Names = Pick<RuleSet, "classes">;

/** What a class is made of: `name "*a*" | "*b*" and not norm.c`. */
export const describeClass = (ruleSet: Names, id: ClassId): string =>
  describeExpr(ruleSet, ruleSet.classes[id]!.expr);

export function describeExpr(ruleSet: Names, expr: ClassExpr): string {
  switch (expr.kind) {
    case "class":
      return ruleSet.classes[expr.class]!.name;
    case "glob":
      return `${expr.field} ${quote(expr.glob)}`;
    case "regex":
      return `${expr.field} /${expr.source}/`;
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

function operand(ruleSet: Names, expr: ClassExpr, loose: readonly ClassExpr["kind"][]): string {
  const text = describeExpr(ruleSet, expr);
  const single = expr.kind === "any" && alternatives(expr.of) !== null;
  return loose.includes(expr.kind) && !single ? `(${text})` : text;
}

/** Patterns of one field, written as one atom; null when the parts are anything else. */
function alternatives(parts: readonly ClassExpr[]): string | null {
  const texts: string[] = [];
  let field: string | null = null;
  for (const part of parts) {
    if (part.kind !== "glob" && part.kind !== "regex") return null;
    if (field !== null && part.field !== field) return null;
    field = part.field;
    texts.push(part.kind === "glob" ? quote(part.glob) : `/${part.source}/`);
  }
  return field === null ? null : `${field} ${texts.join(" | ")}`;
}

/** `split a as x -> [skip 1, gap 5us] b where x.stream == y.stream repeat >= 2`. */
export function describeState(ruleSet: Names, state: StatePattern): string {
  const where = state.where.map(describeCondition).join(" and ");
  const { min, per } = state.repeat;
  return [
    state.state,
    describePattern(ruleSet, state.pattern),
    where === "" ? "" : `where ${where}`,
    min > 1 || per !== "stage" ? `repeat >= ${min}${per === "stage" ? "" : ` per ${per}`}` : "",
  ]
    .filter((part) => part !== "")
    .join(" ");
}

function describePattern(ruleSet: Names, pattern: Pattern): string {
  const step = (one: PatternStep) => describeStep(ruleSet, one);
  switch (pattern.kind) {
    case "chain":
      return describeChain(ruleSet, pattern);
    case "any-order":
      return `any-order { ${pattern.steps.map(step).join(", ")} } within ${pattern.within} kernels`;
    case "overlap": {
      const least = pattern.minShare > 0 ? ` >= ${describeShare(pattern.minShare)}` : "";
      return `overlap ${step(pattern.first)} with ${step(pattern.second)}${least}`;
    }
  }
}

function describeChain(ruleSet: Names, { steps, links }: ChainPattern): string {
  const [first, ...others] = steps.map((step) => describeStep(ruleSet, step));
  return [first, ...others.map((step, i) => `${describeLink(ruleSet, links[i]!)} ${step}`)].join(
    " ",
  );
}

function describeStep(ruleSet: Names, { class: id, capture, min, max }: PatternStep): string {
  const times = min === max ? (min === 1 ? "" : `{${min}}`) : `{${min}..${max}}`;
  const name = ruleSet.classes[id]!.name;
  return `${name}${capture === null ? "" : ` as ${capture}`}${min === 0 && max === 1 ? "?" : times}`;
}

/** `->` for the very next kernel, else the arrow with what it allows. */
function describeLink(ruleSet: Names, link: Link): string {
  const names = (ids: readonly ClassId[]) => ids.map((id) => ruleSet.classes[id]!.name).join(" | ");
  const options = [
    link.skip > 0 ? `skip ${link.skip}` : "",
    link.gap === null ? "" : `gap ${describeDuration(link.gap)}`,
    link.without.length > 0 ? `without ${names(link.without)}` : "",
    link.past.length > 0 ? `past ${names(link.past)}` : "",
    link.feeds ? "feeds" : "",
  ].filter((option) => option !== "");
  return options.length === 0 ? "->" : `-> [${options.join(", ")}]`;
}

const describeCondition = ({ left, equal, right }: Condition): string =>
  `${left.capture}.${left.field} ${equal ? "==" : "!="} ${right.capture}.${right.field}`;

/** `tp >= 2`, `stage in [prefill, decode]`, `model like "*qwen*" except "*moe*"`. */
export function describeGuard(guard: Guard): string {
  switch (guard.op) {
    case "in": {
      const [only, ...others] = guard.values;
      return others.length === 0
        ? `${guard.fact} = ${only}`
        : `${guard.fact} in [${guard.values.join(", ")}]`;
    }
    case "like": {
      const except = guard.except.map(quote).join(" | ");
      const tail = except === "" ? "" : ` except ${except}`;
      return `${guard.fact} like ${guard.globs.map(quote).join(" | ")}${tail}`;
    }
    default:
      return `${guard.fact} ${guard.op} ${guard.value}`;
  }
}

function describeDuration(ns: number): string {
  if (ns % 1_000_000 === 0 && ns > 0) return `${ns / 1_000_000}ms`;
  return ns >= 1000 ? `${ns / 1000}us` : `${ns}ns`;
}

/** 0.004 → "0.4%", free of binary dust. */
const describeShare = (share: number): string => `${Number((share * 100).toPrecision(12))}%`;
