import type { CstNode } from "chevrotain";
import type { StateName } from "../../model/rule.ts";
import type {
  ConditionNode,
  FieldOfNode,
  LinkNode,
  PatternNode,
  QuantifierNode,
  RepeatNode,
  StateNode,
  StepNode,
} from "../ast.ts";
import type { Remarks } from "../remarks.ts";
import { buildRef } from "./build-class.ts";
import {
  duration,
  int,
  mustNode,
  mustToken,
  node,
  nodes,
  oneOf,
  percent,
  placeOf,
  token,
  tokens,
  word,
} from "./cst.ts";

const STATES = { Active: "active", Partial: "partial", Split: "split" } as const;

export function stateName(parent: CstNode): StateName {
  return STATES[oneOf(mustNode(parent, "stateName"), ["Active", "Partial", "Split"])];
}

export function buildState(from: CstNode, remarks: Remarks): StateNode {
  const repeat = node(from, "repeatAtLeast");
  return {
    kind: "state",
    range: placeOf(from),
    state: stateName(from),
    pattern: buildPattern(from, remarks),
    where: nodes(from, "condition").map(buildCondition),
    repeat: repeat === null ? null : buildRepeat(repeat, remarks),
  };
}

function buildRepeat(from: CstNode, remarks: Remarks): RepeatNode {
  return {
    kind: "repeat-at-least",
    range: placeOf(from),
    min: int(mustToken(from, "Int"), remarks),
  };
}

function buildPattern(state: CstNode, remarks: Remarks): PatternNode {
  const anyOrder = node(state, "anyOrder");
  if (anyOrder !== null)
    return {
      kind: "any-order",
      range: placeOf(anyOrder),
      steps: steps(anyOrder, remarks),
      within: int(mustToken(anyOrder, "Int"), remarks),
    };
  const overlap = node(state, "overlap");
  if (overlap !== null) return buildOverlap(overlap, remarks);
  const chain = mustNode(state, "chain");
  return {
    kind: "chain",
    range: placeOf(chain),
    steps: steps(chain, remarks),
    links: nodes(chain, "link").map((link) => buildLink(link, remarks)),
  };
}

function buildOverlap(from: CstNode, remarks: Remarks): PatternNode {
  const [first, second] = steps(from, remarks);
  const least = token(from, "Percent");
  return {
    kind: "overlap",
    range: placeOf(from),
    first: first!,
    second: second!,
    least: least === null ? null : percent(least),
  };
}

const steps = (parent: CstNode, remarks: Remarks): StepNode[] =>
  nodes(parent, "step").map((step) => buildStep(step, remarks));

function buildStep(from: CstNode, remarks: Remarks): StepNode {
  const capture = token(from, "Word");
  const quantifier = node(from, "quantifier");
  return {
    kind: "step",
    range: placeOf(from),
    class: buildRef(mustNode(from, "ref")),
    capture: capture === null ? null : word(capture),
    quantifier: quantifier === null ? null : buildQuantifier(quantifier, remarks),
  };
}

function buildQuantifier(from: CstNode, remarks: Remarks): QuantifierNode {
  const range = placeOf(from);
  const [min, max] = tokens(from, "Int").map((bound) => int(bound, remarks).value);
  if (min === undefined) return { kind: "quantifier", range, min: 0, max: 1 };
  return { kind: "quantifier", range, min, max: max ?? min };
}

function buildLink(from: CstNode, remarks: Remarks): LinkNode {
  const options = nodes(from, "linkOption");
  const having = (keyword: string): CstNode | null => {
    const [first, second] = options.filter((option) => token(option, keyword) !== null);
    if (second !== undefined)
      remarks.error(
        "syntax",
        placeOf(second),
        `\`${keyword.toLowerCase()}\` appears twice between two steps`,
      );
    return first ?? null;
  };
  const skip = having("Skip");
  const gap = having("Gap");
  const refs = (option: CstNode | null) =>
    option === null ? [] : nodes(option, "ref").map(buildRef);
  return {
    kind: "link",
    range: placeOf(from),
    skip: skip === null ? null : int(mustToken(skip, "Int"), remarks),
    gap: gap === null ? null : duration(mustToken(gap, "Duration")),
    without: refs(having("Without")),
    past: refs(having("Past")),
  };
}

function buildCondition(from: CstNode): ConditionNode {
  const [left, right] = nodes(from, "fieldOf").map(buildFieldOf);
  return {
    kind: "condition",
    range: placeOf(from),
    left: left!,
    equal: token(from, "Equal") !== null,
    right: right!,
  };
}

function buildFieldOf(from: CstNode): FieldOfNode {
  const [capture, field] = tokens(from, "Word").map(word);
  return { kind: "field-of", range: placeOf(from), capture: capture!, field: field! };
}
