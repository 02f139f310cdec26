import { diffSides } from "../commands/diff.ts";
import { parseBudget } from "../diff/budgets.ts";
import { parseDiffGate } from "../diff/gates.ts";
import { DEFAULT_THRESHOLDS } from "../diff/noise.ts";
import type { Diff } from "../model/contracts/diff.ts";
import type { Gate } from "../model/options.ts";
import { analysisOf, type TriageOptions } from "./options.ts";

export interface DiffOptions extends Omit<TriageOptions, "mapping" | "allRanks" | "failOn"> {
  /** "decode.gpuTime<=+2%" and the like; how each was judged stands in the comparison. */
  readonly budgets?: readonly string[];
  /** "regression", "kernel-slower>2%" …; how each was judged is returned. */
  readonly failOn?: readonly string[];
  /** Changes below this percentage are negligible. */
  readonly minChangePct?: number;
}

/**
 * What changed between two traces or stored reports beyond noise, as `triage diff` tells it.
 *
 * @param before trace, folder of traces, or report stored as JSON; so `after`
 * @throws {TriageError} for a side, a budget or a gate that cannot be used
 */
export function diff(
  before: string,
  after: string,
  options: DiffOptions = {},
): Promise<{ readonly diff: Diff; readonly gates: readonly Gate[] }> {
  const { budgets = [], failOn = [], minChangePct, ...rest } = options;
  const { inputs: _, formal: __, mapping: ___, ...analyze } = analysisOf([], rest);
  return diffSides({
    ...{ before, after },
    budgets: budgets.map(parseBudget),
    gates: failOn.map(parseDiffGate),
    thresholds: {
      ...DEFAULT_THRESHOLDS,
      minChangePct: minChangePct ?? DEFAULT_THRESHOLDS.minChangePct,
    },
    // All rows, unless told otherwise: a row that one side hides would look lost.
    analyze: { ...analyze, minSharePct: rest.minSharePct ?? 0 },
  });
}
