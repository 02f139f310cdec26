import { describe, expect, test } from "vitest";
import { stageFacts } from "../../../src/engine/facts/index.ts";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { runRules } from "../../../src/engine/match/run-rules.ts";
import { decideFramework } from "../../../src/ingest/frameworks/index.ts";
import { readTrace } from "../../../src/ingest/read-trace.ts";
import type { Facts } from "../../../src/model/facts.ts";
import type { RuleOutcome } from "../../../src/model/finding.ts";
import { percent } from "../../../src/model/trace/units.ts";
import { VOCABULARY } from "../../support/provisional-vocabulary.ts";
import { hasSharedTraces, SHARED_TRACES } from "../../support/shared-traces.ts";
import { Rules, state } from "./make.ts";
import { referenceOccurrences } from "./reference.ts";

async function attributed(file: string) {
  const path = `${SHARED_TRACES}/${file}.json.gz`;
  const trace = await readTrace(path);
  const decision = decideFramework(trace, { serverArgs: null, override: null, fileName: path });
  const { profile, framework, evidence } = decision;
  const graph = buildKernelGraph(trace, { profile, ruleSet: VOCABULARY, stageHint: null });
  const context = { framework, frameworkEvidence: evidence, serverArgs: null, overrides: {} };
  return { graph, stage: graph.stages[0]!, context };
}

/** The one split chain over a trace's first stage: how often, how long, what share. */
async function chain(file: string, text: string) {
  const { graph, stage } = await attributed(file);
  const rules = new Rules();
  rules.rule("r", [state("split", rules.chain(text))]);
  const { outcomes } = runRules(rules.set, graph, []);
  const outcome = outcomes.find((it) => it.stage === stage.stage) as RuleOutcome;
  // The reference is for reading: its time grows with the cube of the stage.
  if (stage.events.length < 1000)
    expect(outcome.occurrences).toEqual(
      referenceOccurrences(rules.set, rules.set.rules[0]!, graph, stage),
    );
  const all = stage.events.reduce((sum, row) => sum + graph.trace.gpu.duration[row]!, 0);
  return {
    times: outcome.counts.split,
    ms: outcome.relatedNs / 1e6,
    sharePct: percent(outcome.relatedNs, all),
  };
}

describe.skipIf(!hasSharedTraces)("chains in real traces (skipped without ../shared)", () => {
  test("vLLM B200: copies fence the all-reduce before each residual norm", async () => {
    const text =
      "Memcpy*DtoD* *multimem_all_reduce_kernel* Memcpy*DtoD* *fused_add_rms_norm_kernel*";
    const found = await chain("vllm-b200-tp8-eager/eager_trace", text);
    expect(found.times).toBe(72);
    expect(found.ms).toBeCloseTo(3.11, 2);
    expect(found.sharePct).toBeCloseTo(26.7, 1);
  });

  test("vLLM B200: RoPE, copy, FP8 quantise and KV write are four kernels", async () => {
    const text =
      "*rotary_embedding_kernel* *direct_copy_kernel* *scaled_fp8_quant* *reshape_and_cache*";
    const found = await chain("vllm-b200-tp8-eager/eager_trace", text);
    expect(found.times).toBe(36);
    expect(found.ms).toBeCloseTo(0.52, 2);
  });

  test("SGLang decode: Q norm, K norm, RoPE and KV write with copies in a graph replay", async () => {
    const copy = "*direct_copy_kernel*";
    const norm = "*add_rmsnorm_quant_kernelIDF16bDF16bLi64E*";
    const text = `${copy} ${norm} ${copy} ${norm} *rotary_embedding_kernel* *store_kvcache*`;
    const found = await chain("sglang-mi300x-qwen3-8b-decode/graph_execution", text);
    expect(found.times).toBe(36);
    expect(found.sharePct).toBeCloseTo(10.7, 1);
  });

  test("vLLM decode: a cast, RoPE and KV write", async () => {
    const text = "triton_poi_fused__to_copy* *rotary_embedding_kernel* *reshape_and_cache*";
    const found = await chain("vllm-mi300x-gptoss-decode/graph_execution", text);
    expect(found.times).toBeGreaterThanOrEqual(23);
    expect(found.sharePct).toBeCloseTo(5.4, 0);
  });

  test("a vision model: softmax between two batched products, never fused", async () => {
    const text = "*gemm* *SoftMaxForward* *gemm*";
    const found = await chain("hf-h100-owlv2/step", text);
    expect(found.times).toBe(120);
    expect(found.sharePct).toBeCloseTo(86.8, 1);
  });
});

describe.skipIf(!hasSharedTraces)("facts of real traces (skipped without ../shared)", () => {
  async function facts(file: string): Promise<Record<string, unknown>> {
    const { graph, stage, context } = await attributed(file);
    const told: Facts = stageFacts(graph, stage, context);
    return Object.fromEntries(Object.entries(told).map(([name, fact]) => [name, fact.value]));
  }

  test("vLLM B200 tells its tensor parallelism and its quantisation without server arguments", async () => {
    expect(await facts("vllm-b200-tp8-eager/eager_trace")).toEqual({
      framework: "vllm",
      vendor: "nvidia",
      arch: "sm100",
      stage: "prefill",
      tp: 8,
      attn_tp: 8,
      pp: 1,
      workload: "llm",
      kv_dtype: "fp8",
      message_bytes: 888 * 2880 * 2,
      dtype: "bf16",
      quant: "mxfp4",
      graph: "off",
      tokens: 888,
    });
  });

  test("a nameless MI300X is told by its version, its replay by the launch", async () => {
    expect(await facts("vllm-mi300x-gptoss-decode/graph_execution")).toMatchObject({
      arch: "gfx942",
      tp: 1,
      graph: "on",
      stage: "decode",
    });
  });

  test("a training run is no serving engine: its all-reduce says nothing about tensor parallelism", async () => {
    const told = await facts("train-a100-multistream/rank0");
    expect(told).toMatchObject({ arch: "sm80", vendor: "nvidia" });
    expect(told).not.toHaveProperty("tp");
    expect(told).not.toHaveProperty("framework");
  });
});
