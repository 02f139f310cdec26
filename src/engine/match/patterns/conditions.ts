import type { Condition, ConditionField, PatternStep } from "../../../model/rule.ts";
import type { KernelGraph } from "../../../model/trace/kernel-graph.ts";
import { kernelNameAt } from "../../../model/trace/trace.ts";
import type { Row } from "../../../model/trace/units.ts";
import type { LayerLookup } from "../layer-lookup.ts";
import type { Truth } from "../verdicts/guards.ts";

/** A `where` condition with its captures resolved to step indexes of one pattern. */
export interface PlanCondition {
  readonly left: { readonly step: number; readonly field: ConditionField };
  readonly right: { readonly step: number; readonly field: ConditionField };
  readonly equal: boolean;
}

/** @throws Error when a capture does not name a step of the pattern; the checker refuses such rules. */
export function planConditions(
  conditions: readonly Condition[],
  steps: readonly PatternStep[],
): readonly PlanCondition[] {
  const stepOf = (capture: string): number => {
    const step = steps.findIndex((candidate) => candidate.capture === capture);
    if (step < 0) throw new Error(`where names '${capture}', which no step captures`);
    return step;
  };
  return conditions.map(({ left, right, equal }) => ({
    left: { step: stepOf(left.capture), field: left.field },
    right: { step: stepOf(right.capture), field: right.field },
    equal,
  }));
}

/** Value of a condition field for a kernel, null where the trace does not tell. */
export function fieldValue(
  graph: KernelGraph,
  layers: LayerLookup | null,
  row: Row,
  field: ConditionField,
): string | null {
  const { trace } = graph;
  const stream = trace.gpu.stream[row]!;
  const site = graph.sites[graph.siteOf[row]!]!;
  switch (field) {
    case "stream":
      return String(stream);
    case "device":
      return String(trace.streams[stream]!.device);
    case "name":
      return kernelNameAt(trace, row).demangled;
    case "op":
      return site.cpuOp;
    case "scope":
      return site.modulePath ?? site.module;
    case "layer": {
      const layer = layers?.(row) ?? -1;
      return layer < 0 ? null : String(layer);
    }
  }
}

/**
 * A condition over captures of several kernels asks it of every pair; an absent capture has none
 * to ask. False beats unknown.
 */
export function conditionTruth(
  condition: PlanCondition,
  rowsOfStep: (step: number) => readonly Row[],
  value: (row: Row, field: ConditionField) => string | null,
): Truth {
  let truth: Truth = "true";
  for (const leftRow of rowsOfStep(condition.left.step)) {
    const left = value(leftRow, condition.left.field);
    for (const rightRow of rowsOfStep(condition.right.step)) {
      const right = value(rightRow, condition.right.field);
      if (left === null || right === null) truth = "unknown";
      else if ((left === right) !== condition.equal) return "false";
    }
  }
  return truth;
}
