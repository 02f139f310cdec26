import type { Check, RuleUnit } from "./check.ts";

/** twin-rules. The same question asked twice gives every finding twice. */
export const twinRules: Check = {
  code: "twin-rules",
  *run({ rules }) {
    const first = new Map<string, RuleUnit>();
    for (const unit of rules) {
      const key = languageOf(unit);
      const twin = first.get(key);
      if (twin === undefined) {
        first.set(key, unit);
        continue;
      }
      yield {
        file: unit.file.file,
        rule: unit.rule.id,
        range: unit.node.id.range,
        message: `rule \`${twin.rule.id}\` has the same status, guards and patterns`,
        help: "keep one of them, with the sources of both",
        related: [{ file: twin.file.file, range: twin.node.id.range, message: "the other rule" }],
      };
    }
  },
};

/** Everything that decides what a rule matches, without places and names of captures. */
function languageOf({ rule }: RuleUnit): string {
  const { status, kind, guards, states } = rule;
  const captures = new Map<string, string>();
  return JSON.stringify({ status, kind, guards, states }, (key, value: unknown) => {
    if (key === "line") return undefined;
    if (key !== "capture" || typeof value !== "string") return value;
    if (!captures.has(value)) captures.set(value, `#${captures.size}`);
    return captures.get(value);
  });
}
