/** DeepSeek-V3 prefill with DeepEP on a second stream; durations without jitter, overlap known. */
import { traceSpec } from "../spec.ts";
import { synthesise } from "../synthesise.ts";
import { type ExampleFile, jsonFile, traceFile } from "./file.ts";

const SERVER_ARGS = {
  model_path: "deepseek-ai/DeepSeek-V3",
  tp_size: 8,
  dp_size: 8,
  ep_size: 8,
  enable_dp_attention: true,
  moe_a2a_backend: "deepep",
  deepep_mode: "normal",
  attention_backend: "fa3",
  sampling_backend: "flashinfer",
  chunked_prefill_size: 32_768,
  schedule_policy: "fcfs",
  disable_cuda_graph: false,
  enable_single_batch_overlap: false,
  enable_two_batch_overlap: false,
  disaggregation_mode: "prefill",
  version: "0.5.9",
  internal_states: [{}],
};

export const TWO_STREAM_SPEC = traceSpec({
  engine: "sglang",
  model: "deepseek-v3",
  tp: 8,
  layers: 6,
  seed: 61,
  steps: [{ stage: "prefill", batchSize: 4, tokens: 4096, mode: "eager" }],
  timing: { jitter: 0 },
});

export function twoStreamOverlap(): ExampleFile[] {
  const folder = "two-stream-overlap";
  const name = "1775081877.2294104-TP-0-DP-0-EP-0-EXTEND.trace.json.gz";
  return [
    traceFile(`${folder}/${name}`, synthesise(TWO_STREAM_SPEC)),
    jsonFile(`${folder}/server_args.json`, SERVER_ARGS),
  ];
}
