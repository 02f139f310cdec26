import type { FrameworkProfile } from "../../model/framework.ts";
import { anyCodeRanks } from "./site-rank.ts";
import { bracketStep, executeStep, TRUST } from "./step-labels.ts";

/** A run of no serving framework we know: transformers, diffusion, training, a cut trace. */
export const unknown: FrameworkProfile = {
  id: "unknown",
  title: "unknown framework",
  detect: () => null,
  step: (annotation) =>
    bracketStep(annotation, TRUST.shared) ??
    executeStep(annotation, TRUST.shared) ??
    profilerStep(annotation),
  stageOfFrame: () => null,
  siteRank: anyCodeRanks(),
};

/** torch.profiler's own `ProfilerStep#6`: an iteration of something, of no stage. */
function profilerStep(annotation: string) {
  if (!/^ProfilerStep#\d+$/.test(annotation)) return null;
  return { stage: "all", batchSize: null, tokens: null, trust: TRUST.generic } as const;
}
