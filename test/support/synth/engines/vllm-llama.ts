/** Llama-3.1-8B with static FP8 weights and activations as vLLM runs it with custom ops on Hopper. */
import {
  type Call,
  collective,
  copy,
  eager,
  kernel,
  layer,
  module,
  op,
  plumbing,
  py,
  torchOp,
} from "../calls.ts";
import { ATEN, FLASH_ATTENTION_3, NCCL, VLLM } from "../kernel-names.ts";
import type { StepSpec, TraceSpec } from "../spec.ts";
import { collectiveArgs, GEMM, JIT, perRow, scaled } from "./work.ts";

const HIDDEN = 4096;
const HEAD = 128;
const VOCAB = 128_256;
const LAYERS = "vllm/model_executor/layers";
const CUSTOM_OP = "vllm/model_executor/custom_op.py(46): forward";

interface Run {
  readonly tokens: number;
  readonly tp: number;
  readonly decode: boolean;
}

export function llamaFp8(spec: TraceSpec, step: StepSpec): Call[] {
  const run = { tokens: step.tokens, tp: spec.tp, decode: step.stage === "decode" };
  const layers = Array.from({ length: spec.layers }, (_, index) => decoderLayer(run, index));
  return [
    module(
      "LlamaForCausalLM",
      "model",
      py(
        "vllm/model_executor/models/llama.py(646): forward",
        plumbing(
          "vllm/compilation/decorators.py(367): __call__",
          py(
            "vllm/model_executor/models/llama.py(412): forward",
            embedding(run),
            ...layers,
            rmsNorm("norm", "final_norm", run.tokens, true),
          ),
        ),
      ),
    ),
  ];
}

function embedding({ tokens, tp }: Run): Call {
  const rows = VOCAB / tp;
  return module(
    "VocabParallelEmbedding",
    "embed_tokens",
    plumbing(
      CUSTOM_OP,
      py(
        `${LAYERS}/vocab_parallel_embedding.py(461): forward_native`,
        plumbing(
          "torch/nn/functional.py(2428): embedding",
          op(
            "aten::embedding",
            [[rows, HIDDEN], [tokens], [], [], []],
            kernel("embedding", ATEN.gather, scaled(2.8, 4.4, tokens), perRow(tokens, 256)),
          ),
        ),
        ...allReduce("embedding_all_reduce", tokens, tp),
      ),
    ),
  );
}

function decoderLayer(run: Run, index: number): Call {
  return layer(
    index,
    module(
      "LlamaDecoderLayer",
      `layers.${index}`,
      py(
        "vllm/model_executor/models/llama.py(321): forward",
        rmsNorm("input_layernorm", "input_norm", run.tokens, index > 0),
        attention(run),
        rmsNorm("post_attention_layernorm", "post_attention_norm", run.tokens, true),
        mlp(run),
      ),
    ),
  );
}

function rmsNorm(as: string, role: string, tokens: number, withAdd: boolean): Call {
  const name = withAdd ? "fused_add_rms_norm" : "rms_norm";
  const line = withAdd ? 334 : 328;
  const run = kernel(
    role,
    withAdd ? VLLM.fusedAddRmsNorm : VLLM.rmsNorm,
    scaled(2.6, 5.8, tokens),
    { ...perRow(tokens, 256), sharedMemory: 168 },
  );
  return module(
    "RMSNorm",
    as,
    plumbing(
      CUSTOM_OP,
      py(
        `${LAYERS}/layernorm.py(194): forward_cuda`,
        py(
          `vllm/_custom_ops.py(${line}): ${name}`,
          torchOp(`_C::${name}`, [[tokens, HIDDEN], [tokens, HIDDEN], [HIDDEN], []], run),
        ),
      ),
    ),
  );
}

function attention(run: Run): Call {
  const { tokens, tp } = run;
  const heads = 32 / tp;
  const kvHeads = 8 / tp;
  const rope = kernel("rope", VLLM.rope, scaled(2.3, 3.1, tokens), perRow(tokens, 512));
  return module(
    "LlamaAttention",
    "self_attn",
    py(
      "vllm/model_executor/models/llama.py(223): forward",
      fp8Linear(
        "QKVParallelLinear",
        "qkv_proj",
        [tokens, HIDDEN, (heads + 2 * kvHeads) * HEAD],
        14,
      ),
      module(
        "Llama3RotaryEmbedding",
        "rotary_emb",
        plumbing(
          CUSTOM_OP,
          py(
            `${LAYERS}/rotary_embedding/base.py(170): forward_cuda`,
            py(
              "vllm/_custom_ops.py(314): rotary_embedding",
              torchOp(
                "_C::rotary_embedding",
                [
                  [tokens],
                  [tokens, heads * HEAD],
                  [tokens, kvHeads * HEAD],
                  [],
                  [131_072, HEAD],
                  [],
                ],
                rope,
              ),
            ),
          ),
        ),
      ),
      module("Attention", "attn", py("vllm/attention/layer.py(290): forward", eager(core(run)))),
      fp8Linear("RowParallelLinear", "o_proj", [tokens, heads * HEAD, HIDDEN], 12),
      ...allReduce("attention_all_reduce", tokens, tp),
    ),
  );
}

/** Attention proper: runs between the graphs in piecewise mode. */
function core({ tokens, tp, decode }: Run): Call {
  const heads = 32 / tp;
  const kvHeads = 8 / tp;
  const backend = "vllm/v1/attention/backends/flash_attn.py(512): forward";
  const cache = [16_384, 16, kvHeads, HEAD];
  const write = kernel("kv_store", VLLM.reshapeAndCache, scaled(2, 2.4, tokens), {
    ...perRow(tokens, 128),
    registers: 42,
  });
  const run = kernel(
    "attention",
    FLASH_ATTENTION_3.forward,
    decode ? 12.4 : scaled(9, 38, tokens),
    {
      ...GEMM,
      ...JIT,
    },
  );
  const kv = [tokens, kvHeads, HEAD];
  const q = [tokens, heads, HEAD];
  return torchOp(
    "vllm::unified_attention_with_output",
    [q, kv, kv, q, [], [], []],
    py(
      "vllm/attention/layer.py(852): unified_attention_with_output",
      py(
        backend,
        torchOp("_C_cache_ops::reshape_and_cache_flash", [kv, kv, cache, cache, [tokens]], write),
        py(
          "vllm/vllm_flash_attn/flash_attn_interface.py(233): flash_attn_varlen_func",
          torchOp("_vllm_fa3_C::fwd", [q, cache, cache, []], run),
        ),
      ),
    ),
  );
}

function mlp({ tokens, tp }: Run): Call {
  const inter = 14_336 / tp;
  const act = kernel("silu_mul", VLLM.actAndMul, scaled(2.4, 7.6, tokens), perRow(tokens, 1024));
  return module(
    "LlamaMLP",
    "mlp",
    py(
      "vllm/model_executor/models/llama.py(118): forward",
      fp8Linear("MergedColumnParallelLinear", "gate_up_proj", [tokens, HIDDEN, 2 * inter], 66),
      module(
        "SiluAndMul",
        "act_fn",
        plumbing(
          CUSTOM_OP,
          py(
            `${LAYERS}/activation.py(104): forward_cuda`,
            torchOp(
              "_C::silu_and_mul",
              [
                [tokens, inter],
                [tokens, 2 * inter],
              ],
              act,
            ),
          ),
        ),
      ),
      fp8Linear("RowParallelLinear", "down_proj", [tokens, inter, HIDDEN], 34),
      ...allReduce("mlp_all_reduce", tokens, tp),
    ),
  );
}

/** Static per-tensor FP8: quantise the input, then a CUTLASS GEMM. `us` per thousand rows. */
function fp8Linear(
  type: string,
  as: string,
  [rows, inner, outer]: readonly [number, number, number],
  us: number,
): Call {
  const quant = kernel(`${as}_quant`, VLLM.scaledFp8Quant, scaled(1.9, inner / 1400, rows), {
    ...perRow(rows, 256),
    registers: 30,
  });
  const dims = [[rows, inner], [rows, inner], [1]];
  const gemm = kernel(as, VLLM.scaledMm, scaled(4.4 + us / 6, us, rows), { ...GEMM, ...JIT });
  return module(
    type,
    as,
    py(
      `${LAYERS}/linear.py(${type === "RowParallelLinear" ? 1388 : 557}): forward`,
      py(
        `${LAYERS}/quantization/fp8.py(445): apply`,
        py(
          `${LAYERS}/quantization/utils/w8a8_utils.py(367): apply`,
          py(
            `${LAYERS}/quantization/input_quant_fp8.py(67): forward_cuda`,
            py(
              "vllm/_custom_ops.py(1678): scaled_fp8_quant",
              torchOp("_C::static_scaled_fp8_quant", dims, quant),
            ),
          ),
          py(
            "vllm/_custom_ops.py(765): cutlass_scaled_mm",
            torchOp(
              "_C::cutlass_scaled_mm",
              [
                [rows, outer],
                [rows, inner],
                [inner, outer],
              ],
              gemm,
            ),
          ),
        ),
      ),
    ),
  );
}

/** vLLM's custom all-reduce; large inputs go through a staging copy. */
function allReduce(role: string, tokens: number, tp: number): Call[] {
  if (tp === 1) return [];
  const bytes = tokens * HIDDEN * 2;
  const stages = bytes <= 512 * 1024 ? 1 : 2;
  const run = kernel(role, VLLM.allReduce(stages, tp), scaled(8.8, 41, tokens), {
    ...perRow(36, 512),
    collective: true,
  });
  const stage = copy(`${role}_stage`, "DtoD (Device -> Device)", bytes, scaled(1.1, 5.4, tokens));
  const group = "vllm/distributed/parallel_state.py";
  return [
    py(
      "vllm/distributed/communication_op.py(12): tensor_model_parallel_all_reduce",
      py(
        `${group}(480): all_reduce`,
        torchOp(
          "vllm::all_reduce",
          [[tokens, HIDDEN], []],
          py(
            `${group}(504): _all_reduce_out_place`,
            py(
              "vllm/distributed/device_communicators/custom_all_reduce.py(262): custom_all_reduce",
              torchOp(
                "_C_custom_ar::all_reduce",
                [[], [tokens, HIDDEN], [tokens, HIDDEN]],
                stage,
                run,
              ),
            ),
          ),
        ),
      ),
    ),
  ];
}

/** Logits of the last token of each sequence; the vocabulary is split over the ranks. */
export function logits(spec: TraceSpec, rows: number): Call {
  const slice = VOCAB / spec.tp;
  const dims = [
    [rows, HIDDEN],
    [HIDDEN, slice],
  ];
  const head = kernel("lm_head", "nvjet_tst_64x256_64x4_1x2_h_bz_TNT", scaled(88, 6, rows), GEMM);
  const gather = kernel("logits_all_gather", NCCL.allGather, 12.9, {
    ...JIT,
    ...perRow(11, 512),
    registers: 96,
    collective: true,
    extra: collectiveArgs("_allgather_base", { in: rows * slice, out: rows * VOCAB }, spec.tp),
  });
  const gathered = collective(
    "c10d::_allgather_base_",
    "_all_gather_base",
    [[spec.tp * rows, slice], [rows, slice], [], [], []],
    gather,
  );
  return module(
    "LogitsProcessor",
    "logits_processor",
    py(
      `${LAYERS}/logits_processor.py(62): forward`,
      op("aten::linear", dims, op("aten::mm", dims, head)),
      ...(spec.tp === 1
        ? []
        : [py("vllm/distributed/communication_op.py(18): tensor_model_parallel_gather", gathered)]),
    ),
  );
}
