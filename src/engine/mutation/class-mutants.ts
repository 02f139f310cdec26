import { extendDecisions } from "../../model/classes/class-decisions.ts";
import type { ClassExpr, ClassId, Pattern, PatternStep, Rule, RuleSet } from "../../model/rule.ts";
import { classesOfRule } from "../match/classes/class-table.ts";
import type { Mutant } from "./mutant.ts";

/**
 * Changes of the classes that a rule defines itself: an alternative less, a glob open at both ends.
 * Classes of the library are left alone; they have many users and tests of their own.
 */
export function classMutants(ruleSet: Pick<RuleSet, "classes">, rule: Rule): readonly Mutant[] {
  return ownClasses(ruleSet, rule).flatMap((id) => {
    const { name, expr } = ruleSet.classes[id]!;
    return exprMutants(expr).map(([change, changed]) => {
      const classes = [...ruleSet.classes, { name, expr: changed }];
      extendDecisions(ruleSet, classes);
      const swapped = replaceClass(rule, id, classes.length - 1);
      return { change: `${name}: ${change}`, rule: swapped, classes };
    });
  });
}

/** Classes of the rule's own file that its patterns name, in order of id. */
export function ownClasses(ruleSet: Pick<RuleSet, "classes">, rule: Rule): readonly ClassId[] {
  const used = [...new Set(classesOfRule(rule))].sort((a, b) => a - b);
  return used.filter((id) => ruleSet.classes[id]!.name.startsWith(`${rule.id}.`));
}

type Changed = readonly [change: string, to: ClassExpr];

/** Fields that traces fill in. */
const OPEN_FIELDS: readonly string[] = ["name", "op", "scope", "frame"];

function exprMutants(expr: ClassExpr): readonly Changed[] {
  switch (expr.kind) {
    case "any":
    case "all":
      return [
        ...(expr.of.length < 2 ? [] : expr.of.map((part, i) => dropPart(expr, part, i))),
        ...expr.of.flatMap((part, i) =>
          exprMutants(part).map(
            ([change, to]): Changed => [
              change,
              { ...expr, of: expr.of.map((other, at) => (at === i ? to : other)) },
            ],
          ),
        ),
      ];
    case "not":
      return exprMutants(expr.of).map(([change, to]) => [change, { kind: "not", of: to }]);
    case "glob": {
      // Roles and categories are the vocabulary's own names: one is no piece of another.
      if (!OPEN_FIELDS.includes(expr.field)) return [];
      const wide = `*${expr.glob}*`.replace(/\*{2,}/g, "*");
      return wide === expr.glob ? [] : [[`widen "${expr.glob}"`, { ...expr, glob: wide }]];
    }
    default:
      return [];
  }
}

function dropPart(
  expr: Extract<ClassExpr, { kind: "any" | "all" }>,
  part: ClassExpr,
  index: number,
): Changed {
  return [`drop ${partText(part)}`, { ...expr, of: expr.of.filter((_, at) => at !== index) }];
}

function partText(part: ClassExpr): string {
  switch (part.kind) {
    case "glob":
      return `${part.field} "${part.glob}"`;
    case "class":
      return `class ${part.class}`;
    case "not":
      return `not ${partText(part.of)}`;
    default:
      return `${part.of.length} parts`;
  }
}

function replaceClass(rule: Rule, from: ClassId, to: ClassId): Rule {
  const swap = (id: ClassId): ClassId => (id === from ? to : id);
  const states = rule.states.map((state) => ({
    ...state,
    pattern: withClasses(state.pattern, swap),
  }));
  return { ...rule, states };
}

function withClasses(pattern: Pattern, swap: (id: ClassId) => ClassId): Pattern {
  const step = (it: PatternStep): PatternStep => ({ ...it, class: swap(it.class) });
  switch (pattern.kind) {
    case "chain": {
      const links = pattern.links.map((link) => ({
        ...link,
        past: link.past.map(swap),
        without: link.without.map(swap),
      }));
      return { ...pattern, steps: pattern.steps.map(step), links };
    }
    case "any-order":
      return { ...pattern, steps: pattern.steps.map(step) };
    case "overlap":
      return { ...pattern, first: step(pattern.first), second: step(pattern.second) };
  }
}
