import type { CstNode } from "chevrotain";
import type { RuleKind } from "../../model/rule.ts";
import type {
  DayNode,
  GuardNode,
  IntNode,
  ListNode,
  Node,
  RuleNode,
  SectionNode,
  SourceNode,
  StatusNode,
  TextNode,
  WordNode,
} from "../ast.ts";
import type { Remarks } from "../remarks.ts";
import { buildLet } from "./build-class.ts";
import { buildState, stateName } from "./build-state.ts";
import { buildTest, buildValue } from "./build-test.ts";
import {
  childrenOf,
  day,
  int,
  mustToken,
  nodes,
  oneOf,
  percent,
  placeOf,
  text,
  token,
  tokens,
  word,
} from "./cst.ts";
import { didYouMean } from "./messages.ts";

export function buildRule(from: CstNode, remarks: Remarks): RuleNode {
  const all = childrenOf(nodes(from, "section"));
  const one = <Built>(rule: string, build: (section: CstNode) => Built): Built | null => {
    const [first, ...others] = all(rule);
    for (const other of others)
      remarks.error("syntax", placeOf(other), `\`${rule}\` appears twice in this rule`);
    return first === undefined ? null : build(first);
  };
  const [id, ruleKind] = tokens(from, "Word").map(word);
  const quoted = (section: CstNode) =>
    sectionOf(section, text(mustToken(section, "Quoted"), remarks));
  const words = (section: CstNode) => listOf(section, tokens(section, "Word").map(word));
  return {
    kind: "rule",
    range: placeOf(from),
    id: id!,
    ruleKind: readKind(ruleKind!, remarks),
    title: one("title", quoted),
    status: one("status", (section) => buildStatus(section, remarks)),
    since: one("since", (section) => sectionOf(section, dayOrText(section, remarks))),
    owner: one("owner", quoted),
    rev: one("rev", (section) => sectionOf(section, intOrText(section, remarks))),
    tags: one("tags", (section) => listOf(section, tagsOf(section, remarks))),
    sources: all("source").map((section) => buildSource(section, remarks)),
    refs: all("refs").flatMap((section) => refsOf(section, remarks)),
    when: one("when", (section) => listOf(section, guardsOf(section, remarks))),
    lets: all("let").map((section) => buildLet(section, remarks)),
    states: all("state").map((section) => buildState(section, remarks)),
    report: one("report", (section) => sectionOf(section, percent(mustToken(section, "Percent")))),
    subsumes: one("subsumes", words),
    conflicts: one("conflicts", words),
    saves: one("saves", words),
    toggle: one("toggle", quoted),
    messages: all("message").map((section) => ({
      kind: token(section, "Verdict") === null ? "advice" : "verdict",
      range: placeOf(section),
      state: stateName(section),
      template: text(mustToken(section, "Quoted"), remarks),
    })),
    tests: all("test").map((section) => buildTest(section, remarks)),
  };
}

const sectionOf = <Value extends Node>(section: CstNode, value: Value): SectionNode<Value> => ({
  kind: "section",
  range: placeOf(section),
  value,
});
const listOf = <Value extends Node>(section: CstNode, values: Value[]): ListNode<Value> => ({
  kind: "list",
  range: placeOf(section),
  values,
});

const RULE_KINDS: readonly RuleKind[] = ["fusion", "overlap"];

function readKind(found: WordNode, remarks: Remarks): RuleNode["ruleKind"] {
  const value = RULE_KINDS.find((kind) => kind === found.text);
  if (value !== undefined) return { range: found.range, value };
  remarks.error(
    "syntax",
    found.range,
    `expected the kind of rule, \`fusion\` or \`overlap\`, found \`${found.text}\``,
    didYouMean(found.text, RULE_KINDS),
  );
  return null;
}

const STATUSES = {
  Mainline: "mainline",
  InFlight: "in-flight",
  Experimental: "experimental",
  Deprecated: "deprecated",
} as const;

function buildStatus(from: CstNode, remarks: Remarks): StatusNode {
  const checked = token(from, "Day");
  const replacedBy = token(from, "Word");
  return {
    kind: "status",
    range: placeOf(from),
    value: STATUSES[oneOf(from, ["Mainline", "InFlight", "Experimental", "Deprecated"])],
    prs: tokens(from, "Quoted").map((quoted) => text(quoted, remarks)),
    checked: checked === null ? null : day(checked),
    replacedBy: replacedBy === null ? null : word(replacedBy),
  };
}

function dayOrText(from: CstNode, remarks: Remarks): DayNode | TextNode {
  const found = token(from, "Day");
  return found === null ? text(mustToken(from, "Quoted"), remarks) : day(found);
}

function intOrText(from: CstNode, remarks: Remarks): IntNode | TextNode {
  const found = token(from, "Int");
  return found === null ? text(mustToken(from, "Quoted"), remarks) : int(found, remarks);
}

function tagsOf(from: CstNode, remarks: Remarks): (WordNode | TextNode)[] {
  const words = tokens(from, "Word").map(word);
  const texts = tokens(from, "Quoted").map((quoted) => text(quoted, remarks));
  return [...words, ...texts].sort((a, b) => a.range.start - b.range.start);
}

/** One node per link; the first takes the keyword with it. */
function refsOf(from: CstNode, remarks: Remarks): SectionNode<TextNode>[] {
  const start = placeOf(from);
  return tokens(from, "Quoted").map((quoted, index) => {
    const value = text(quoted, remarks);
    const range = index === 0 ? { ...start, end: value.range.end } : value.range;
    return { kind: "section", range, value };
  });
}

/** `source REPO [@ COMMIT] [since VERSION] [until VERSION] TARGET`: the last quoted text is the target. */
function buildSource(from: CstNode, remarks: Remarks): SourceNode {
  const [repo, commitWord] = tokens(from, "Word").map(word);
  const texts = tokens(from, "Quoted").map((quoted) => text(quoted, remarks));
  const version = (part: "sourceSince" | "sourceUntil"): TextNode | null => {
    const quoted = nodes(from, part).flatMap((one) => tokens(one, "Quoted"))[0];
    return quoted === undefined ? null : text(quoted, remarks);
  };
  return {
    kind: "source",
    range: placeOf(from),
    repo: repo!,
    commit: commitWord ?? (texts.length > 1 ? texts[0]! : null),
    since: version("sourceSince"),
    until: version("sourceUntil"),
    target: texts.at(-1)!,
  };
}

const guardsOf = (from: CstNode, remarks: Remarks): GuardNode[] =>
  nodes(from, "guardLine").flatMap((line) =>
    nodes(line, "guard").map((guard) => buildGuard(guard, remarks)),
  );

function buildGuard(from: CstNode, remarks: Remarks): GuardNode {
  return {
    kind: "guard",
    range: placeOf(from),
    fact: word(mustToken(from, "Word")),
    test: buildGuardTest(from, remarks),
  };
}

function buildGuardTest(from: CstNode, remarks: Remarks): GuardNode["test"] {
  const values = nodes(from, "value").map((value) => buildValue(value, remarks));
  if (token(from, "In") !== null) return { op: "in", values };
  if (token(from, "Like") !== null) {
    const [globs, except] = nodes(from, "globs").map((list) =>
      tokens(list, "Quoted").map((quoted) => text(quoted, remarks)),
    );
    return { op: "like", globs: globs!, except: except ?? [] };
  }
  const comparator = token(from, "Comparator")?.image as ">=" | "<=" | ">" | "<" | undefined;
  return { op: comparator ?? "=", value: values[0]! };
}
