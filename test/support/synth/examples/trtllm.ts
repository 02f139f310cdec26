/** Llama-3.1-8B on two B200s as trtllm-serve's profile endpoint leaves it: plain JSON, no stacks. */
import { traceSpec } from "../spec.ts";
import { synthesiseRanks } from "../synthesise.ts";
import { type ExampleFile, traceFile } from "./file.ts";

export function trtllm(): ExampleFile[] {
  const spec = traceSpec({
    engine: "trtllm",
    gpu: "b200",
    tp: 2,
    layers: 4,
    seed: 31,
    skewNs: [0, 12_000],
    stacks: false,
    steps: [
      { stage: "prefill", batchSize: 1, tokens: 1024, mode: "eager" },
      { stage: "decode", batchSize: 16, tokens: 16, mode: "eager" },
    ],
  });
  return synthesiseRanks(spec).map((trace, rank) =>
    traceFile(`trtllm/trtllm-trace-1787405615-9f3c21ab-rank-${rank}.json`, trace),
  );
}
