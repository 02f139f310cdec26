import type { ModelShape } from "../../model/model-shape.ts";
import type { Step } from "../../model/trace/kernel-graph.ts";
import type { LayerKind } from "./projections.ts";

/** How many layers of a kind a model has. */
export function layersOf(shape: ModelShape, kind: LayerKind): number | null {
  const { layers, linear, experts } = shape;
  if (layers === null) return null;
  switch (kind) {
    case "attention":
      return layers - (linear?.layers ?? 0);
    case "linear":
      return linear?.layers ?? 0;
    case "dense":
      return layers - (experts?.layers ?? 0);
    case "expert":
      return experts?.layers ?? 0;
    case "once":
      return 1;
  }
}

/**
 * Rows that a product of a step multiplies: its tokens; at the head one a request, but where all
 * tokens are judged (decoding, verifying). A sentence where the annotation leaves it open.
 */
export function rowsPerStep(
  step: Step | undefined,
  role: string,
  serverArgs: Readonly<Record<string, unknown>> | null,
): number | string {
  if (step === undefined) return "no step launched it";
  if (step.phase === "draft") return "the draft model is not the one the configuration is of";
  if (step.stage === "all") return "neither tokens nor requests of its step are told";
  const { batchSize, tokens } = step;
  if (step.phase === "verify" && (tokens === null || tokens === batchSize)) {
    const each = Number(serverArgs?.speculative_num_draft_tokens);
    if (batchSize === null || !(each > 0))
      return "how many tokens a request verifies is not told (server_args.json speculative_num_draft_tokens)";
    return batchSize * each;
  }
  if ((role === "lm_head" || role === "final_norm") && step.stage !== "decode")
    return batchSize ?? "the annotation does not tell how many requests the step holds";
  return tokens ?? (step.stage === "decode" ? batchSize : null) ?? "the annotation tells no tokens";
}
