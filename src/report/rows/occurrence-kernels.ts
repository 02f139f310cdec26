import type { Occurrence } from "../../model/finding.ts";
import type { KernelGraph } from "../../model/kernel-graph.ts";
import type { PatternStep, Rule, RuleSet, StateName } from "../../model/rule.ts";
import type { Nanoseconds, Row } from "../../model/units.ts";

/** Kernels of one name that stand at one step of a rule's picture. */
export interface StepKernels {
  readonly state: StateName;
  /** Index of the step within its pattern. */
  readonly at: number;
  /** The rule's own word for the step: its capture, else its class. */
  readonly step: string;
  readonly capture: string | null;
  /** Index into Trace.kernelNames. */
  readonly name: number;
  launches: number;
  time: Nanoseconds;
  readonly rows: Row[];
}

/** What stands where in a rule's occurrences: by state, step, then most time first. */
export function stepKernels(
  rule: Rule,
  classes: RuleSet["classes"],
  graph: KernelGraph,
  occurrences: readonly Occurrence[],
): readonly StepKernels[] {
  const { gpu, kernelNames } = graph.trace;
  const found = new Map<string, StepKernels>();
  for (const { state, pattern, rows } of occurrences) {
    const steps = stepsOf(rule, pattern);
    for (const [at, stepRows] of rows.entries()) {
      const { capture, class: classId } = steps[at]!;
      const step = capture ?? classes[classId]!.name.split(".").at(-1)!;
      for (const row of stepRows) {
        const name = gpu.name[row]!;
        const key = JSON.stringify([state, at, step, name]);
        let sum = found.get(key);
        if (sum === undefined) {
          sum = { state, at, step, capture, name, launches: 0, time: 0, rows: [] };
          found.set(key, sum);
        }
        sum.launches += 1;
        sum.time += gpu.duration[row]!;
        sum.rows.push(row);
      }
    }
  }
  const text = ({ name }: StepKernels): string => kernelNames[name]!.demangled;
  return [...found.values()].sort(
    (a, b) =>
      STATE_ORDER[a.state] - STATE_ORDER[b.state] ||
      a.at - b.at ||
      b.time - a.time ||
      (text(a) < text(b) ? -1 : 1),
  );
}

/** What is still to do comes first. */
const STATE_ORDER: Record<StateName, number> = { split: 0, partial: 1, active: 2 };

function stepsOf(rule: Rule, pattern: number): readonly PatternStep[] {
  const drawn = rule.states[pattern]!.pattern;
  return drawn.kind === "overlap" ? [drawn.first, drawn.second] : drawn.steps;
}
