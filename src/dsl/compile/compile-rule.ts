import type { Guard, Message, Rule, RuleSource, RuleTest, StatePattern } from "../../model/rule.ts";
import type { DayNode, MessageNode, RuleNode, StatusNode, TextNode } from "../ast.ts";
import { didYouMean } from "../parse/messages.ts";
import type { Remarks } from "../remarks.ts";
import type { SourceLock } from "../source-lock.ts";
import type { ClassTable, Scope } from "./class-table.ts";
import { compileGuard } from "./compile-guard.ts";
import { compileSource } from "./compile-source.ts";
import { compileState, stepsOf } from "./compile-state.ts";
import { compileTest } from "./compile-test.ts";

export interface RulePlace {
  /** Path below the rules directory. */
  readonly path: string;
  readonly origin: string;
}

/** One rule, or null (and reported) when it cannot run. References to other rules are left as written. */
export function compileRule(
  node: RuleNode,
  place: RulePlace,
  table: ClassTable,
  scope: Scope,
  lock: SourceLock | null,
): Rule | null {
  const { remarks } = scope;
  requireParts(node, remarks);
  const compiled = {
    guards: node.when?.values.map((guard) => compileGuard(guard, remarks)) ?? [],
    states: node.states.map((state) => compileState(state, { table, scope, remarks })),
    sources: node.sources.map((source) => compileSource(source, lock, remarks)),
    messages: compileMessages(node.messages, remarks),
    saves: compileSaves(node, remarks),
    tests: node.tests.map((test) => compileTest(test, node.tests, remarks)),
  };
  checkStatus(node.status, remarks);
  const { title, status, ruleKind } = node;
  if (remarks.fatal > 0 || title === null || status === null || ruleKind === null) return null;
  return {
    id: node.id.text,
    kind: ruleKind.value,
    origin: place.origin,
    file: place.path,
    title: title.value.text,
    status: status.value,
    prs: status.prs.map(({ text }) => text),
    checked: status.checked?.text ?? null,
    replacedBy: status.replacedBy?.text ?? null,
    since: node.since?.value.text ?? null,
    owner: node.owner?.value.text ?? null,
    rev: revOf(node),
    refs: node.refs.map(({ value }) => value.text),
    tags: node.tags?.values.map(({ text }) => text) ?? [],
    sources: compiled.sources as RuleSource[],
    guards: compiled.guards as Guard[],
    states: compiled.states as StatePattern[],
    reportShare: node.report?.value.share ?? 0,
    subsumes: node.subsumes?.values.map(({ text }) => text) ?? [],
    conflicts: node.conflicts?.values.map(({ text }) => text) ?? [],
    messages: compiled.messages,
    toggle: node.toggle?.value.text ?? null,
    saves: compiled.saves,
    tests: compiled.tests as RuleTest[],
  };
}

function requireParts(node: RuleNode, remarks: Remarks): void {
  const lacks = (what: string) =>
    remarks.error("missing-part", node.id.range, `the rule has no ${what}`);
  if (node.title === null) lacks("`title`");
  if (node.status === null) lacks("`status`");
  if (node.states.length === 0) lacks("pattern: `active`, `partial` or `split`");
}

function revOf({ rev }: RuleNode): string | null {
  if (rev === null) return null;
  return rev.value.kind === "int" ? String(rev.value.value) : rev.value.text;
}

const PULL_REQUEST = /^[\w.-]+\/[\w.-]+#[1-9]\d*$/;

function checkStatus(status: StatusNode | null, remarks: Remarks): void {
  for (const { text, range } of status?.prs ?? [])
    if (!PULL_REQUEST.test(text))
      remarks.error("impossible-value", range, 'a pull request is written "owner/repo#123"');
  if (status !== null && status.checked !== null) checkDay(status.checked, remarks);
}

function checkDay({ text, range }: DayNode, remarks: Remarks): void {
  const time = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text)
    remarks.error("impossible-value", range, `${text} is not a day of the calendar`);
}

function compileMessages(nodes: readonly MessageNode[], remarks: Remarks): Message[] {
  const seen = new Set<string>();
  return nodes.map(({ kind, state, template, range }) => {
    const key = `${kind} ${state}`;
    if (seen.has(key))
      remarks.error("duplicate-name", range, `\`${key}\` appears twice in this rule`);
    seen.add(key);
    return { kind, state, template: (template satisfies TextNode).text };
  });
}

function compileSaves(node: RuleNode, remarks: Remarks): string[] | null {
  if (node.saves === null) return null;
  const captures = new Set(
    node.states.flatMap(stepsOf).flatMap(({ capture }) => (capture === null ? [] : capture.text)),
  );
  for (const { text, range } of node.saves.values)
    if (!captures.has(text))
      remarks.error(
        "broken-reference",
        range,
        `no step is captured as \`${text}\``,
        didYouMean(text, captures),
      );
  return node.saves.values.map(({ text }) => text);
}
