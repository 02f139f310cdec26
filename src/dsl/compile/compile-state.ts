import type { SourceRange } from "../../model/diagnostic.ts";
import {
  CONDITION_FIELDS,
  type Condition,
  type ConditionField,
  type Link,
  type Pattern,
  type PatternStep,
  type StatePattern,
} from "../../model/rule.ts";
import type { Nanoseconds } from "../../model/trace/units.ts";
import type {
  ConditionNode,
  DurationNode,
  FieldOfNode,
  IntNode,
  LinkNode,
  RefNode,
  StateNode,
  StepNode,
} from "../ast.ts";
import { didYouMean } from "../parse/messages.ts";
import type { Remarks } from "../remarks.ts";
import type { ClassTable, Scope } from "./class-table.ts";

/** Bounds that keep the automaton small; far beyond what any sound rule asks for. */
const MOST = { skip: 64, repeats: 64, within: 1024, steps: 64, kernels: 512 } as const;

interface StateContext {
  readonly table: ClassTable;
  readonly scope: Scope;
  readonly remarks: Remarks;
}

export function compileState(node: StateNode, context: StateContext): StatePattern | null {
  const { remarks } = context;
  const before = remarks.fatal;
  const pattern = compilePattern(node, context);
  const steps = stepsOf(node);
  checkCaptures(steps, remarks);
  const where = node.where.map((condition) => compileCondition(condition, steps, remarks));
  const min = node.repeat === null ? 1 : atLeastOne(node.repeat.min, "repeat", remarks);
  if (remarks.fatal > before) return null;
  return {
    line: node.range.line,
    state: node.state,
    pattern,
    where: where as Condition[],
    repeat: { min },
  };
}

/** All steps of a pattern, in the order they are written. */
export function stepsOf({ pattern }: StateNode): readonly StepNode[] {
  return pattern.kind === "overlap" ? [pattern.first, pattern.second] : pattern.steps;
}

function compilePattern({ pattern }: StateNode, context: StateContext): Pattern {
  const { remarks } = context;
  if (pattern.kind !== "overlap") boundedSteps(pattern, remarks);
  switch (pattern.kind) {
    case "chain": {
      const steps = pattern.steps.map((step) => compileStep(step, context));
      if (steps.every(({ min }) => min === 0))
        remarks.error("impossible-value", pattern.range, "a chain needs a step that must be there");
      return {
        kind: "chain",
        steps,
        links: pattern.links.map((link) => compileLink(link, context)),
      };
    }
    case "any-order": {
      const steps = pattern.steps.map((step) => compileStep(step, context));
      const within = bounded(pattern.within, "within", MOST.within, remarks);
      const needed = steps.reduce((sum, { min }) => sum + min, 0);
      if (within < needed)
        remarks.error(
          "impossible-value",
          pattern.within.range,
          `${needed} steps never fit into ${within} kernels`,
        );
      return { kind: "any-order", steps, within };
    }
    case "overlap": {
      for (const { quantifier } of [pattern.first, pattern.second])
        if (quantifier !== null)
          remarks.error(
            "impossible-value",
            quantifier.range,
            "an overlap is between two single kernels",
          );
      return {
        kind: "overlap",
        first: compileStep(pattern.first, context),
        second: compileStep(pattern.second, context),
        minShare: pattern.least?.share ?? 0,
      };
    }
  }
}

/** What a pattern costs grows with its steps, repeats counted. */
function boundedSteps(
  { steps, range }: { readonly steps: readonly StepNode[]; readonly range: SourceRange },
  remarks: Remarks,
): void {
  const kernels = steps.reduce((sum, { quantifier }) => sum + (quantifier?.max ?? 1), 0);
  if (steps.length > MOST.steps)
    remarks.error("impossible-value", range, `a pattern has at most ${MOST.steps} steps`);
  else if (kernels > MOST.kernels)
    remarks.error(
      "impossible-value",
      range,
      `a pattern takes at most ${MOST.kernels} kernels, repeats counted`,
    );
}

/** Stands for a class that does not exist, in a state that is never returned. */
const NO_CLASS = -1;

const classOf = (ref: RefNode, { table, scope, remarks }: StateContext) =>
  table.classOf(ref, scope, remarks) ?? NO_CLASS;

function compileStep(node: StepNode, context: StateContext): PatternStep {
  const { min, max } = node.quantifier ?? { min: 1, max: 1 };
  if (min > max || max === 0 || max > MOST.repeats)
    context.remarks.error(
      "impossible-value",
      node.quantifier!.range,
      `\`{${min}..${max}}\` asks for nothing; write least..most, at most ${MOST.repeats}`,
    );
  return {
    line: node.range.line,
    class: classOf(node.class, context),
    capture: node.capture?.text ?? null,
    min,
    max,
  };
}

function compileLink(node: LinkNode, context: StateContext): Link {
  const { skip, gap, without, past } = node;
  return {
    line: node.range.line,
    skip: skip === null ? 0 : bounded(skip, "skip", MOST.skip, context.remarks),
    past: past.map((ref) => classOf(ref, context)),
    gap: gap === null ? null : wholeNs(gap, context.remarks),
    without: without.map((ref) => classOf(ref, context)),
  };
}

function bounded(node: IntNode, what: string, most: number, remarks: Remarks): number {
  if (node.value > most)
    remarks.error("impossible-value", node.range, `\`${what}\` goes up to ${most}`);
  return node.value;
}

function atLeastOne(node: IntNode, what: string, remarks: Remarks): number {
  if (node.value < 1) remarks.error("impossible-value", node.range, `\`${what}\` starts at 1`);
  return node.value;
}

/** Times are whole nanoseconds everywhere. */
export function wholeNs({ ns, text, range }: DurationNode, remarks: Remarks): Nanoseconds {
  if (!Number.isSafeInteger(ns))
    remarks.error("impossible-value", range, `${text} is not a whole number of nanoseconds`);
  return ns;
}

function checkCaptures(steps: readonly StepNode[], remarks: Remarks): void {
  const seen = new Set<string>();
  for (const { capture } of steps) {
    if (capture === null) continue;
    if (seen.has(capture.text))
      remarks.error(
        "duplicate-name",
        capture.range,
        `two steps are captured as \`${capture.text}\``,
      );
    seen.add(capture.text);
  }
}

function compileCondition(
  { left, equal, right }: ConditionNode,
  steps: readonly StepNode[],
  remarks: Remarks,
): Condition | null {
  const captures = steps.flatMap(({ capture }) => (capture === null ? [] : [capture.text]));
  const [a, b] = [left, right].map((side) => compileSide(side, captures, remarks));
  return a && b ? { left: a, equal, right: b } : null;
}

function compileSide(
  { capture, field }: FieldOfNode,
  captures: readonly string[],
  remarks: Remarks,
): Condition["left"] | null {
  const { text } = capture;
  if (!captures.includes(text)) {
    const message = `no step of this pattern is captured as \`${text}\``;
    remarks.error("broken-reference", capture.range, message, didYouMean(text, captures));
    return null;
  }
  if (!(CONDITION_FIELDS as readonly string[]).includes(field.text)) {
    const message = `captured kernels cannot be compared by \`${field.text}\``;
    const help = `use one of ${CONDITION_FIELDS.join(", ")}`;
    remarks.error("unknown-word", field.range, message, {
      help,
      ...didYouMean(field.text, CONDITION_FIELDS),
    });
    return null;
  }
  return { capture: text, field: field.text as ConditionField };
}
