import { ruleCheck } from "../check.ts";

/** deprecated-use. */
export const deprecatedUse = ruleCheck("deprecated-use", function* ({ node, rule }, { rules }) {
  if (rule.status === "deprecated" && node.status?.replacedBy == null)
    yield {
      range: node.status!.range,
      message: "a deprecated rule names the one to use instead",
      help: "write: status deprecated use OTHER-RULE; a rule without successor is removed",
    };
  if (rule.status === "deprecated") return;
  for (const word of [...(node.subsumes?.values ?? []), ...(node.conflicts?.values ?? [])]) {
    const other = rules.find((unit) => unit.rule.id === word.text);
    if (other?.rule.status !== "deprecated") continue;
    yield {
      range: word.range,
      message: `\`${word.text}\` is deprecated and never claims a kernel`,
      help:
        other.rule.replacedBy === null
          ? "remove it here"
          : `name its successor \`${other.rule.replacedBy}\``,
    };
  }
});
