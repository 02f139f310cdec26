import { expect, test } from "vitest";
import { type FactsContext, stageFacts } from "../../src/engine/facts/index.ts";
import { buildKernelGraph } from "../../src/engine/kernel-graph.ts";
import { sglang as SGLANG } from "../../src/ingest/frameworks/sglang.ts";
import type { Facts } from "../../src/model/facts.ts";
import type { KernelGraph, Step } from "../../src/model/trace/kernel-graph.ts";
import type { DistributedInfo, TraceMetadata } from "../../src/model/trace/trace.ts";
import { VOCABULARY } from "../support/provisional-vocabulary.ts";
import { type TraceBuilder, trace } from "../support/trace-builder.ts";
import { graphOf, kernels, Rules } from "./match/make.ts";

const NOTHING: FactsContext = {
  framework: "unknown",
  frameworkEvidence: "",
  serverArgs: null,
  overrides: {},
};

function factsOf(graph: KernelGraph, context: Partial<FactsContext> = {}): Facts {
  return stageFacts(graph, graph.stages[0]!, { ...NOTHING, ...context });
}
function values(facts: Facts): Record<string, unknown> {
  return Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, fact.value]));
}
function graph(text = "x", metadata: Partial<TraceMetadata> = {}): KernelGraph {
  const rules = new Rules();
  const made = graphOf(rules, kernels(text));
  return { ...made, trace: { ...made.trace, metadata: { ...made.trace.metadata, ...metadata } } };
}
function device(name: string, computeCapability: string | null = null) {
  return [{ id: 0, name, computeCapability, multiprocessors: null, memoryBytes: null }];
}
function world(worldSize: number, sizes: readonly number[], desc = "undefined"): DistributedInfo {
  const groups = sizes.map((size, i) => ({ name: `${i}`, desc, size, ranks: [] }));
  return { backend: "nccl", rank: 0, worldSize, groups };
}
const args = (value: Record<string, unknown>) => ({
  serverArgs: { path: "run/server_args.json", value },
});

test("what nothing tells is absent", () => {
  expect(values(factsOf(graph()))).toEqual({ stage: "decode" });
});

test("frames of other people's code say that the trace is of no engine we know", () => {
  const plain = graph();
  const frames = { ...plain.trace.frames, count: 1 };
  const elsewhere = { ...plain, trace: { ...plain.trace, frames } };
  const context = { frameworkEvidence: "no Python frames of a serving engine we know" };
  expect(factsOf(elsewhere, context).framework).toEqual({
    value: "unknown",
    from: "no Python frames of a serving engine we know",
  });
  expect(factsOf(plain, context).framework).toBeUndefined();
});

test("device and vendor come from the trace's metadata", () => {
  const b200: Partial<TraceMetadata> = {
    vendor: "nvidia",
    vendorFrom: "deviceProperties",
    devices: device("NVIDIA B200"),
  };
  expect(factsOf(graph("x", b200))).toMatchObject({
    vendor: { value: "nvidia", from: "deviceProperties" },
    arch: { value: "sm100", from: 'device name "NVIDIA B200"' },
  });
  const nameless: Partial<TraceMetadata> = { vendor: "amd", devices: device("", "9.4") };
  expect(factsOf(graph("x", nameless)).arch).toEqual({
    value: "gfx942",
    from: "compute capability 9.4",
  });
  expect(factsOf(graph("Cijk_Ailk_Bljk_BBS_BH_MT64x64x64_ISA942_IU1")).arch?.value).toBe("gfx942");
});

test("server arguments are read in each engine's spelling", () => {
  const sglang = {
    tp_size: 4,
    dp_size: 2,
    ep_size: 1,
    model_path: "Qwen/Qwen3-8B",
    dtype: "auto",
    quantization: "fp8",
    attention_backend: "fa3",
    decode_attention_backend: "trtllm_mla",
  };
  expect(values(factsOf(graph(), args(sglang)))).toEqual({
    stage: "decode",
    tp: 4,
    attn_tp: 4,
    dp: 2,
    ep: 1,
    model: "Qwen/Qwen3-8B",
    quant: "fp8",
    attn_backend: "trtllm_mla",
  });
  const vllm = {
    tensor_parallel_size: 8,
    model: "openai/gpt-oss-120b",
    dtype: "bfloat16",
    quantization: "mxfp4",
    enable_expert_parallel: true,
    attention_backend: "FLASHINFER",
  };
  expect(values(factsOf(graph(), args(vllm)))).toEqual({
    stage: "decode",
    tp: 8,
    attn_tp: 8,
    ep: 8,
    model: "openai/gpt-oss-120b",
    dtype: "bf16",
    quant: "mxfp4",
    attn_backend: "flashinfer",
  });
  const trtllm = { tensor_parallel_size: 2, quant_config: { quant_algo: "NVFP4" } };
  expect(values(factsOf(graph(), args(trtllm)))).toMatchObject({ tp: 2, quant: "nvfp4" });
  expect(factsOf(graph(), args(sglang)).tp?.from).toBe("server_args.json tp_size");
});

test("arguments that leave the decision to the checkpoint tell nothing", () => {
  const open = { quantization: null, dtype: "auto", attention_backend: null, tp_size: "x" };
  expect(values(factsOf(graph(), args(open)))).toEqual({ stage: "decode" });
});

test("what the user says wins", () => {
  const context = { ...args({ tp_size: 4 }), overrides: { tp: 2, model: "m", pp: null } };
  const facts = factsOf(graph(), context);
  expect(facts.tp).toEqual({ value: 2, from: "--tp" });
  expect(facts.model?.value).toBe("m");
  expect(facts.pp).toBeUndefined();
});

test("a world of one rank is not parallel at all", () => {
  const facts = factsOf(graph("x", { distributed: world(1, [1, 1]) }));
  expect(values(facts)).toMatchObject({ tp: 1, pp: 1, dp: 1, ep: 1 });
});

test("named process groups tell their own size", () => {
  const facts = factsOf(graph("x", { distributed: world(8, [4], "tp:0") }));
  expect(facts.tp).toEqual({ value: 4, from: 'distributedInfo group "tp:0"' });
});

test("unnamed groups prove tensor parallelism only where all are the world and kernels all-reduce", () => {
  const distributed = world(8, [8, 8, 1, 1]);
  const serving = { framework: "vllm", frameworkEvidence: "frames" } as const;
  const reducing = "multimem_all_reduce_kernel x";
  expect(values(factsOf(graph(reducing, { distributed }), serving))).toMatchObject({
    tp: 8,
    pp: 1,
  });
  expect(factsOf(graph("x", { distributed }), serving).tp).toBeUndefined();
  expect(factsOf(graph(reducing, { distributed })).tp).toBeUndefined();
  const mixed = { distributed: world(8, [8, 2, 4]) };
  expect(factsOf(graph(reducing, mixed), serving).tp).toBeUndefined();
});

/** Kernels of category "gemm", each launched by `op` with inputs of these types. */
function matmuls(
  list: readonly { name?: string; op?: string; types?: readonly string[] }[],
): KernelGraph {
  const made = graph(list.map(({ name }, i) => name ?? `g${i}`).join(" "));
  return {
    ...made,
    symbols: made.symbols.map((symbol) => ({ ...symbol, category: "gemm" })),
    sites: list.map(({ op, types }) => ({
      ...made.sites[0]!,
      cpuOp: op ?? null,
      types: types === undefined ? null : JSON.stringify(types),
    })),
    siteOf: Uint32Array.from(list.keys()),
  };
}
const bf16 = "c10::BFloat16";
const fp8 = "c10::Float8_e4m3fn";

test("full precision is proven by the operands of nearly all matmul time", () => {
  const known = { op: "aten::mm", types: [bf16, bf16] };
  expect(values(factsOf(matmuls([known, known])))).toMatchObject({ quant: "none", dtype: "bf16" });
  const hidden = { op: "vllm::moe_forward", types: [bf16, bf16] };
  expect(factsOf(matmuls([known, hidden])).quant).toBeUndefined();
  const packed = { op: "aten::mm", types: [bf16, "unsigned char", bf16] };
  expect(factsOf(matmuls([packed])).quant).toBeUndefined();
});

test("quantisation is proven by operand types or by a kernel name that lists its operands", () => {
  const scaled = { op: "_C::cutlass_scaled_mm", types: [bf16, fp8, fp8, "float"] };
  expect(factsOf(matmuls([scaled])).quant?.value).toBe("fp8");
  expect(factsOf(matmuls([{ name: "bmm_Bfloat16_MxE2m1MxE4m3_Fp32_t128x16" }])).quant?.value).toBe(
    "mxfp4",
  );
  expect(factsOf(matmuls([{ name: "Cijk_Alik_Bljk_BBS_BH_MT64x64" }])).quant?.value).toBe("none");
  expect(factsOf(matmuls([{ name: "_matmul_ogs_NNT_bf16xbf16xmxfp4_16x128" }])).quant?.value).toBe(
    "mxfp4",
  );
  expect(factsOf(matmuls([{ name: "some_gemm" }])).quant).toBeUndefined();
});

test("an fp8 KV cache is no quantised model", () => {
  const made = graph("fmhaSm100aKernel_QkvE4m3OBfloat16H64");
  const attention = made.symbols.map((symbol) => ({ ...symbol, category: "attention" }));
  expect(factsOf({ ...made, symbols: attention }).quant).toBeUndefined();
});

test("kernels with a graph node id run in a replay", () => {
  const made = graph("x y");
  const nodes = (ids: number[]) => {
    const gpu = { ...made.trace.gpu, graphNodeId: Float64Array.from(ids) };
    return { ...made, trace: { ...made.trace, gpu } };
  };
  expect(factsOf(nodes([5, 6])).graph?.value).toBe("on");
  expect(factsOf(nodes([-1, -1])).graph).toBeUndefined();
  const launched = { ...nodes([-1, -1]), launchOf: Int32Array.from([0, 0]) };
  expect(factsOf(launched).graph?.value).toBe("off");
});

test("tokens are the median over the steps that tell", () => {
  const made = graph();
  const step = made.steps[0]!;
  const steps: Step[] = [8, null, 32, 16].map((tokens) => ({ ...step, tokens }));
  const stages = [{ ...made.stages[0]!, steps }];
  expect(factsOf({ ...made, stages }).tokens).toEqual({
    value: 16,
    from: "median of 3 step annotations",
  });
});

test("data-parallel attention inside the tensor-parallel group leaves each rank its own layer", () => {
  const attentionTp = (value: Record<string, unknown>, framework: FactsContext["framework"]) =>
    factsOf(graph(), { ...args(value), framework }).attn_tp;
  expect(attentionTp({ tp_size: 8, dp_size: 8, enable_dp_attention: true }, "sglang")).toEqual({
    value: 1,
    from: "server_args.json enable_dp_attention, tp 8 / dp 8",
  });
  expect(attentionTp({ tp_size: 8, dp_size: 2, enable_dp_attention: true }, "sglang")?.value).toBe(
    4,
  );
  expect(attentionTp({ tp_size: 8, dp_size: 2, enable_dp_attention: false }, "sglang")?.value).toBe(
    8,
  );
  expect(attentionTp({ tensor_parallel_size: 4, data_parallel_size: 2 }, "vllm")?.value).toBe(4);
  expect(attentionTp({ tp_size: 8, enable_attention_dp: true }, "trtllm")?.value).toBe(1);
  // Without the arguments nothing says how SGLang's ranks share attention.
  const engine = { framework: "sglang" as const };
  expect(factsOf(graph("x", { distributed: world(8, [8, 8]) }), engine).attn_tp).toBeUndefined();
  expect(factsOf(graph("x", { distributed: world(1, []) }), engine).attn_tp?.value).toBe(1);
});

test("the cache's type comes from the arguments, else from kernels that name it", () => {
  const cache = (text: string, value: Record<string, unknown> = {}) =>
    factsOf(graph(text), args(value)).kv_dtype?.value;
  expect(cache("x", { kv_cache_dtype: "fp8_e4m3" })).toBe("fp8");
  expect(cache("x", { kv_cache_dtype: "auto" })).toBeUndefined();
  expect(cache("fmhaSm100aKernel_QkvE4m3OBfloat16H64PagedKv")).toBe("fp8");
  expect(
    cache("fmhaSm100aKernel_QkvBfloat16OBfloat16H128PagedKv", { kv_cache_dtype: "auto" }),
  ).toBe("bf16");
});

test("draft and verification are told by the labels of all steps", () => {
  const stepped = (...labels: string[]) => {
    const plain = graph();
    const [stage] = plain.stages;
    const steps = labels.map((label): Step => ({ ...plain.steps[0]!, label, from: "annotation" }));
    return stageFacts(plain, { ...stage!, steps }, NOTHING).phase?.value;
  };
  expect(stepped("step[TARGET_VERIFY bs=4]", "step[TARGET_VERIFY bs=8]")).toBe("verify");
  expect(stepped("draft step[DECODE bs=4]")).toBe("draft");
  expect(stepped("step[DRAFT_EXTEND bs=4]", "step[TARGET_VERIFY bs=4]")).toBeUndefined();
  expect(stepped("step[DECODE bs=4]")).toBeUndefined();
});

test("what a trace was made of is told by arguments, code, ops and labels", () => {
  const workload = (built: TraceBuilder, value: Record<string, unknown> = {}) => {
    const made = buildKernelGraph(built.build(), {
      profile: SGLANG,
      ruleSet: VOCABULARY,
      stageHint: null,
    });
    return factsOf(made, args(value)).workload?.value;
  };
  const under = (frame: string) =>
    trace().kernel("gemm").frames(frame).inside("aten::mm").launchedBy();
  expect(workload(under("sglang/multimodal_gen/runtime/models/dits/flux.py(190): forward"))).toBe(
    "diffusion",
  );
  expect(workload(under("diffusers/models/transformers/transformer_flux.py(9): forward"))).toBe(
    "diffusion",
  );
  expect(workload(under("sglang/srt/models/llama.py(9): forward"))).toBeUndefined();
  expect(workload(under("sglang/srt/models/llama.py(9): forward"), { is_embedding: true })).toBe(
    "embedding",
  );
  const backward = trace()
    .kernel("gemm")
    .inside("autograd::engine::evaluate_function: MmBackward0")
    .launchedBy();
  expect(workload(backward)).toBe("training");
});

test("a message is tokens times the width of a norm times the bytes of a value", () => {
  const built = trace()
    .kernel("rms_norm_kernel")
    .inside(
      "_C::rms_norm",
      "[[8, 4096], [8, 4096], [4096], []]",
      '["c10::BFloat16", "c10::BFloat16"]',
    )
    .launchedBy()
    .annotation("step[DECODE bs=8]", 0, 10_000);
  const made = buildKernelGraph(built.build(), {
    profile: SGLANG,
    ruleSet: VOCABULARY,
    stageHint: null,
  });
  expect(factsOf(made).message_bytes).toEqual({
    value: 8 * 4096 * 2,
    from: "8 tokens of 4096 values of 2 bytes",
  });
});

test("the width of a message is the model's where no shape was recorded", () => {
  const made = buildKernelGraph(
    trace()
      .kernel("rms_norm_kernel")
      .launchedBy()
      .annotation("step[DECODE bs=8]", 0, 10_000)
      .build(),
    { profile: SGLANG, ruleSet: VOCABULARY, stageHint: null },
  );
  const told = (hidden: number | null) => factsOf(made, { hidden }).message_bytes;
  expect(told(5120)).toEqual({ value: 8 * 5120 * 2, from: "8 tokens of 5120 values of 2 bytes" });
  expect(told(null)).toBeUndefined();
});
