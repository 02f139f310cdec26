/** Qwen3-30B-A3B as SGLang runs it on Hopper: one decoder layer as a call tree, TP 2 shapes. */
import { type Call, copy, kernel, layer, module, op, plumbing, py } from "../calls.ts";
import { ATEN, CUBLAS, FLASH_ATTENTION_3, FLASHINFER, NCCL, SGLANG } from "../kernel-names.ts";
import { hasFeature, type StepSpec, type TraceSpec } from "../spec.ts";

const SRT = "/sgl-workspace/sglang/python/sglang/srt";
const OPS_CALL = "torch/_ops.py(1244): __call__";
const HIDDEN = 2048;
const HEAD = 128;
const VOCAB = 151_936;
const TOP_K = 8;

/** The model part of one step: embedding, layers, final norm, logits. */
export function qwen3MoeForward(spec: TraceSpec, step: StepSpec): Call[] {
  const t = step.tokens;
  const layers = Array.from({ length: spec.layers }, (_, index) => decoderLayer(spec, step, index));
  return [
    plumbing(
      "torch/utils/_contextlib.py(124): decorate_context",
      py(
        `${SRT}/models/qwen3_moe.py(1021): forward`,
        module(
          "Qwen3MoeModel",
          "model",
          py(
            `${SRT}/models/qwen2_moe.py(689): forward`,
            embedding(spec, t),
            ...layers,
            rmsNorm("norm", "final_norm", t),
          ),
        ),
        logits(spec, step),
      ),
    ),
  ];
}

function embedding(spec: TraceSpec, tokens: number): Call {
  return module(
    "VocabParallelEmbedding",
    "embed_tokens",
    py(
      `${SRT}/layers/vocab_parallel_embedding.py(471): forward`,
      py(
        `${SRT}/layers/quantization/unquant.py(103): embedding`,
        plumbing(
          "torch/nn/functional.py(2428): embedding",
          op(
            "aten::embedding",
            [[VOCAB / spec.tp, HIDDEN], [tokens], [], [], []],
            op(
              "aten::index_select",
              [[VOCAB / spec.tp, HIDDEN], [], [tokens]],
              kernel("embedding", ATEN.gather, scaled(2.6, 2.4, tokens), { grid: [tokens, 1, 1] }),
            ),
          ),
        ),
      ),
      ...allReduce(spec, tokens, "embedding_all_reduce"),
    ),
  );
}

function decoderLayer(spec: TraceSpec, step: StepSpec, index: number): Call {
  const t = step.tokens;
  return layer(
    index,
    module(
      "Qwen3MoeDecoderLayer",
      `layers.${index}`,
      py(
        `${SRT}/models/qwen3_moe.py(843): forward`,
        py(
          `${SRT}/layers/communicator.py(499): prepare_attn`,
          index === 0
            ? rmsNorm("input_layernorm", "input_norm", t, true)
            : norm(spec, "input_layernorm", "input_norm", t),
        ),
        attention(spec, step),
        py(
          `${SRT}/layers/communicator.py(561): prepare_mlp`,
          norm(spec, "post_attention_layernorm", "post_attention_norm", t),
        ),
        moe(spec, step),
      ),
    ),
  );
}

/** The norm after a partial sum: all-reduce first, in one kernel or in two. */
function norm(spec: TraceSpec, as: string, role: string, tokens: number): Call {
  if (!hasFeature(spec, "fused-allreduce-norm") || spec.tp === 1) return rmsNorm(as, role, tokens);
  const fused = kernel(
    `${role}_all_reduce`,
    FLASHINFER.allReduceNorm(spec.tp),
    scaled(8.9, 24, tokens),
    {
      grid: [Math.min(tokens, 132), 1, 1],
      block: [256, 1, 1],
      registers: 48,
      api: "cudaLaunchKernelExC",
      earlyUs: 0.9,
      collective: true,
    },
  );
  return module(
    "RMSNorm",
    as,
    py(
      `${SRT}/layers/layernorm.py(233): forward_with_allreduce_fusion`,
      py(
        `${SRT}/layers/flashinfer_comm_fusion.py(251): flashinfer_allreduce_residual_rmsnorm`,
        plumbing(
          OPS_CALL,
          op(
            "sglang::flashinfer_allreduce_residual_rmsnorm",
            [[tokens, HIDDEN], [tokens, HIDDEN], [HIDDEN]],
            fused,
          ),
        ),
      ),
    ),
  );
}

function rmsNorm(as: string, role: string, tokens: number, first = false): Call {
  const [name, kernelName] = first
    ? ["rmsnorm", FLASHINFER.rmsNorm]
    : ["fused_add_rmsnorm", FLASHINFER.fusedAddRmsNorm];
  const dims = first
    ? [[tokens, HIDDEN], [HIDDEN], [tokens, HIDDEN]]
    : [[tokens, HIDDEN], [tokens, HIDDEN], [HIDDEN]];
  return module(
    "RMSNorm",
    as,
    plumbing(
      `${SRT}/layers/utils/multi_platform.py(81): forward`,
      py(
        `${SRT}/layers/layernorm.py(152): forward_cuda`,
        py(
          `sgl_kernel/elementwise.py(${first ? 27 : 66}): ${name}`,
          plumbing(
            OPS_CALL,
            op(
              `sgl_kernel::${name}`,
              dims,
              kernel(role, kernelName, scaled(2.5, 2.9, tokens), {
                grid: [tokens, 1, 1],
                block: [32, 8, 1],
                sharedMemory: 4128,
              }),
            ),
          ),
        ),
      ),
    ),
  );
}

function attention(spec: TraceSpec, step: StepSpec): Call {
  const t = step.tokens;
  const heads = 32 / spec.tp;
  const kvHeads = 4 / spec.tp;
  const decode = step.stage === "decode";
  return module(
    "Qwen3MoeAttention",
    "self_attn",
    py(
      `${SRT}/models/qwen3_moe.py(660): forward`,
      py(
        `${SRT}/models/qwen3_moe.py(575): forward_prepare_native`,
        linear("QKVParallelLinear", "qkv_proj", t, HIDDEN, (heads + 2 * kvHeads) * HEAD, [
          kernel(
            "qkv_proj",
            decode
              ? "nvjet_tst_64x32_64x16_4x1_v_bz_TNT"
              : "nvjet_tst_128x256_64x4_2x1_v_bz_coopA_TNT",
            scaled(5.6, 13.2, t),
            GEMM,
          ),
        ]),
        py(
          `${SRT}/models/utils.py(416): apply_qk_norm`,
          headNorm("q_norm", t * heads),
          headNorm("k_norm", t * kvHeads),
        ),
        rotary(t, heads, kvHeads),
      ),
      py(
        `${SRT}/models/qwen3_moe.py(634): forward_core`,
        module(
          "RadixAttention",
          "attn",
          py(
            `${SRT}/layers/radix_attention.py(104): forward`,
            py(
              `${SRT}/layers/attention/base_attn_backend.py(91): forward`,
              py(
                `${SRT}/layers/attention/flashattention_backend.py(${decode ? 1102 : 748}): forward_${decode ? "decode" : "extend"}`,
                py(
                  `${SRT}/mem_cache/memory_pool.py(868): set_kv_buffer`,
                  py(
                    "/sgl-workspace/sglang/python/sglang/jit_kernel/kvcache.py(70): store_cache",
                    kernel("kv_store", SGLANG.storeKv, scaled(1.7, 1.5, t), {
                      grid: [t, 1, 1],
                      block: [128, 1, 1],
                      registers: 16,
                      api: "cudaLaunchKernelExC",
                    }),
                  ),
                ),
                py(
                  "sgl_kernel/flash_attn.py(214): flash_attn_with_kvcache",
                  plumbing(
                    OPS_CALL,
                    op(
                      "sgl_kernel::fwd",
                      [[t, heads, HEAD], [8192, 64, kvHeads, HEAD], [8192, 64, kvHeads, HEAD], []],
                      kernel(
                        "attention",
                        FLASH_ATTENTION_3.forward,
                        decode ? 9.8 : scaled(8, 34, t),
                        {
                          grid: [132, 1, 1],
                          block: [384, 1, 1],
                          registers: 168,
                          sharedMemory: 213_000,
                          api: "cudaLaunchKernelExC",
                        },
                      ),
                    ),
                  ),
                ),
              ),
            ),
          ),
        ),
        linear("RowParallelLinear", "o_proj", t, heads * HEAD, HIDDEN, [
          kernel(
            "o_proj",
            decode ? "nvjet_tst_64x16_64x16_4x1_v_bz_TNT" : "nvjet_tst_128x128_64x6_2x1_v_bz_TNT",
            scaled(5.1, 10.7, t),
            GEMM,
          ),
        ]),
        ...partialSum(spec, t, "attention_all_reduce"),
      ),
    ),
  );
}

function headNorm(as: string, rows: number): Call {
  return module(
    "RMSNorm",
    as,
    py(
      `${SRT}/layers/layernorm.py(152): forward_cuda`,
      plumbing(
        OPS_CALL,
        op(
          "sgl_kernel::rmsnorm",
          [[rows, HEAD], [rows, HEAD], [HEAD]],
          kernel(as, FLASHINFER.rmsNorm, scaled(1.9, 0.28, rows), {
            grid: [rows, 1, 1],
            block: [32, 1, 1],
            sharedMemory: 4,
          }),
        ),
      ),
    ),
  );
}

function rotary(tokens: number, heads: number, kvHeads: number): Call {
  return module(
    "RotaryEmbedding",
    "rotary_emb",
    py(
      `${SRT}/layers/rotary_embedding/base.py(335): forward_cuda`,
      py(
        "/sgl-workspace/sglang/python/sglang/jit_kernel/rope.py(136): apply_rope_with_cos_sin_cache_inplace",
        kernel("rope", SGLANG.rope, scaled(2.4, 2.2, tokens), {
          grid: [Math.ceil((tokens * (heads + kvHeads)) / 8), 1, 1],
          block: [128, 1, 1],
          api: "cudaLaunchKernelExC",
        }),
      ),
    ),
  );
}

function moe(spec: TraceSpec, step: StepSpec): Call {
  const t = step.tokens;
  const inter = 768 / spec.tp;
  const decode = step.stage === "decode";
  const triton = {
    block: [256, 1, 1],
    registers: 168,
    sharedMemory: 98_304,
    api: "cuLaunchKernelEx",
  } as const;
  const router = decode
    ? [
        kernel("router", "nvjet_tst_64x8_64x16_2x4_h_bz_splitK_TNT", 4.4, GEMM),
        kernel("router_reduce", CUBLAS.splitKReduce, 1.9, { grid: [32, 1, 1], block: [32, 16, 1] }),
      ]
    : [kernel("router", "nvjet_tst_128x64_64x8_2x1_v_bz_TNT", scaled(3.2, 2.6, t), GEMM)];
  return module(
    "Qwen3MoeSparseMoeBlock",
    "mlp",
    py(
      `${SRT}/models/qwen3_moe.py(278): forward_normal`,
      linear("ReplicatedLinear", "gate", t, HIDDEN, 128, router),
      module(
        "TopK",
        "topk",
        py(
          `${SRT}/layers/moe/topk.py(266): forward_cuda`,
          py(
            `${SRT}/layers/moe/topk.py(465): fused_topk`,
            plumbing(
              OPS_CALL,
              op(
                "sgl_kernel::topk_softmax",
                [[t, TOP_K], [t, TOP_K], [t, 128], []],
                kernel("topk", SGLANG.topkSoftmax, scaled(2.9, 1.1, t), {
                  grid: [Math.ceil(t / 8), 1, 1],
                  block: [32, 4, 1],
                }),
              ),
            ),
          ),
        ),
      ),
      module(
        "FusedMoE",
        "experts",
        py(
          `${SRT}/layers/moe/fused_moe_triton/layer.py(1034): run_moe_core`,
          plumbing(
            OPS_CALL,
            op(
              "sglang::inplace_fused_experts",
              [
                [t, HIDDEN],
                [128, 2 * inter, HIDDEN],
                [128, HIDDEN, inter],
                [t, TOP_K],
                [t, TOP_K],
              ],
              py(
                `${SRT}/layers/moe/fused_moe_triton/fused_moe.py(408): fused_experts_impl`,
                ...experts(t, inter, decode, triton),
              ),
            ),
          ),
        ),
      ),
      ...partialSum(spec, t, "moe_all_reduce"),
    ),
  );
}

function experts(t: number, inter: number, decode: boolean, triton: object): Call[] {
  const align = decode
    ? [kernel("moe_align", SGLANG.moeAlignSmall, 5.2, { grid: [1, 1, 1], block: [256, 1, 1] })]
    : [
        kernel("moe_align", SGLANG.moeAlign, 7.4, { grid: [1, 1, 1], block: [1024, 1, 1] }),
        kernel("moe_sort", SGLANG.countAndSort, scaled(3, 1.4, t), { grid: [64, 1, 1] }),
      ];
  const invoke = `${SRT}/layers/moe/fused_moe_triton/fused_moe_triton_kernels.py(641): invoke_fused_moe_kernel`;
  const rows = t * TOP_K;
  return [
    py(
      `${SRT}/layers/moe/fused_moe_triton/moe_align_block_size.py(62): moe_align_block_size`,
      plumbing(
        OPS_CALL,
        op("sgl_kernel::moe_align_block_size", [[t, TOP_K], [], [], [rows], [1], []], ...align),
      ),
    ),
    py(
      invoke,
      kernel("experts_up", "fused_moe_kernel", scaled(41, 118, t), {
        ...triton,
        grid: [Math.ceil(rows / 16) * 6, 1, 1],
      }),
    ),
    plumbing(
      OPS_CALL,
      op(
        "sgl_kernel::silu_and_mul",
        [
          [rows, inter],
          [rows, 2 * inter],
        ],
        kernel("experts_act", SGLANG.actAndMul, scaled(2.4, 6.4, t), {
          grid: [rows, 1, 1],
          api: "cudaLaunchKernelExC",
        }),
      ),
    ),
    py(
      invoke,
      kernel("experts_down", "fused_moe_kernel", scaled(24, 66, t), {
        ...triton,
        grid: [Math.ceil(rows / 16) * 16, 1, 1],
      }),
    ),
    plumbing(
      OPS_CALL,
      op(
        "sgl_kernel::moe_sum_reduce",
        [[t, TOP_K, HIDDEN], [t, HIDDEN], []],
        kernel("experts_sum", SGLANG.moeSumReduce, scaled(2.8, 9.2, t), {
          grid: [Math.ceil(t / 8), 2, 1],
        }),
      ),
    ),
  ];
}

function linear(
  type: string,
  as: string,
  t: number,
  inner: number,
  outer: number,
  kernels: Call[],
): Call {
  return module(
    type,
    as,
    py(
      `${SRT}/layers/linear.py(${type === "RowParallelLinear" ? 1422 : 461}): forward`,
      py(
        `${SRT}/layers/quantization/unquant.py(136): apply`,
        plumbing(
          "<built-in function linear>",
          op(
            "aten::linear",
            [[t, inner], [outer, inner], []],
            op(
              "aten::mm",
              [
                [t, inner],
                [inner, outer],
              ],
              ...kernels,
            ),
          ),
        ),
      ),
    ),
  );
}

/** The all-reduce after a row-parallel layer, unless the next norm does it. */
function partialSum(spec: TraceSpec, tokens: number, role: string): Call[] {
  return hasFeature(spec, "fused-allreduce-norm") ? [] : allReduce(spec, tokens, role);
}

/** Custom all-reduce: registered buffers inside graphs, a staging copy before it when eager. */
function allReduce(spec: TraceSpec, tokens: number, role: string): Call[] {
  if (spec.tp === 1) return [];
  const bytes = tokens * HIDDEN * 2;
  const small = bytes <= 512 * 1024;
  const eager = tokens > 512;
  const group = `${SRT}/distributed/parallel_state.py`;
  const run: Call[] = [
    kernel(role, SGLANG.allReduce(small ? 1 : 2, spec.tp), scaled(8.6, 20.5, tokens), {
      grid: [36, 1, 1],
      block: [512, 1, 1],
      collective: true,
    }),
  ];
  if (eager)
    run.unshift(copy(`${role}_stage`, "DtoD (Device -> Device)", bytes, scaled(1.1, 3.3, tokens)));
  return [
    py(
      `${SRT}/distributed/communication_op.py(13): tensor_model_parallel_all_reduce`,
      py(
        `${group}(579): all_reduce`,
        plumbing(
          OPS_CALL,
          op(
            "sglang::outplace_all_reduce",
            [[tokens, HIDDEN], [], []],
            py(
              `${group}(633): _all_reduce_out_place`,
              py(
                `${SRT}/distributed/device_communicators/custom_all_reduce.py(342): custom_all_reduce`,
                plumbing(
                  OPS_CALL,
                  op(
                    "sgl_kernel::all_reduce",
                    [[], [tokens, HIDDEN], [tokens, HIDDEN], [], []],
                    ...run,
                  ),
                ),
              ),
            ),
          ),
        ),
      ),
    ),
  ];
}

function logits(spec: TraceSpec, step: StepSpec): Call {
  const rows = step.batchSize;
  const slice = VOCAB / spec.tp;
  const gather = kernel("logits_all_gather", NCCL.allGather, 13.6, {
    grid: [11, 1, 1],
    block: [512, 1, 1],
    registers: 96,
    collective: true,
    api: "cudaLaunchKernelExC",
    extra: {
      "Collective name": "_allgather_base",
      "In msg nelems": rows * slice,
      "Out msg nelems": rows * VOCAB,
      "Group size": spec.tp,
      dtype: "BFloat16",
      "Process Group Name": "1",
      "Process Group Description": "undefined",
      "Process Group Ranks": `[${Array.from({ length: spec.tp }, (_, rank) => rank).join(", ")}]`,
    },
  });
  return module(
    "LogitsProcessor",
    "logits_processor",
    py(
      `${SRT}/layers/logits_processor.py(322): forward`,
      op(
        "aten::matmul",
        [
          [rows, HIDDEN],
          [HIDDEN, slice],
        ],
        op(
          "aten::mm",
          [
            [rows, HIDDEN],
            [HIDDEN, slice],
          ],
          kernel("lm_head", "nvjet_tst_64x256_64x4_1x2_h_bz_TNT", scaled(52, 6, rows), GEMM),
        ),
      ),
      ...(spec.tp === 1
        ? []
        : [
            py(
              `${SRT}/distributed/parallel_state.py(744): all_gather`,
              op(
                "c10d::_allgather_base_",
                [[rows * spec.tp, slice], [rows, slice], [], [], []],
                gather,
              ),
            ),
          ]),
    ),
  );
}

/** Sampling after the model: what `Sampler.forward` launches. */
export function qwen3MoeHead(...body: Call[]): Call {
  return module("Sampler", "sampler", py(`${SRT}/layers/sampler.py(78): forward`, ...body));
}

const GEMM = {
  grid: [132, 1, 1],
  block: [384, 1, 1],
  registers: 168,
  sharedMemory: 213_504,
  api: "cuLaunchKernelEx",
} as const;

/** Duration in µs: a floor plus so much per thousand rows. */
function scaled(floor: number, perThousand: number, rows: number): number {
  return floor + (perThousand * rows) / 1000;
}
