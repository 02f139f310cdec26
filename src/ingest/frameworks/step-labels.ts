import type { StageName, StepLabel } from "../../model/framework.ts";
import { stepMode } from "../../model/step-modes.ts";

/**
 * Annotation spellings that more than one engine writes. `trust` orders spellings of one engine
 * where they nest: the highest names the step, the outermost gives its window.
 */
export const TRUST = { own: 3, shared: 2, weak: 1, generic: 0 } as const;

/**
 * Reads `step[DECODE bs=32]`, `step[EXTEND bs=15 toks=15360]`, `step[MIXED bs=2 c=1 g=1 …]` and the
 * `draft step[…]` of a draft model. SGLang writes it from model_runner.forward; newer TensorRT-LLM
 * builds copied the spelling and add `step[…] sample`, which is a part of the step and not one. A
 * mode we have no word for bounds a step all the same.
 */
export function bracketStep(annotation: string, trust: number): StepLabel | null {
  const found = /^(draft )?step\[([A-Z][A-Z_0-9]*)((?:[ ,][^\]]*)?)\]( sample)?$/.exec(annotation);
  if (found === null) return null;
  const [, draft, word = "", rest = "", sample] = found;
  const mode = stepMode(word);
  const counts = new Map(
    [...rest.matchAll(/([a-z_]+)=(\d+)/g)].map(([, key = "", value]) => [key, Number(value)]),
  );
  const batchSize = counts.get("bs") ?? null;
  const told = mode?.stage ?? "all";
  const stage = told === "mixed" ? stageOfCounts(counts.get("c"), counts.get("g")) : told;
  const tokens = counts.get("toks") ?? (stage === "decode" ? batchSize : null);
  return {
    stage,
    batchSize,
    tokens,
    trust,
    isPart: sample !== undefined,
    requests: {
      context: counts.get("c") ?? (stage === "prefill" ? batchSize : stage === "decode" ? 0 : null),
      contextTokens: stage === "prefill" ? tokens : stage === "decode" ? 0 : null,
      generation:
        counts.get("g") ?? (stage === "decode" ? batchSize : stage === "prefill" ? 0 : null),
    },
    phase: mode?.phase ?? (draft !== undefined && stage === "decode" ? "draft" : null),
    isUnknown: mode === null,
  };
}

/**
 * Reads vLLM's `execute_context_1(888_788544)_generation_0(0)`: requests and, in brackets, tokens
 * first; the newer `execute_8192_context_9(sq8155sk…)_generation_37(sq37sk…)` puts the step's
 * tokens up front. SGLang builds for ROCm write the second spelling too.
 */
export function executeStep(annotation: string, trust: number): StepLabel | null {
  const found = /^execute_(?:(\d+)_)?context_(\d+)\(([^)]*)\)_generation_(\d+)\(([^)]*)\)$/.exec(
    annotation,
  );
  if (found === null) return executeNewCached(annotation);
  const [, total, context = "", contextTokens = "", generation = "", generationTokens = ""] = found;
  // An engine with nothing to do takes a step to tell its workers which requests ended.
  if (Number(context) + Number(generation) === 0) return null;
  return {
    stage: stageOfCounts(Number(context), Number(generation)),
    batchSize: Number(context) + Number(generation),
    tokens:
      total === undefined
        ? leadingNumber(contextTokens) + leadingNumber(generationTokens)
        : Number(total),
    trust,
    requests: {
      context: Number(context),
      contextTokens: leadingNumber(contextTokens),
      generation: Number(generation),
    },
  };
}

/** vLLM's older `execute_new_5_cached_3`. A cached request may still be prefilling, so it is weak. */
function executeNewCached(annotation: string): StepLabel | null {
  const found = /^execute_new_(\d+)_cached_(\d+)$/.exec(annotation);
  if (found === null) return null;
  const fresh = Number(found[1]);
  const cached = Number(found[2]);
  return {
    stage: stageOfCounts(fresh, cached),
    batchSize: fresh + cached,
    tokens: null,
    trust: TRUST.weak,
  };
}

/** Both kinds of request in one step is a stage of its own. */
export function stageOfCounts(
  context: number | undefined,
  generation: number | undefined,
): StageName {
  if (context === undefined || generation === undefined) return "mixed";
  if (context > 0) return generation > 0 ? "mixed" : "prefill";
  return generation > 0 ? "decode" : "all";
}

function leadingNumber(text: string): number {
  return Number(/^(?:sq)?(\d+)/.exec(text)?.[1] ?? 0);
}
