import type { ClassExpr, ClassId, RuleSet } from "../../../model/rule.ts";
import type { Check, RuleUnit } from "../check.ts";

/** twin-rules. The same question asked twice gives every finding twice. */
export const twinRules: Check = {
  code: "twin-rules",
  *run({ rules, loaded }) {
    const meanings = new ClassMeanings(loaded.ruleSet.classes);
    const first = new Map<string, RuleUnit>();
    for (const unit of rules) {
      if (unit.rule.status === "deprecated") continue;
      const key = languageOf(unit, meanings);
      const twin = first.get(key);
      if (twin === undefined) {
        first.set(key, unit);
        continue;
      }
      yield {
        file: unit.file.file,
        rule: unit.rule.id,
        range: unit.node.id.range,
        message: `rule \`${twin.rule.id}\` has the same guards and patterns`,
        help: "keep one of them, with the sources of both",
        related: [{ file: twin.file.file, range: twin.node.id.range, message: "the other rule" }],
      };
    }
  },
};

/** Everything that decides what a rule matches, without places and names of captures and classes. */
function languageOf({ rule }: RuleUnit, meanings: ClassMeanings): string {
  const { kind, guards, states } = rule;
  const captures = new Map<string, string>();
  const asked = guards.map((guard) => JSON.stringify(guard, orderless)).sort();
  return JSON.stringify({ kind, guards: asked, states }, (key, value: unknown) => {
    if (key === "line") return undefined;
    if (key === "class") return meanings.of(value as ClassId);
    if (key === "past" || key === "without")
      return (value as readonly ClassId[]).map((id) => meanings.of(id)).sort();
    if (key !== "capture" || typeof value !== "string") return value;
    if (!captures.has(value)) captures.set(value, `#${captures.size}`);
    return captures.get(value);
  });
}

/** Values in a list are a set; the line is a place. */
const orderless = (key: string, value: unknown): unknown => {
  if (key === "line") return undefined;
  return Array.isArray(value) ? [...value].sort() : value;
};

/** Numbers classes so that those made of the same parts have the same number, whatever their names. */
class ClassMeanings {
  readonly #classes: RuleSet["classes"];
  readonly #numbers = new Map<string, number>();
  readonly #known: (number | undefined)[] = [];

  constructor(classes: RuleSet["classes"]) {
    this.#classes = classes;
  }

  of(id: ClassId): number {
    let number = this.#known[id];
    if (number === undefined) {
      number = this.#ofExpr(this.#classes[id]!.expr);
      this.#known[id] = number;
    }
    return number;
  }

  #ofExpr(expr: ClassExpr): number {
    switch (expr.kind) {
      case "class":
        return this.of(expr.class);
      case "glob":
        return this.#numberOf(`${expr.field} ${expr.glob}`);
      case "not":
        return this.#numberOf(`not ${this.#ofExpr(expr.of)}`);
      default: {
        const parts = [...new Set(expr.of.map((part) => this.#ofExpr(part)))].sort((a, b) => a - b);
        return parts.length === 1 ? parts[0]! : this.#numberOf(`${expr.kind} ${parts.join(" ")}`);
      }
    }
  }

  #numberOf(key: string): number {
    const known = this.#numbers.get(key) ?? this.#numbers.size;
    this.#numbers.set(key, known);
    return known;
  }
}
