import { quote } from "../../../base/quote.ts";
import type { KernelRowNode, RowNode, RuleNode, TestNode } from "../../../dsl/ast.ts";
import { kernelRowsOf } from "../../../dsl/compile/vary-test.ts";
import type { Place } from "../../../engine/mutation/name-holder.ts";
import type { TestBench } from "../../../engine/mutation/test-bench.ts";
import type { Occurrence } from "../../../model/finding.ts";
import type { PatternStep, Rule, RuleSet, RuleTest } from "../../../model/rule.ts";
import { className } from "../../../model/rule-text.ts";
import type { Nanoseconds } from "../../../model/trace/units.ts";

/** A test of the rule that matches, and which of its rows make the pattern: what to vary. */
export interface Picture {
  readonly base: TestNode;
  readonly test: RuleTest;
  /** Index into the rule's states. */
  readonly pattern: number;
  /** Rows by pattern step, as written; an optional step may have none. */
  readonly steps: readonly (readonly KernelRowNode[])[];
  readonly rows: readonly KernelRowNode[];
  /** GPU time of all that the rule found in the test. */
  readonly relatedNs: Nanoseconds;
}

/** One picture for each test and pattern it shows, shortest tests first. */
export function picturesOf(rule: Rule, node: RuleNode, bench: TestBench): readonly Picture[] {
  const found = node.tests.flatMap((base, index): Picture[] => {
    const test = rule.tests[index]!;
    if (base.like !== null || test.expect.match === null) return [];
    const written = writtenRows(base.rows);
    const rowOf = test.kernels
      .map((kernel, at) => ({ kernel, at }))
      .sort((a, b) => a.kernel.start - b.kernel.start || a.at - b.at)
      .map(({ at }) => written[at]!);
    const outcome = bench.answer(test);
    const occurrences = outcome?.occurrences ?? [];
    const patterns = [...new Set(occurrences.map(({ pattern }) => pattern))];
    return patterns.map((pattern) => {
      const these = occurrences.filter((one) => one.pattern === pattern);
      const { rows } = fullest(these);
      const steps = rows.map((step) => [...new Set(step.map((row) => rowOf[row]!))]);
      const all = kernelRowsOf(base.rows);
      return { base, test, pattern, steps, rows: all, relatedNs: outcome?.relatedNs ?? 0 };
    });
  });
  return found.sort((a, b) => a.rows.length - b.rows.length);
}

/** The occurrence in which most steps have a kernel. */
const fullest = (occurrences: readonly Occurrence[]): Occurrence =>
  occurrences.reduce((best, one) => (filled(one) > filled(best) ? one : best));
const filled = ({ rows }: Occurrence): number => rows.filter((step) => step.length > 0).length;

/** The row each kernel of a test was written as, kernels in the order the test makes them. */
function writtenRows(rows: readonly RowNode[]): readonly KernelRowNode[] {
  return rows.flatMap((row) => {
    if (row.kind === "on") return [row];
    if (row.kind !== "repeat") return [];
    return Array.from({ length: row.times.value }, () => writtenRows(row.rows)).flat();
  });
}

/** How a varied test calls a row of its base. */
export function refOf(row: KernelRowNode, rows: readonly KernelRowNode[]): string {
  const name = row.name.text;
  const same = rows.filter((one) => one.name.text === name);
  const nth = same.length < 2 ? "" : ` ${same.indexOf(row) + 1}`;
  const others = rows.filter((one) => one.name.text !== name);
  const word = [functionWord(name), ...inner(name)].find(
    (one) => one.length >= SHORTEST && others.every((other) => !other.name.text.includes(one)),
  );
  return `${quote(word === undefined || word === name ? name : `*${word}*`)}${nth}`;
}

/** Letters of a piece that is worth calling a kernel by. */
const SHORTEST = 5;

/** The function's own name: without namespaces, return type and arguments. */
export function functionWord(name: string): string {
  const plain = name.replace(/\(anonymous namespace\)::/g, "").replace(/[<(].*$/s, "");
  return (
    plain
      .slice(plain.lastIndexOf(":") + 1)
      .split(" ")
      .at(-1) ?? name
  );
}

/** Names among its arguments: functors tell kernels of one template apart. */
const inner = (name: string): readonly string[] => name.match(/[A-Za-z_]\w*/g) ?? [];

/** What the rule calls a step. */
export function stepName(ruleSet: Pick<RuleSet, "classes">, step: PatternStep): string {
  if (step.capture !== null) return step.capture.replace(/[-_]/g, " ");
  return className(ruleSet, step.class).split(".").at(-1)!.replace(/[-_]/g, " ");
}

export const placeOf = ({ op, scope, frame }: KernelRowNode): Place => ({
  op: op?.text ?? null,
  scope: scope?.text ?? null,
  frame: frame?.text ?? null,
});
