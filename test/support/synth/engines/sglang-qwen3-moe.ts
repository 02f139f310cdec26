/** Qwen3-30B-A3B as SGLang runs it on Hopper: FlashAttention 3, Triton experts. */
import type { Call } from "../calls.ts";
import { kernel, layer, module, plumbing, py, torchOp } from "../describe.ts";
import { CUBLAS, FLASH_ATTENTION_3, SGLANG } from "../kernel-names.ts";
import { hasFeature, type StepSpec, type TraceSpec } from "../spec.ts";
import {
  allReduce,
  allReduceNorm,
  embedding,
  JIT_KERNEL,
  linear,
  logits,
  rmsNorm,
  type Shape,
  SRT,
} from "./sglang-parts.ts";
import { GEMM, JIT, perRow, scaled, TRITON } from "./work.ts";

const HIDDEN = 2048;
const HEAD = 128;
const TOP_K = 8;

/** One step of the model as every helper below needs it. */
interface Run {
  readonly shape: Shape;
  readonly tokens: number;
  readonly decode: boolean;
  /** All-reduce and the norm behind it in one kernel. */
  readonly fusedNorm: boolean;
}

/** The model part of one step: embedding, layers, final norm, logits. */
export function qwen3Moe(spec: TraceSpec, step: StepSpec): Call[] {
  const run: Run = {
    shape: { hidden: HIDDEN, vocab: 151_936, tp: spec.tp },
    tokens: step.tokens,
    decode: step.stage === "decode",
    fusedNorm: hasFeature(spec, "fused-allreduce-norm") && spec.tp > 1,
  };
  const layers = Array.from({ length: spec.layers }, (_, index) => decoderLayer(run, index));
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
            embedding(run.shape, run.tokens),
            ...layers,
            norm(run, "norm", "final_norm"),
          ),
        ),
        logits(run.shape, step.batchSize),
      ),
    ),
  ];
}

function decoderLayer(run: Run, index: number): Call {
  const first = rmsNorm("input_layernorm", "input_norm", [run.tokens, HIDDEN], false);
  return layer(
    index,
    module(
      "Qwen3MoeDecoderLayer",
      `layers.${index}`,
      py(
        `${SRT}/models/qwen3_moe.py(843): forward`,
        py(
          `${SRT}/layers/communicator.py(499): prepare_attn`,
          index === 0 ? first : norm(run, "input_layernorm", "input_norm"),
        ),
        attention(run),
        py(
          `${SRT}/layers/communicator.py(561): prepare_mlp`,
          norm(run, "post_attention_layernorm", "post_attention_norm"),
        ),
        moe(run),
      ),
    ),
  );
}

function norm(run: Run, as: string, role: string): Call {
  return run.fusedNorm
    ? allReduceNorm(run.shape, as, `${role}_all_reduce`, run.tokens)
    : rmsNorm(as, role, [run.tokens, HIDDEN]);
}

/** The all-reduce after a row-parallel layer, unless the next norm does it. */
function partialSum(run: Run, role: string): Call[] {
  return run.fusedNorm ? [] : allReduce(run.shape, run.tokens, role);
}

function attention(run: Run): Call {
  const t = run.tokens;
  const heads = 32 / run.shape.tp;
  const kvHeads = 4 / run.shape.tp;
  const qkv = run.decode
    ? kernel("qkv_proj", "nvjet_tst_64x32_64x16_4x1_v_bz_TNT", scaled(5.6, 13.2, t), GEMM)
    : kernel("qkv_proj", "nvjet_tst_128x256_64x4_2x1_v_bz_coopA_TNT", scaled(5.6, 13.2, t), GEMM);
  const out = run.decode
    ? kernel("o_proj", "nvjet_tst_64x16_64x16_4x1_v_bz_TNT", scaled(5.1, 10.7, t), GEMM)
    : kernel("o_proj", "nvjet_tst_128x128_64x6_2x1_v_bz_TNT", scaled(5.1, 10.7, t), GEMM);
  return module(
    "Qwen3MoeAttention",
    "self_attn",
    py(
      `${SRT}/models/qwen3_moe.py(660): forward`,
      py(
        `${SRT}/models/qwen3_moe.py(575): forward_prepare_native`,
        linear("QKVParallelLinear", "qkv_proj", [t, HIDDEN, (heads + 2 * kvHeads) * HEAD], qkv),
        py(
          `${SRT}/models/utils.py(416): apply_qk_norm`,
          rmsNorm("q_norm", "q_norm", [t * heads, HEAD], false),
          rmsNorm("k_norm", "k_norm", [t * kvHeads, HEAD], false),
        ),
        rotary(t, heads + kvHeads),
      ),
      py(
        `${SRT}/models/qwen3_moe.py(634): forward_core`,
        attentionCore(run, heads, kvHeads),
        linear("RowParallelLinear", "o_proj", [t, heads * HEAD, HIDDEN], out),
        ...partialSum(run, "attention_all_reduce"),
      ),
    ),
  );
}

function attentionCore(run: Run, heads: number, kvHeads: number): Call {
  const t = run.tokens;
  const cache = [8192, 64, kvHeads, HEAD];
  const fa3 = kernel("attention", FLASH_ATTENTION_3.forward, run.decode ? 9.8 : scaled(8, 34, t), {
    ...GEMM,
    ...JIT,
  });
  const backend = run.decode ? "(1102): forward_decode" : "(748): forward_extend";
  return module(
    "RadixAttention",
    "attn",
    py(
      `${SRT}/layers/radix_attention.py(104): forward`,
      py(
        `${SRT}/layers/attention/base_attn_backend.py(91): forward`,
        py(
          `${SRT}/layers/attention/flashattention_backend.py${backend}`,
          py(
            `${SRT}/mem_cache/memory_pool.py(868): set_kv_buffer`,
            py(
              `${JIT_KERNEL}/kvcache.py(70): store_cache`,
              kernel("kv_store", SGLANG.storeKv, scaled(1.7, 1.5, t), {
                ...JIT,
                ...perRow(t, 128),
                registers: 16,
              }),
            ),
          ),
          plumbing(
            "sgl_kernel/flash_attn.py(214): flash_attn_with_kvcache",
            torchOp("sgl_kernel::fwd", [[t, heads, HEAD], cache, cache, []], fa3),
          ),
        ),
      ),
    ),
  );
}

function rotary(tokens: number, heads: number): Call {
  return module(
    "RotaryEmbedding",
    "rotary_emb",
    py(
      `${SRT}/layers/rotary_embedding/base.py(335): forward_cuda`,
      py(
        `${JIT_KERNEL}/rope.py(136): apply_rope_with_cos_sin_cache_inplace`,
        kernel("rope", SGLANG.rope, scaled(2.4, 2.2, tokens), {
          ...JIT,
          ...perRow(Math.ceil((tokens * heads) / 8), 128),
        }),
      ),
    ),
  );
}

function moe(run: Run): Call {
  const t = run.tokens;
  const router = run.decode
    ? [
        kernel("router", "nvjet_tst_64x8_64x16_2x4_h_bz_splitK_TNT", 4.4, GEMM),
        kernel("router_reduce", CUBLAS.splitKReduce, 1.9, { grid: [32, 1, 1], block: [32, 16, 1] }),
      ]
    : [kernel("router", "nvjet_tst_128x64_64x8_2x1_v_bz_TNT", scaled(3.2, 2.6, t), GEMM)];
  const topk = kernel("topk", SGLANG.topkSoftmax, scaled(2.9, 1.1, t), {
    grid: [Math.ceil(t / 8), 1, 1],
    block: [32, 4, 1],
  });
  return module(
    "Qwen3MoeSparseMoeBlock",
    "mlp",
    py(
      `${SRT}/models/qwen3_moe.py(278): forward_normal`,
      linear("ReplicatedLinear", "gate", [t, HIDDEN, 128], ...router),
      module(
        "TopK",
        "topk",
        py(
          `${SRT}/layers/moe/topk.py(266): forward_cuda`,
          py(
            `${SRT}/layers/moe/topk.py(465): fused_topk`,
            torchOp("sgl_kernel::topk_softmax", [[t, TOP_K], [t, TOP_K], [t, 128], []], topk),
          ),
        ),
      ),
      experts(run),
      ...partialSum(run, "moe_all_reduce"),
    ),
  );
}

function experts(run: Run): Call {
  const t = run.tokens;
  const inter = 768 / run.shape.tp;
  const tokens = [t, TOP_K];
  const weights = [
    [128, 2 * inter, HIDDEN],
    [128, HIDDEN, inter],
  ];
  return module(
    "FusedMoE",
    "experts",
    py(
      `${SRT}/layers/moe/fused_moe_triton/layer.py(1034): run_moe_core`,
      torchOp(
        "sglang::inplace_fused_experts",
        [[t, HIDDEN], ...weights, tokens, tokens],
        py(
          `${SRT}/layers/moe/fused_moe_triton/fused_moe.py(408): fused_experts_impl`,
          ...fusedExperts(run, inter),
        ),
      ),
    ),
  );
}

function fusedExperts(run: Run, inter: number): Call[] {
  const t = run.tokens;
  const rows = t * TOP_K;
  const align = run.decode
    ? [kernel("moe_align", SGLANG.moeAlignSmall, 5.2, perRow(1, 256))]
    : [
        kernel("moe_align", SGLANG.moeAlign, 7.4, perRow(1, 1024)),
        kernel("moe_sort", SGLANG.countAndSort, scaled(3, 1.4, t), perRow(64, 256)),
      ];
  const folder = `${SRT}/layers/moe/fused_moe_triton`;
  const gemm = (role: string, us: number, blocks: number) =>
    py(
      `${folder}/fused_moe_triton_kernels.py(641): invoke_fused_moe_kernel`,
      kernel(role, "fused_moe_kernel", us, { ...TRITON, grid: [blocks, 1, 1] }),
    );
  const act = kernel("experts_act", SGLANG.actAndMul, scaled(2.4, 6.4, t), {
    ...JIT,
    ...perRow(rows, 256),
  });
  const sum = kernel("experts_sum", SGLANG.moeSumReduce, scaled(2.8, 9.2, t), {
    grid: [Math.ceil(t / 8), 2, 1],
  });
  const tiles = Math.ceil(rows / 16);
  return [
    py(
      `${folder}/moe_align_block_size.py(62): moe_align_block_size`,
      torchOp("sgl_kernel::moe_align_block_size", [[t, TOP_K], [], [], [rows], [1], []], ...align),
    ),
    gemm("experts_up", scaled(41, 118, t), tiles * 6),
    torchOp(
      "sgl_kernel::silu_and_mul",
      [
        [rows, inter],
        [rows, 2 * inter],
      ],
      act,
    ),
    gemm("experts_down", scaled(24, 66, t), tiles * 16),
    torchOp("sgl_kernel::moe_sum_reduce", [[t, TOP_K, HIDDEN], [t, HIDDEN], []], sum),
  ];
}
