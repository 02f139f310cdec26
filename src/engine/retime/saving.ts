import type { ActionSaving } from "../../model/contracts/action.ts";
import type { Occurrence } from "../../model/finding.ts";
import type { Rule } from "../../model/rule.ts";
import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import { type Nanoseconds, percent, toUs } from "../../model/trace/units.ts";
import type { Limits } from "../limits/index.ts";
import { closingNs, fusionChains, withoutKernels } from "./chains.ts";
import type { Retiming, Saved } from "./retime.ts";

/** A saving as the report tells it; never more than the step. */
export function savingOf({ kernelNs, gapNs }: Saved, stepNs: Nanoseconds): ActionSaving {
  const kernel = Math.min(kernelNs, stepNs);
  const gap = Math.min(gapNs, stepNs - kernel);
  return { kernelUs: toUs(kernel), gapUs: toUs(gap), pctOfStep: percent(kernel + gap, stepNs) };
}

/** Tells what a fusion would save at its occurrences, by re-timing the trace without them. */
export type FusionSaver = (rule: Rule, occurrences: readonly Occurrence[]) => ActionSaving;

/** @param stepNs wall time of the stage without holes of the recording */
export function fusionSaver(
  { trace }: KernelGraph,
  retiming: Retiming,
  limits: Limits | null,
  stepNs: Nanoseconds,
): FusionSaver {
  return (rule, occurrences) => {
    const chains = fusionChains(rule, occurrences, trace.gpu, limits);
    const saved =
      chains.length === 0
        ? { kernelNs: 0, gapNs: 0 }
        : retiming.saved(
            withoutKernels(chains, () => true),
            closingNs(chains, trace.gpu),
          );
    return savingOf(saved, stepNs);
  };
}
