import type { ClassExpr, Definition, RuleSet } from "../../../model/rule.ts";
import type { Check } from "../check.ts";

/**
 * shared-words. Categories told by words are proven to exclude each other, so that their order in
 * the file means nothing: of two that may both hold, one names the other under `not`.
 */
export const sharedWords: Check = {
  code: "shared-words",
  *run({ loaded }) {
    const { ruleSet, files } = loaded;
    const told = ruleSet.categoriesBy?.words ?? [];
    for (const [at, later] of told.entries()) {
      const earlier = told.slice(0, at).find((one) => !exclude(ruleSet, one, later));
      if (earlier === undefined) continue;
      for (const { file, ast } of files)
        for (const entry of ast.entries)
          if (entry.kind === "category" && entry.by === "words" && entry.id.text === later.id)
            yield {
              file,
              range: entry.id.range,
              message: `nothing says that \`${later.id}\` and \`${earlier.id}\` exclude each other`,
              help: `add \`and not\` the class of \`${earlier.id}\``,
            };
    }
  },
};

/** A part of an expression and whether it is said to hold. */
interface Claim {
  readonly expr: ClassExpr;
  readonly holds: boolean;
}

/** More steps than this are no proof that anyone could follow. */
const MOST_STEPS = 2_000;

/** Whether no kernel can hold both, whatever its words: none of any two alternatives of theirs. */
const exclude = (ruleSet: RuleSet, a: Definition, b: Definition): boolean =>
  alternatives(ruleSet, a).every((x) =>
    alternatives(ruleSet, b).every((y) => contradict(ruleSet, x, y)),
  );

function alternatives({ classes }: RuleSet, { class: id }: Definition): readonly ClassExpr[] {
  const { expr } = classes[id]!;
  return expr.kind === "any" ? expr.of : [expr];
}

/** An analytic tableau that closes. */
function contradict({ classes }: RuleSet, a: ClassExpr, b: ClassExpr): boolean {
  let steps = 0;
  const isOpen = (claims: readonly Claim[], known: ReadonlyMap<string, boolean>): boolean => {
    if (++steps > MOST_STEPS) return true;
    const facts = new Map(known);
    const queue = [...claims];
    const branching: Claim[] = [];
    for (let claim = queue.pop(); claim !== undefined; claim = queue.pop()) {
      const { expr, holds } = claim;
      if (expr.kind === "not") queue.push({ expr: expr.of, holds: !holds });
      else if (expr.kind === (holds ? "all" : "any"))
        for (const part of (expr as Extract<ClassExpr, { kind: "all" | "any" }>).of)
          queue.push({ expr: part, holds });
      else if (expr.kind === "all" || expr.kind === "any") branching.push(claim);
      else {
        const key = keyOf(expr);
        const before = facts.get(key);
        if (before !== undefined && before !== holds) return false;
        facts.set(key, holds);
        if (before === undefined && expr.kind === "class")
          queue.push({ expr: classes[expr.class]!.expr, holds });
      }
    }
    const choices = branching.map((claim) => ({ claim, left: partsLeft(claim, facts) }));
    const fewest = choices.reduce<(typeof choices)[number] | null>(
      (best, one) => (best === null || one.left.length < best.left.length ? one : best),
      null,
    );
    if (fewest === null) return true;
    const rest = branching.filter((claim) => claim !== fewest.claim);
    return fewest.left.some((part) => isOpen([...rest, part], facts));
  };
  return !isOpen(
    [a, b].map((expr) => ({ expr, holds: true })),
    new Map(),
  );
}

/** Parts of an alternative that nothing known contradicts at once. */
function partsLeft({ expr, holds }: Claim, facts: ReadonlyMap<string, boolean>): Claim[] {
  const { of } = expr as Extract<ClassExpr, { kind: "all" | "any" }>;
  return of
    .map((part): Claim => ({ expr: part, holds }))
    .filter((claim) => {
      const said = claim.expr.kind === "not" ? claim.expr.of : claim.expr;
      const truth = claim.expr.kind === "not" ? !holds : holds;
      if (said.kind === "any" || said.kind === "all" || said.kind === "not") return true;
      return (facts.get(keyOf(said)) ?? truth) === truth;
    });
}

function keyOf(expr: Extract<ClassExpr, { kind: "class" | "glob" }>): string {
  if (expr.kind === "class") return `class ${expr.class}`;
  return `${expr.field} ${expr.glob}`;
}
