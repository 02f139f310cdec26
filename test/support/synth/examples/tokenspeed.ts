/** Qwen3-32B on two B200s under TokenSpeed, profiled by stage. */
import { type StepSpec, traceSpec } from "../spec.ts";
import { synthesiseRanks } from "../synthesise.ts";
import { type ExampleFile, jsonFile, traceFile } from "./file.ts";

/** As the control server answers: numbers are floats, false and zero are left out. */
const SERVER_ARGS = {
  server_args: {
    model: "Qwen/Qwen3-32B",
    attn_tp_size: 2.0,
    dense_tp_size: 2.0,
    world_size: 2.0,
    comm_fusion_max_num_tokens: 2048.0,
    enable_allreduce_fusion: true,
    attention_backend: "trtllm_mha",
  },
  scheduler_info: {},
  uptime_seconds: 812.4,
  tokenspeed_version: "0.1.0",
};

export function tokenspeed(): ExampleFile[] {
  const prefill: StepSpec = { stage: "prefill", batchSize: 1, tokens: 4096, mode: "eager" };
  const decode: StepSpec = { stage: "decode", batchSize: 16, tokens: 16, mode: "eager" };
  return [
    ...stage("EXTEND", [prefill], 41),
    ...stage("DECODE", [decode, decode], 42),
    jsonFile("tokenspeed/server_args.json", SERVER_ARGS),
  ];
}

function stage(name: string, steps: readonly StepSpec[], seed: number): ExampleFile[] {
  const spec = traceSpec({
    engine: "tokenspeed",
    gpu: "b200",
    tp: 2,
    layers: 8,
    seed,
    skewNs: [0, 9_000],
    steps,
    shapes: false,
    startUs: seed * 100_003,
  });
  return synthesiseRanks(spec).map((trace, rank) =>
    traceFile(`tokenspeed/20260822-110335-TP${rank}-${name}.trace.json.gz`, trace),
  );
}
