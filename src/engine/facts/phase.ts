import type { Fact } from "../../model/facts.ts";
import type { Step } from "../../model/trace/kernel-graph.ts";

/** Half of speculative decoding that a step's label names, null for any other step. */
function phaseOf(label: string): "draft" | "verify" | null {
  if (/verify/i.test(label)) return "verify";
  return /\bdraft/i.test(label) ? "draft" : null;
}

/** The one half of speculative decoding that all of a stage's labelled steps belong to. */
export function phaseFact(steps: readonly Step[]): Fact | null {
  const [first, ...rest] = steps.filter(({ from }) => from === "annotation");
  if (first === undefined) return null;
  const phase = phaseOf(first.label);
  if (phase === null || rest.some(({ label }) => phaseOf(label) !== phase)) return null;
  return { value: phase, from: `annotation "${first.label}"` };
}
