/** Two traces that belong together, with what is known about their difference. */
import { type TraceSpec, traceSpec } from "./spec.ts";
import { synthesise } from "./synthesise.ts";
import type { SynthTrace } from "./trace.ts";

/** One server twice: eager with Python stacks, then with graphs and without stacks. */
export interface MappingFormal {
  readonly mapping: SynthTrace;
  readonly formal: SynthTrace;
}

export function mappingFormalPair(part: Partial<TraceSpec> = {}): MappingFormal {
  const spec = traceSpec({ engine: "sglang", layers: 8, ...part });
  const mode = (mode: "eager" | "graph") => spec.steps.map((step) => ({ ...step, mode }));
  return {
    mapping: synthesise({ ...spec, steps: mode("eager") }),
    formal: synthesise({
      ...spec,
      steps: mode("graph"),
      seed: spec.seed + 1,
      stacks: false,
      shapes: false,
      startUs: spec.startUs + 40_000_000,
    }),
  };
}

/** The same work before and after a change for the worse. */
export interface RegressionPair {
  readonly before: SynthTrace;
  readonly after: SynthTrace;
  /** Factor on the GPU time of each role that changed; all others are as before, up to jitter. */
  readonly slower: Readonly<Record<string, number>>;
  /** Kernels per layer that only one side launches, by role. */
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
}

/**
 * SGLang, decode on two ranks: attention became 1.6 times slower, and the all-reduce lost its
 * fusion with the norm.
 */
export function regressionPair(seed = 5): RegressionPair {
  const spec = traceSpec({
    engine: "sglang",
    tp: 2,
    layers: 8,
    seed,
    features: ["fused-allreduce-norm"],
    timing: { jitter: 0.02 },
  });
  const slower = { attention: 1.6 };
  return {
    before: synthesise(spec),
    after: synthesise({ ...spec, seed: seed + 1, slower, features: [] }),
    slower,
    onlyBefore: ["input_norm_all_reduce", "post_attention_norm_all_reduce"],
    onlyAfter: ["attention_all_reduce", "moe_all_reduce", "post_attention_norm"],
  };
}
