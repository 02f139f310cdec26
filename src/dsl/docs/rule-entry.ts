import type { Rule, RuleSource } from "../../model/rule.ts";
import type { Node } from "../ast.ts";
import type { RuleUnit } from "../checks/check.ts";
import { codeSpan, escapeMarkdown, link } from "./markdown.ts";

/** One rule of a catalogue. */
export function ruleEntry(unit: RuleUnit): string {
  const { rule, file } = unit;
  const facts = [
    ["Applies when", guardsOf(unit)],
    ["Sources", rule.sources.map((source) => `\n  - ${sourceLink(source)}`).join("")],
    ["Pull requests", pullRequests(rule)],
    ["Use instead", rule.replacedBy === null ? "" : entryLink(rule.replacedBy)],
    ["Switch", rule.toggle === null ? "" : codeSpan(rule.toggle)],
    ["Subsumes", rule.subsumes.map(entryLink).join(", ")],
    ["Beside", rule.conflicts.map(entryLink).join(", ")],
    ["Since", rule.since === null ? "" : escapeMarkdown(rule.since)],
    ["References", rule.refs.map((url) => `<${url}>`).join(", ")],
  ] as const;
  const advice = rule.messages.find(({ kind, state }) => kind === "advice" && state === "split");
  return [
    `#### ${rule.id}`,
    `${escapeMarkdown(rule.title)} ([rule](../rules/${file.path}))`,
    `\`\`\`fuse\n${statesOf(unit)}\n\`\`\``,
    facts
      .filter(([, text]) => text !== "")
      .map(([name, text]) => `- ${name}:${text.startsWith("\n") ? "" : " "}${text}`)
      .join("\n"),
    ...(advice === undefined ? [] : [escapeMarkdown(advice.template)]),
  ].join("\n\n");
}

/** The patterns as they are written, from their own margin. */
function statesOf({ node, file }: RuleUnit): string {
  return node.states
    .map((state) => {
      const margin = state.range.column - 1;
      const [first = "", ...rest] = written(state, file.text).split("\n");
      return [first, ...rest.map((line) => line.slice(Math.min(margin, indentOf(line))))].join(
        "\n",
      );
    })
    .join("\n");
}

const indentOf = (line: string): number => line.length - line.trimStart().length;

function guardsOf({ node, file }: RuleUnit): string {
  return (node.when?.values ?? []).map((guard) => codeSpan(written(guard, file.text))).join(", ");
}

const written = ({ range }: Node, text: string): string =>
  text.slice(range.start, range.end).replaceAll("\r\n", "\n");

export function sourceLink({ repo, url, path, symbol, commit, versions }: RuleSource): string {
  const label = codeSpan(symbol === null ? path : `${path}#${symbol}`);
  const at = commit === "" ? "" : `@${commit.slice(0, 7)}`;
  const { since = null, until = null } = versions ?? {};
  const span = [
    since === null ? "" : `, since ${since}`,
    until === null ? "" : `, gone in ${until}`,
  ].join("");
  return `${escapeMarkdown(`${repo}${at}`)} ${link(label, url)}${escapeMarkdown(span)}`;
}

function pullRequests({ prs, checked }: Rule): string {
  if (prs.length === 0) return "";
  const links = prs.map((pr) => {
    const [name = "", number = ""] = pr.split("#");
    return link(escapeMarkdown(pr), `https://github.com/${name}/pull/${number}`);
  });
  return `${links.join(", ")}${checked === null ? "" : `, looked at on ${checked}`}`;
}

/** Rules may be in either catalogue; the id is the anchor in both. */
const entryLink = (id: string): string => codeSpan(id);
