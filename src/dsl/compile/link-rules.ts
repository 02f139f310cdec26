import { compareText } from "../../base/compare-text.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Rule } from "../../model/rule.ts";
import type { RuleNode, WordNode } from "../ast.ts";
import { didYouMean } from "../parse/messages.ts";
import { Remarks } from "../remarks.ts";
import type { PlacedFile } from "./scopes.ts";

/**
 * Rules by id, each id once, with only those relations that lead to a rule of the set and no
 * cycle in `subsumes`. What is cut is reported, unless its target was left out for errors of its own.
 */
export function linkRules(
  rules: readonly Rule[],
  files: readonly PlacedFile[],
  diagnostics: Diagnostic[],
): Rule[] {
  const written = new Map<string, { node: RuleNode; file: string }>();
  for (const { name, ast } of files)
    for (const node of ast.rules) written.set(`${name} ${node.id.text}`, { node, file: ast.file });
  const nodeOf = (rule: Rule) => written.get(`${rule.file} ${rule.id}`)!;
  const known = new Set([...written.values()].map(({ node }) => node.id.text));
  const unique = withoutDuplicates(rules, nodeOf, diagnostics);
  const ids = new Set(unique.map(({ id }) => id));
  const keep = (rule: Rule, words: readonly WordNode[] | undefined): string[] => {
    const remarks = new Remarks(nodeOf(rule).file, diagnostics, rule.id);
    return (words ?? []).flatMap(({ text, range }) => {
      if (!known.has(text))
        remarks.blemish(
          "broken-reference",
          range,
          `no rule is called \`${text}\``,
          didYouMean(text, known),
        );
      return ids.has(text) ? [text] : [];
    });
  };
  const linked = unique.map((rule) => {
    const { node } = nodeOf(rule);
    const { replacedBy } = node.status!;
    return {
      ...rule,
      replacedBy: keep(rule, replacedBy === null ? [] : [replacedBy])[0] ?? null,
      subsumes: keep(rule, node.subsumes?.values),
      conflicts: keep(rule, node.conflicts?.values),
    };
  });
  return withoutCycles(linked, nodeOf, diagnostics);
}

type NodeOf = (rule: Rule) => { readonly node: RuleNode; readonly file: string };

/** Ids are compared without case, as they become file names and anchors. */
function withoutDuplicates(
  rules: readonly Rule[],
  nodeOf: NodeOf,
  diagnostics: Diagnostic[],
): Rule[] {
  const first = new Map<string, Rule>();
  for (const rule of rules) {
    const key = rule.id.toLowerCase();
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, rule);
      continue;
    }
    const { node, file } = nodeOf(rule);
    new Remarks(file, diagnostics, rule.id).error(
      "duplicate-name",
      node.id.range,
      `rule \`${rule.id}\` exists already`,
      {
        related: [
          {
            file: nodeOf(earlier).file,
            range: nodeOf(earlier).node.id.range,
            message: "first here",
          },
        ],
      },
    );
  }
  return [...first.values()].sort((a, b) => compareText(a.id, b.id));
}

/** Depth first in the order of ids; the relation that closes a circle is cut. */
function withoutCycles(rules: readonly Rule[], nodeOf: NodeOf, diagnostics: Diagnostic[]): Rule[] {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const done = new Map<string, Rule>();
  const open: string[] = [];
  const visit = (rule: Rule): void => {
    if (done.has(rule.id)) return;
    open.push(rule.id);
    const subsumes = rule.subsumes.filter((id) => {
      if (!open.includes(id)) {
        visit(byId.get(id)!);
        return true;
      }
      const { node, file } = nodeOf(rule);
      const { range } = node.subsumes!.values.find(({ text }) => text === id)!;
      const circle = [...open.slice(open.indexOf(id)), id].join(" -> ");
      new Remarks(file, diagnostics, rule.id).blemish(
        "subsumes-order",
        range,
        `\`subsumes\` goes round in a circle: ${circle}`,
      );
      return false;
    });
    open.pop();
    done.set(rule.id, { ...rule, subsumes });
  };
  for (const rule of rules) visit(rule);
  return rules.map(({ id }) => done.get(id)!);
}
