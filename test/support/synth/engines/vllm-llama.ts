/** Llama-3.1-8B with static FP8 weights and activations as vLLM runs it with custom ops on Hopper. */
import type { Call } from "../calls.ts";
import { eager, kernel, layer, module, op, plumbing, py, torchOp } from "../describe.ts";
import { ATEN, FLASH_ATTENTION_3, VLLM } from "../kernel-names.ts";
import type { StepSpec, TraceSpec } from "../spec.ts";
import { allReduce, CUSTOM_OP, fp8Linear, HIDDEN, LAYERS, rmsNorm, VOCAB } from "./vllm-parts.ts";
import { GEMM, JIT, perRow, scaled } from "./work.ts";

const HEAD = 128;

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
