/** Qwen3-30B-A3B on two H100s, as SGLang's by-stage profiling leaves it on disk. */

import { type StepSpec, traceSpec } from "../spec.ts";
import { synthesiseCapture, synthesiseRanks } from "../synthesise.ts";
import { type ExampleFile, jsonFile, traceFile } from "./file.ts";

const SERVER_ARGS = {
  model_path: "Qwen/Qwen3-30B-A3B",
  tokenizer_path: "Qwen/Qwen3-30B-A3B",
  served_model_name: "Qwen/Qwen3-30B-A3B",
  tp_size: 2,
  dp_size: 1,
  pp_size: 1,
  ep_size: 1,
  attention_backend: "fa3",
  sampling_backend: "flashinfer",
  moe_runner_backend: "triton",
  chunked_prefill_size: 8192,
  schedule_policy: "fcfs",
  disable_cuda_graph: false,
  disable_overlap_schedule: false,
  disable_radix_cache: false,
  disable_custom_all_reduce: false,
  flashinfer_allreduce_fusion_backend: null,
  enable_fused_qk_norm_rope: false,
  disaggregation_mode: "null",
  version: "0.5.9",
  internal_states: [{}],
};

export function sglangPrefill(): ExampleFile[] {
  const folder = "sglang-tp2-prefill";
  const spec = traceSpec({
    engine: "sglang",
    tp: 2,
    layers: 12,
    seed: 11,
    skewNs: [0, 41_000],
    steps: [{ stage: "prefill", batchSize: 2, tokens: 2048, mode: "eager" }],
  });
  const traces = synthesiseRanks(spec).map((trace, rank) =>
    traceFile(`${folder}/1775078603.4170518-TP-${rank}-EXTEND.trace.json.gz`, trace),
  );
  return [...traces, jsonFile(`${folder}/server_args.json`, SERVER_ARGS)];
}

export function sglangDecode(): ExampleFile[] {
  const folder = "sglang-tp2-decode";
  const step: StepSpec = { stage: "decode", batchSize: 32, tokens: 32, mode: "graph" };
  const spec = traceSpec({
    engine: "sglang",
    tp: 2,
    layers: 24,
    seed: 12,
    skewNs: [0, 23_000],
    steps: [step, step, step],
    startUs: 2_418_377,
  });
  const replays = synthesiseRanks(spec).map((trace, rank) =>
    traceFile(`${folder}/1775078603.4170518-TP-${rank}-DECODE.trace.json.gz`, trace),
  );
  const captures = [0, 1].map((rank) =>
    traceFile(
      `${folder}/capture_traces/bs_32_rank${rank}.json.gz`,
      synthesiseCapture(spec, 32, rank),
    ),
  );
  const details = [0, 1].map((rank) => ({
    file: `bs_32_rank${rank}.json.gz`,
    batch_size: 32,
    mode: "FULL",
  }));
  return [
    ...replays,
    ...captures,
    jsonFile(`${folder}/capture_traces/execution_details.json`, details),
    jsonFile(`${folder}/server_args.json`, SERVER_ARGS),
  ];
}
