import { describe, expect, test } from "vitest";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { vllm } from "../../../src/ingest/frameworks/vllm.ts";
import { symbolAt } from "../../../src/model/trace/kernel-graph.ts";
import { loadRuleLibrary } from "../../support/rule-library.ts";
import { trace } from "../../support/trace-builder.ts";

const { ruleSet } = await loadRuleLibrary();

/** Kernels as profilers print them, by what a reader would call them. */
const KERNELS = {
  embed:
    "void at::native::vectorized_gather_kernel<16, long>(char*, char*, long*, int, long, long, long)",
  norm: "void flashinfer::norm::RMSNormKernel<8u, __nv_bfloat16>(__nv_bfloat16*, __nv_bfloat16*)",
  addNorm: "void flashinfer::norm::FusedAddRMSNormKernel<8u, __nv_bfloat16>(__nv_bfloat16*)",
  layerNorm:
    "void at::native::(anonymous namespace)::vectorized_layer_norm_kernel<float, float>(int)",
  gemmA: "nvjet_tst_64x16_64x16_4x1_v_bz_TNT",
  gemmB: "nvjet_tst_32x64_64x16_4x1_v_bz_TNN",
  gemmC: "nvjet_tst_256x16_64x6_4x1_v_bz_TNT",
  gemmD: "nvjet_tst_64x8_64x16_2x1_v_bz_splitK_TNT",
  reduce: "void cublasLt::splitKreduce_kernel<32, 16, int, float, __nv_bfloat16>(int)",
  head: "nvjet_tst_192x8_64x8_2x1_v_bz_TNT",
  rope: "void (anonymous namespace)::fused_rope_kernel<true, 128l, true, __nv_bfloat16>(int)",
  cache: "void (anonymous namespace)::store_kvcache<2048l, 4, true, long>(int)",
  attention:
    "fmhaSm100fKernel_QkvBfloat16OBfloat16H128PagedKvCausalP64VarSeqQ8Kv128StaticSwapsAbForGen",
  act: "void act_and_mul_kernel<__nv_bfloat16, (ActivationKind)0, true>(int)",
  copy: "void at::native::elementwise_kernel<128, 4, at::native::direct_copy_kernel_cuda(at::TensorIteratorBase&)>(int)",
  add: "void at::native::vectorized_elementwise_kernel<4, at::native::CUDAFunctor_add<c10::BFloat16>>(int)",
  mul: "void at::native::vectorized_elementwise_kernel<4, at::native::MulFunctor<c10::BFloat16>>(int)",
  silu: "void at::native::vectorized_elementwise_kernel<4, at::native::(anonymous namespace)::silu_kernel(at::TensorIteratorBase&)>(int)",
  sigmoid:
    "void at::native::vectorized_elementwise_kernel<4, at::native::sigmoid_kernel_cuda(at::TensorIteratorBase&)>(int)",
  gelu: "void at::native::vectorized_elementwise_kernel<4, at::native::GeluCUDAKernelImpl(at::TensorIteratorBase&)>(int)",
  softmax:
    "void (anonymous namespace)::softmax_warp_forward<c10::BFloat16, c10::BFloat16, float, 9, false>(int)",
  allReduce: "void sglang::cross_device_reduce_1stage<__nv_bfloat16, 2>(int)",
  quantize: "void per_token_group_quant_8bit_v2_kernel<NaiveScheduler>(int)",
  topk: "void topkGatingSoftmax<__nv_bfloat16, 8, 128, 4, 16>(int)",
  align: "void moe_align_block_size_kernel<int>(int)",
  expert: "fused_moe_kernel",
  sum: "void moe_sum_reduce_warp_per_token_vec_kernel<8>(int)",
  mla: "fmhaSm100fKernel_QkvBfloat16OBfloat16HQk576HV512PagedKvDenseP64ForGen",
  mlaCache: "void vllm::concat_and_cache_mla_kernel<__nv_bfloat16, __nv_bfloat16>(int)",
  conv: "_causal_conv1d_update_kernel",
  delta: "fused_recurrent_gated_delta_rule_packed_decode_kernel",
  gatedNorm: "_layer_norm_fwd_1pass_kernel",
  torchTopk: "void at::native::sbtopk::gatherTopK<float, unsigned int, 2, false>(int)",
  torchSort: "void at_cuda_detail::cub::DeviceRadixSortOnesweepKernel<int>(int)",
  argmax:
    "void at::native::reduce_kernel<512, 1, at::native::ReduceOp<float, at::native::ArgMaxOps<float>>>(int)",
} as const;
type Name = keyof typeof KERNELS;

/** Role and what told it of every kernel of a decode replay, in order. */
function rolesOf(names: readonly Name[]) {
  const graph = buildKernelGraph(
    trace()
      .replay(names.map((name) => KERNELS[name]))
      .build(),
    {
      profile: vllm,
      ruleSet,
      stageHint: null,
    },
  );
  return names.map((name, row) => {
    const { role, roleFrom } = symbolAt(graph, row);
    return [name, role, roleFrom] as const;
  });
}

/** The roles of one layer in the middle of `count`. */
function middleLayer(layer: readonly Name[], count = 6): string[] {
  const names: Name[] = [
    "embed",
    ...Array.from({ length: count }, () => layer).flat(),
    "addNorm",
    "head",
  ];
  const from = 1 + (count >> 1) * layer.length;
  return rolesOf(names)
    .slice(from, from + layer.length)
    .map(([name, role]) => `${name} ${role}`);
}

describe("roles by place, in a graph replay without a capture", () => {
  test("a dense layer: every kernel has one", () => {
    const layer: Name[] = [
      ...([
        "addNorm",
        "gemmA",
        "copy",
        "norm",
        "copy",
        "norm",
        "rope",
        "cache",
        "attention",
      ] as const),
      ...([
        "gemmB",
        "allReduce",
        "addNorm",
        "gemmC",
        "act",
        "gemmD",
        "reduce",
        "allReduce",
      ] as const),
    ];
    expect(middleLayer(layer)).toEqual([
      "addNorm layer_norm",
      "gemmA qkv_proj",
      "copy attn_copy",
      "norm qk_norm",
      "copy attn_copy",
      "norm qk_norm",
      "rope rope",
      "cache kv_write",
      "attention attention",
      "gemmB o_proj",
      "allReduce all_reduce",
      "addNorm layer_norm",
      "gemmC gate_up",
      "act act",
      "gemmD down",
      "reduce down",
      "allReduce all_reduce",
    ]);
  });

  test("one kernel may play every projection", () => {
    const roles = middleLayer(
      ["addNorm", "gemmA", "rope", "attention", "gemmA", "addNorm", "gemmA", "act", "gemmA"],
      4,
    );
    expect(roles.filter((role) => role.startsWith("gemm"))).toEqual([
      "gemmA qkv_proj",
      "gemmA o_proj",
      "gemmA gate_up",
      "gemmA down",
    ]);
  });

  test("the ends of a pass: embedding, final norm and head", () => {
    const layer: Name[] = [
      "addNorm",
      "gemmA",
      "rope",
      "attention",
      "gemmB",
      "addNorm",
      "gemmC",
      "act",
      "gemmD",
    ];
    const roles = rolesOf([
      "embed",
      "norm",
      ...layer.slice(1),
      ...layer,
      ...layer,
      "addNorm",
      "head",
      "argmax",
    ]);
    expect(roles.slice(0, 3)).toEqual([
      ["embed", "embed", "position"],
      ["norm", "layer_norm", "position"],
      ["gemmA", "qkv_proj", "position"],
    ]);
    expect(roles.slice(-3)).toEqual([
      ["addNorm", "final_norm", "position"],
      ["head", "lm_head", "position"],
      ["argmax", "sample", "class"],
    ]);
  });

  test("a trace that was cut after a QKV projection has no head", () => {
    const layer: Name[] = [
      "addNorm",
      "gemmA",
      "rope",
      "attention",
      "gemmB",
      "addNorm",
      "gemmC",
      "act",
      "gemmD",
    ];
    const roles = rolesOf([...layer, ...layer, ...layer, "addNorm", "gemmA"]);
    expect(roles.map(([, role]) => role)).not.toContain("lm_head");
    expect(roles.at(-1)![1]).not.toBe("final_norm");
  });

  test("experts: router, up, activation, down, and a shared expert", () => {
    const attention: Name[] = [
      "addNorm",
      "gemmA",
      "rope",
      "cache",
      "attention",
      "gemmB",
      "addNorm",
    ];
    const experts: Name[] = ["gemmD", "reduce", "topk", "align", "expert", "act", "expert", "sum"];
    expect(middleLayer([...attention, ...experts]).slice(attention.length)).toEqual([
      "gemmD router",
      "reduce router",
      "topk topk",
      "align moe_align",
      "expert moe_up",
      "act moe_act",
      "expert moe_down",
      "sum finalize",
    ]);
    const shared: Name[] = ["gemmC", "act", "gemmB"];
    for (const [order, from] of [
      [[...attention, ...experts, ...shared, "add"], attention.length + experts.length],
      [[...attention, ...shared, ...experts, "add"], attention.length],
    ] as [Name[], number][]) {
      const roles = middleLayer(order);
      expect(roles.slice(from, from + 3)).toEqual([
        "gemmC shared_gate_up",
        "act shared_act",
        "gemmB shared_down",
      ]);
      expect(roles).toContain("gemmD router");
      expect(roles).toContain("expert moe_up");
    }
  });

  test("two dense GEMMs before the choice leave the router open", () => {
    const roles = middleLayer([
      ...(["addNorm", "gemmA", "rope", "attention", "gemmB", "addNorm"] as const),
      ...(["gemmC", "gemmD", "topk", "align", "expert", "act", "expert", "sum"] as const),
    ]);
    expect(roles).toContain("gemmC null");
    expect(roles).toContain("gemmD null");
    expect(roles).toContain("expert moe_down");
  });

  test("latent attention, absorbed (decode)", () => {
    const roles = middleLayer([
      ...([
        "addNorm",
        "gemmA",
        "norm",
        "norm",
        "gemmB",
        "gemmC",
        "rope",
        "mlaCache",
        "mla",
      ] as const),
      ...(["gemmC", "gemmB", "allReduce", "addNorm", "gemmA", "act", "gemmD"] as const),
    ]);
    expect(roles).toEqual([
      "addNorm layer_norm",
      "gemmA qkv_a_proj",
      "norm qkv_a_norm",
      "norm qkv_a_norm",
      "gemmB qkv_b_proj",
      "gemmC mla_absorb",
      "rope rope",
      "mlaCache kv_write",
      "mla attention",
      "gemmC mla_absorb",
      "gemmB o_proj",
      "allReduce all_reduce",
      "addNorm layer_norm",
      "gemmA gate_up",
      "act act",
      "gemmD down",
    ]);
  });

  test("latent attention, not absorbed (prefill)", () => {
    const roles = middleLayer([
      ...(["addNorm", "gemmA", "norm", "norm", "gemmB", "gemmC", "rope", "attention"] as const),
      ...(["gemmD", "addNorm", "gemmA", "act", "gemmD"] as const),
    ]);
    expect(roles.slice(1, 6)).toEqual([
      "gemmA qkv_a_proj",
      "norm qkv_a_norm",
      "norm qkv_a_norm",
      "gemmB qkv_b_proj",
      "gemmC qkv_b_proj",
    ]);
  });

  test("three layers of linear attention to one of attention, gated", () => {
    const mlp: Name[] = ["addNorm", "gemmC", "act", "gemmD"];
    const linear: Name[] = [
      "addNorm",
      "gemmA",
      "gemmA",
      "conv",
      "delta",
      "gatedNorm",
      "gemmB",
      ...mlp,
    ];
    const full: Name[] = [
      "addNorm",
      "gemmC",
      "norm",
      "norm",
      "rope",
      "attention",
      "sigmoid",
      "mul",
      "gemmB",
      ...mlp,
    ];
    const roles = middleLayer([...linear, ...linear, ...linear, ...full], 4);
    expect(roles.slice(0, linear.length)).toEqual([
      "addNorm layer_norm",
      "gemmA linear_in_proj",
      "gemmA linear_in_proj",
      "conv linear_attention",
      "delta linear_attention",
      "gatedNorm linear_norm",
      "gemmB linear_out_proj",
      "addNorm layer_norm",
      "gemmC gate_up",
      "act act",
      "gemmD down",
    ]);
    expect(roles.slice(-full.length)).toEqual([
      "addNorm layer_norm",
      "gemmC qkv_proj",
      "norm qk_norm",
      "norm qk_norm",
      "rope rope",
      "attention attention",
      "sigmoid act",
      "mul null",
      "gemmB o_proj",
      "addNorm layer_norm",
      "gemmC gate_up",
      "act act",
      "gemmD down",
    ]);
  });

  test("a vision encoder: Q, K and V apart, attention unfused, plain GELU", () => {
    const roles = middleLayer([
      ...([
        "layerNorm",
        "gemmA",
        "gemmA",
        "gemmA",
        "copy",
        "gemmB",
        "mul",
        "softmax",
        "copy",
        "gemmC",
      ] as const),
      ...(["copy", "gemmD", "add", "layerNorm", "gemmA", "gelu", "gemmB", "add"] as const),
    ]);
    expect(roles).toEqual([
      "layerNorm layer_norm",
      "gemmA qkv_proj",
      "gemmA qkv_proj",
      "gemmA qkv_proj",
      "copy attn_copy",
      "gemmB attention",
      "mul null",
      "softmax attention",
      "copy attn_copy",
      "gemmC attention",
      "copy attn_copy",
      "gemmD o_proj",
      "add residual_add",
      "layerNorm layer_norm",
      "gemmA gate_up",
      "gelu act",
      "gemmB down",
      "add residual_add",
    ]);
  });

  test("gate and up apart, the activation between them", () => {
    const roles = middleLayer([
      ...(["norm", "gemmA", "rope", "attention", "gemmB", "add", "norm"] as const),
      ...(["gemmC", "silu", "gemmC", "mul", "gemmD", "add"] as const),
    ]);
    expect(roles.slice(-6)).toEqual([
      "gemmC gate_up",
      "silu act",
      "gemmC gate_up",
      "mul null",
      "gemmD down",
      "add residual_add",
    ]);
  });

  test("quantisation before every GEMM changes nothing", () => {
    const roles = middleLayer([
      ...([
        "addNorm",
        "quantize",
        "gemmA",
        "rope",
        "attention",
        "quantize",
        "gemmB",
        "allReduce",
      ] as const),
      ...(["addNorm", "quantize", "gemmC", "act", "quantize", "gemmD", "allReduce"] as const),
    ]);
    expect(roles.filter((role) => role.startsWith("gemm"))).toEqual([
      "gemmA qkv_proj",
      "gemmB o_proj",
      "gemmC gate_up",
      "gemmD down",
    ]);
  });
});

test("torch's top-k and sort in layers with experts are routing; with a draw they stay what they are", () => {
  const layer: Name[] = [
    "addNorm",
    "gemmD",
    "torchTopk",
    "torchSort",
    "expert",
    "act",
    "expert",
    "sum",
  ];
  const graph = (names: readonly Name[]) =>
    buildKernelGraph(
      trace()
        .replay(names.map((name) => KERNELS[name]))
        .build(),
      {
        profile: vllm,
        ruleSet,
        stageHint: null,
      },
    );
  const layers = Array.from({ length: 6 }, () => layer).flat();
  const routing = graph(layers);
  expect(symbolAt(routing, 2 * layer.length + 2)).toMatchObject({
    category: "routing",
    categoryFrom: "position",
    role: "topk",
  });
  expect(symbolAt(routing, 2 * layer.length + 3)).toMatchObject({
    category: "routing",
    role: "moe_align",
  });
  const drawn = graph(
    Array.from({ length: 6 }, () => [...layer, "head", "argmax"] as Name[]).flat(),
  );
  expect(symbolAt(drawn, 2 * (layer.length + 2) + 2)).toMatchObject({
    category: "sampling",
    role: null,
  });
});

test("the position of a true value is index arithmetic, no choice of a token", () => {
  const name =
    "void at::native::reduce_kernel<512, 1, at::native::ReduceOp<bool, at::native::ArgMaxOps<bool>, unsigned int, long, 4, 4> >(int)";
  const graph = buildKernelGraph(trace().kernel(name).launchedBy().build(), {
    profile: vllm,
    ruleSet,
    stageHint: null,
  });
  expect(symbolAt(graph, 0)).toMatchObject({ category: "elementwise", role: null });
});

describe("what stays open", () => {
  test("an unknown projection more leaves the stretch alone", () => {
    const roles = middleLayer([
      ...(["addNorm", "gemmA", "gemmA", "rope", "attention", "gemmB", "gemmB"] as const),
      ...(["addNorm", "gemmC", "act", "gemmD"] as const),
    ]);
    expect(roles.filter((role) => role.startsWith("gemmA") || role.startsWith("gemmB"))).toEqual([
      "gemmA null",
      "gemmA null",
      "gemmB null",
      "gemmB null",
    ]);
  });

  test("an activation without an MLP around it (a time embedding) opens none", () => {
    const roles = middleLayer([
      ...([
        "silu",
        "gemmC",
        "layerNorm",
        "gemmA",
        "attention",
        "gemmB",
        "layerNorm",
        "gemmD",
      ] as const),
      ...(["gelu", "gemmD"] as const),
    ]);
    expect(roles).toContain("gemmC null");
  });

  test("two neighbours that swapped places in one layer have the roles of the other layers", () => {
    const layer: Name[] = [
      "addNorm",
      "gemmA",
      "rope",
      "attention",
      "gemmB",
      "addNorm",
      "gemmC",
      "act",
      "gemmD",
    ];
    const swapped: Name[] = ["gemmA", "addNorm", ...layer.slice(2)];
    const roles = rolesOf([...layer, ...layer, ...layer, ...swapped, ...layer, ...layer]);
    const inSwapped = roles.slice(3 * layer.length, 4 * layer.length).map(([, role]) => role);
    expect(inSwapped.slice(0, 2)).toEqual(["qkv_proj", "layer_norm"]);
  });
});

test("a module that tells the role is believed before the place", () => {
  const built = trace();
  const scopes: Partial<Record<number, string>> = { 1: "Model_0/Attention_0/QKVParallelLinear_0" };
  for (const [at, name] of (
    ["addNorm", "gemmA", "rope", "attention", "gemmB", "addNorm", "gemmC", "act", "gemmD"] as Name[]
  ).entries()) {
    const kernel = built.kernel(KERNELS[name]);
    const frames = (scopes[at] ?? "")
      .split("/")
      .filter(Boolean)
      .map((one) => `nn.Module: ${one}`);
    if (frames.length > 0) kernel.frames(...frames);
    kernel.inside("aten::mm").launchedBy();
  }
  const graph = buildKernelGraph(built.build(), { profile: vllm, ruleSet, stageHint: null });
  expect(symbolAt(graph, 1)).toMatchObject({
    role: "qkv_proj",
    roleFrom: "module",
    roleGround: null,
  });
  expect(symbolAt(graph, 4)).toMatchObject({
    role: "o_proj",
    roleFrom: "position",
    roleGround: "the GEMM between attention and a layer norm",
  });
});
