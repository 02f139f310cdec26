import type { Fact } from "../../model/facts.ts";
import type { FrameworkId } from "../../model/framework.ts";
import type { ServerArgs } from "./server-args.ts";

interface Sizes {
  readonly tp?: Fact;
  readonly dp?: Fact;
}

/** How the engines spell that attention runs data-parallel inside the tensor-parallel group. */
const INSIDE_TP = ["enable_dp_attention", "enable_attention_dp"];

/**
 * Ranks that share one attention layer. In SGLang and TensorRT-LLM data-parallel attention lies
 * inside the tensor-parallel group: 8 ranks with DP 8 run whole attention layers each, and their
 * all-reduces gather or scatter tokens rather than add up partial sums. vLLM's data parallelism
 * lies outside of it. Null where nothing tells whether attention is data-parallel.
 */
export function attentionParallelFact(
  { tp, dp }: Sizes,
  framework: FrameworkId | "unknown",
  serverArgs: ServerArgs | null,
): Fact | null {
  if (tp === undefined || typeof tp.value !== "number") return null;
  if (tp.value === 1) return { value: 1, from: tp.from };
  if (framework === "vllm") return { value: tp.value, from: tp.from };
  if (serverArgs === null) return null;
  const key = INSIDE_TP.find((name) => serverArgs.value[name] === true);
  if (key === undefined) return { value: tp.value, from: tp.from };
  const from = `${serverArgs.path.split("/").at(-1)!} ${key}`;
  if (framework === "trtllm") return { value: 1, from };
  const groups = typeof dp?.value === "number" ? dp.value : null;
  if (groups === null || tp.value % groups !== 0) return null;
  return { value: tp.value / groups, from: `${from}, tp ${tp.value} / dp ${groups}` };
}
