/**
 * DeepSeek-V3 as SGLang prefills it with expert parallelism: DeepEP on its own stream, the shared
 * expert on the main stream while the routed tokens are combined, nothing beside the dispatch.
 */
import type { Call } from "../calls.ts";
import { fence, kernel, layer, module, op, plumbing, py, torchOp } from "../describe.ts";
import { ATEN, DEEPSEEK, FLASH_ATTENTION_3, SGLANG } from "../kernel-names.ts";
import type { StepSpec, TraceSpec } from "../spec.ts";
import { JIT_KERNEL, rmsNorm, SRT } from "./sglang-parts.ts";
import { GEMM, JIT, perRow, scaled, TRITON } from "./work.ts";

const HIDDEN = 7168;

export function deepseek(spec: TraceSpec, step: StepSpec): Call[] {
  const t = step.tokens;
  const layers = Array.from({ length: spec.layers }, (_, index) => decoderLayer(t, index));
  return [
    plumbing(
      "torch/utils/_contextlib.py(124): decorate_context",
      py(
        `${SRT}/models/deepseek_v2.py(2841): forward`,
        module(
          "DeepseekV2Model",
          "model",
          py(`${SRT}/models/deepseek_v2.py(2613): forward`, ...layers),
        ),
      ),
    ),
  ];
}

function decoderLayer(t: number, index: number): Call {
  return layer(
    index,
    module(
      "DeepseekV2DecoderLayer",
      `layers.${index}`,
      py(
        `${SRT}/models/deepseek_v2.py(2344): forward`,
        py(
          `${SRT}/layers/communicator.py(499): prepare_attn`,
          rmsNorm("input_layernorm", "input_norm", [t, HIDDEN]),
        ),
        attention(t),
        py(
          `${SRT}/layers/communicator.py(561): prepare_mlp`,
          rmsNorm("post_attention_layernorm", "post_attention_norm", [t, HIDDEN]),
        ),
        moe(t),
      ),
    ),
  );
}

function attention(t: number): Call {
  const fa3 = kernel("attention", FLASH_ATTENTION_3.forward, scaled(20, 96, t), {
    ...GEMM,
    ...JIT,
  });
  return module(
    "DeepseekV2AttentionMLA",
    "self_attn",
    py(
      `${SRT}/models/deepseek_v2.py(1502): forward_normal`,
      ...fp8Linear("ReplicatedLinear", "fused_qkv_a_proj_with_mqa", [t, HIDDEN, 2112], 44),
      rmsNorm("q_a_layernorm", "q_a_norm", [t, 1536], false),
      ...fp8Linear("ColumnParallelLinear", "q_b_proj", [t, 1536, 24_576], 88),
      rmsNorm("kv_a_layernorm", "kv_a_norm", [t, 512], false),
      ...fp8Linear("ColumnParallelLinear", "kv_b_proj", [t, 512, 32_768], 52),
      py(
        `${JIT_KERNEL}/rope.py(136): apply_rope_with_cos_sin_cache_inplace`,
        kernel("rope", SGLANG.rope, scaled(3, 5, t), { ...JIT, ...perRow(t, 128) }),
      ),
      module(
        "RadixAttention",
        "attn_mha",
        py(
          `${SRT}/layers/attention/flashattention_backend.py(748): forward_extend`,
          torchOp("sgl_kernel::fwd", [[t, 128, 192], [t, 128, 192], [t, 128, 128], []], fa3),
        ),
      ),
      ...fp8Linear("RowParallelLinear", "o_proj", [t, 16_384, HIDDEN], 210),
    ),
  );
}

function moe(t: number): Call {
  const model = `${SRT}/models/deepseek_v2.py`;
  const router = kernel("router", "nvjet_tst_128x64_64x8_2x1_v_bz_TNT", scaled(6, 5, t), GEMM);
  const gate = kernel("topk", DEEPSEEK.gate, scaled(3, 1.6, t), perRow(Math.ceil(t / 6), 192));
  return module(
    "DeepseekV2MoE",
    "mlp",
    py(
      `${model}(978): forward_deepep`,
      py(
        `${model}(371): forward`,
        op(
          "aten::mm",
          [
            [t, HIDDEN],
            [HIDDEN, 256],
          ],
          router,
        ),
      ),
      py(
        `${SRT}/layers/moe/topk.py(631): biased_grouped_topk_gpu`,
        torchOp("sgl_kernel::moe_fused_gate", [[t, 256], [256], [], [], []], gate),
      ),
      ...dispatch(t),
      experts(t),
      ...combineBesideShared(t),
      op(
        "aten::add_",
        [[t, HIDDEN], [t, HIDDEN], []],
        kernel("shared_add", ATEN.add, scaled(4, 6, t), perRow(t, 128)),
      ),
    ),
  );
}

const DEEP_EP = `${SRT}/layers/moe/token_dispatcher/deepep.py`;

/** Nothing else runs while tokens travel: the main stream waits at once. */
function dispatch(t: number): Call[] {
  const onComm = { ...JIT, ...perRow(24, 768), stream: "second" };
  return [
    fence("main", "second"),
    py(
      `${DEEP_EP}(318): dispatch_a`,
      plumbing(
        "deep_ep/buffer.py(384): dispatch",
        kernel("ep_notify", DEEPSEEK.notifyDispatch, 14, onComm),
        kernel("ep_dispatch", DEEPSEEK.dispatch, scaled(20, 44, t), onComm),
      ),
    ),
    fence("second", "main"),
  ];
}

function combineBesideShared(t: number): Call[] {
  const onComm = { ...JIT, ...perRow(24, 768), stream: "second" };
  return [
    fence("main", "second"),
    py(
      `${DEEP_EP}(392): combine_a`,
      plumbing(
        "deep_ep/buffer.py(466): combine",
        kernel("ep_combine", DEEPSEEK.combine, scaled(20, 47, t), onComm),
      ),
    ),
    py(
      `${SRT}/models/deepseek_v2.py(1141): _forward_shared_experts`,
      module(
        "DeepseekV2MLP",
        "shared_experts",
        py(
          `${SRT}/models/deepseek_v2.py(262): forward`,
          ...fp8Linear("MergedColumnParallelLinear", "shared_gate_up", [t, HIDDEN, 4096], 86),
          torchOp(
            "sgl_kernel::silu_and_mul",
            [
              [t, 2048],
              [t, 4096],
            ],
            kernel("shared_act", SGLANG.actAndMul, scaled(3, 4, t), { ...JIT, ...perRow(t, 256) }),
          ),
          ...fp8Linear("RowParallelLinear", "shared_down", [t, 2048, HIDDEN], 41),
        ),
      ),
    ),
    fence("second", "main"),
  ];
}

function experts(t: number): Call {
  const triton = (role: string, name: string, us: number) =>
    kernel(role, name, us, { ...TRITON, grid: [Math.ceil(t / 4), 1, 1] });
  const gemm = (role: string, n: number, k: number, us: number) =>
    plumbing(
      "deep_gemm/__init__.py(61): m_grouped_fp8_gemm_nt_contiguous",
      kernel(role, DEEPSEEK.gemm(n, k, 1), us, GEMM),
    );
  return module(
    "DeepEPMoE",
    "experts",
    py(
      `${SRT}/layers/moe/ep_moe/layer.py(502): forward_deepgemm_contiguous`,
      py(
        `${SRT}/layers/moe/ep_moe/kernels.py(914): ep_scatter`,
        triton("ep_scatter_count", "_fwd_kernel_ep_scatter_1", 5),
        triton("ep_scatter", "_fwd_kernel_ep_scatter_2", scaled(8, 14, t)),
      ),
      gemm("experts_up", 4096, HIDDEN, scaled(60, 152, t)),
      torchOp(
        "sgl_kernel::silu_and_mul",
        [
          [2 * t, 2048],
          [2 * t, 4096],
        ],
        kernel("experts_act", SGLANG.actAndMul, scaled(4, 8, t), { ...JIT, ...perRow(2 * t, 256) }),
      ),
      groupQuant("experts_down_quant", 2 * t, 2048),
      gemm("experts_down", HIDDEN, 2048, scaled(34, 78, t)),
      py(
        `${SRT}/layers/moe/ep_moe/kernels.py(1046): ep_gather`,
        triton("ep_gather", "_fwd_kernel_ep_gather", scaled(8, 13, t)),
      ),
    ),
  );
}

/** FP8 block-scaled linear layer: quantise the input, then DeepGEMM. `us` is its GEMM at 4,096 rows. */
function fp8Linear(
  type: string,
  as: string,
  [rows, inner, outer]: readonly [number, number, number],
  us: number,
): Call[] {
  const gemm = kernel(as, DEEPSEEK.gemm(outer, inner, 0), 6 + (us * rows) / 4096, GEMM);
  return [
    module(
      type,
      as,
      py(
        `${SRT}/layers/linear.py(461): forward`,
        py(
          `${SRT}/layers/quantization/fp8_utils.py(388): deepgemm_w8a8_block_fp8_linear_with_fallback`,
          groupQuant(`${as}_quant`, rows, inner),
          py(
            `${SRT}/layers/deep_gemm_wrapper/entrypoint.py(91): gemm_nt_f8f8bf16`,
            torchOp(
              "sglang::deep_gemm_fp8_fp8_bf16_nt",
              [
                [rows, inner],
                [outer, inner],
                [rows, outer],
              ],
              gemm,
            ),
          ),
        ),
      ),
    ),
  ];
}

function groupQuant(role: string, rows: number, width: number): Call {
  const us = 2 + (rows * width) / 3_600_000;
  const run = kernel(
    role,
    DEEPSEEK.groupQuant,
    us,
    perRow(Math.ceil((rows * width) / 16_384), 128),
  );
  return py(
    `${SRT}/layers/quantization/fp8_kernel.py(512): sglang_per_token_group_quant_fp8`,
    torchOp(
      "sgl_kernel::sgl_per_token_group_quant_8bit_v2",
      [[rows, width], [rows, width], []],
      run,
    ),
  );
}
