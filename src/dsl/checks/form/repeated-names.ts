import type { TextNode, WordNode } from "../../ast.ts";
import { type Check, ruleCheck } from "../check.ts";

/** duplicate-name. What is listed twice was meant to be something else the second time. */
export const repeatedNames = ruleCheck("duplicate-name", function* ({ node }) {
  const sources = node.sources.map(({ repo, target, commit }) => ({
    text: [repo.text, commit?.text ?? "", target.text].join(" "),
    range: target.range,
  }));
  const conflicting = [...(node.subsumes?.values ?? []), ...(node.conflicts?.values ?? [])];
  const lists: readonly [
    what: string,
    list: readonly Pick<TextNode | WordNode, "text" | "range">[],
  ][] = [
    ["source", sources],
    ["address", node.refs.map(({ value }) => value)],
    ["rule", conflicting],
    ["capture", node.saves?.values ?? []],
    ["tag", node.tags?.values ?? []],
  ];
  for (const [what, list] of lists)
    for (const [index, { text, range }] of list.entries())
      if (list.findIndex((one) => one.text === text) < index)
        yield {
          range,
          message: `this ${what} is named twice`,
          help:
            what === "rule"
              ? "what a rule subsumes it never conflicts with: keep one of the two"
              : "remove one of the two, or name the other that was meant",
        };
});

/** duplicate-name. Two rows of a report must be told apart by what they say. */
export const repeatedTitles: Check = {
  code: "duplicate-name",
  *run({ rules }) {
    const first = new Map<string, (typeof rules)[number]>();
    for (const unit of rules) {
      const { node, rule, file } = unit;
      const key = `${rule.kind} ${rule.origin} ${rule.title.toLowerCase()}`;
      const other = first.get(key);
      if (other === undefined) first.set(key, unit);
      else
        yield {
          file: file.file,
          rule: rule.id,
          range: node.title!.value.range,
          message: `\`${other.rule.id}\` has the same title`,
          help: "say what this rule is about that the other is not",
          related: [
            {
              file: other.file.file,
              range: other.node.title!.value.range,
              message: "the other title",
            },
          ],
        };
    }
  },
};
