/** Hugging Face transformers, Qwen2, eager: no serving engine, nothing fused but the attention. */
import type { Call } from "../calls.ts";
import { annotation, fill, frames, kernel, layer, module, op, plumbing, py } from "../describe.ts";
import { ATEN, HF } from "../kernel-names.ts";
import type { Engine, StepSpec, TraceSpec } from "../spec.ts";
import { perRow, scaled } from "./work.ts";

const QWEN2 = "transformers/models/qwen2/modeling_qwen2.py";
const HIDDEN = 1024;
const HEADS = 16;
const HEAD = 64;

export const hf: Engine = {
  processName: "python3",
  pid: 25_286,
  streams: { main: 7 },
  idleThread: [],

  session(spec) {
    const steps = spec.steps.map((step, index): Call => {
      const { stage, batchSize, tokens } = step;
      const label = `ProfilerStep#${index + 6}`;
      const body = [annotation(label, model(spec, step))];
      return { kind: "step", index, stage, label, batchSize, tokens, body };
    });
    return [frames(["~<string>(1): <module>", "profile_model.py(88): main"], ...steps)];
  },

  capture: () => [],
};

function model(spec: TraceSpec, { tokens }: StepSpec): Call {
  const layers = Array.from({ length: spec.layers }, (_, index) => decoderLayer(tokens, index));
  return module(
    "Qwen2ForCausalLM",
    "model",
    plumbing(
      "transformers/utils/deprecation.py(120): wrapped_func",
      py(
        `${QWEN2}(736): forward`,
        module(
          "Qwen2Model",
          "model",
          py(
            `${QWEN2}(503): forward`,
            module(
              "Embedding",
              "embed_tokens",
              elementwise("aten::embedding", "embedding", ATEN.gather, tokens),
            ),
            ...layers,
            rmsNorm("norm", "final_norm", tokens),
          ),
        ),
        linear("lm_head", [1, HIDDEN, 151_936]),
      ),
    ),
  );
}

function decoderLayer(tokens: number, index: number): Call {
  return layer(
    index,
    module(
      "Qwen2DecoderLayer",
      `layers.${index}`,
      py(
        `${QWEN2}(243): forward`,
        rmsNorm("input_layernorm", "input_norm", tokens),
        attention(tokens),
        elementwise("aten::add", "attention_residual", ATEN.add, tokens),
        rmsNorm("post_attention_layernorm", "post_attention_norm", tokens),
        mlp(tokens),
        elementwise("aten::add", "mlp_residual", ATEN.add, tokens),
      ),
    ),
  );
}

/** pow, mean, add, rsqrt, mul, cast, mul: seven kernels where one would do. */
function rmsNorm(as: string, role: string, tokens: number): Call {
  return module(
    "Qwen2RMSNorm",
    as,
    py(
      `${QWEN2}(218): forward`,
      elementwise("aten::pow", role, HF.pow, tokens),
      elementwise("aten::mean", role, HF.mean, tokens),
      elementwise("aten::add", role, HF.addScalar, 1),
      elementwise("aten::rsqrt", role, HF.rsqrt, 1),
      elementwise("aten::mul", role, HF.mul, tokens),
      elementwise("aten::copy_", role, HF.toFloat, tokens),
      elementwise("aten::mul", role, HF.mul, tokens),
    ),
  );
}

function attention(tokens: number): Call {
  const flash = kernel("attention", HF.flash, scaled(9, 22, tokens), {
    ...perRow(80, 128),
    registers: 255,
  });
  const dims = [1, HEADS, tokens, HEAD];
  return module(
    "Qwen2Attention",
    "self_attn",
    py(
      `${QWEN2}(150): forward`,
      linear("q_proj", [tokens, HIDDEN, HIDDEN]),
      linear("k_proj", [tokens, HIDDEN, HIDDEN]),
      linear("v_proj", [tokens, HIDDEN, HIDDEN]),
      py(`${QWEN2}(68): apply_rotary_pos_emb`, ...rotate(tokens), ...rotate(tokens)),
      py(
        "transformers/integrations/sdpa_attention.py(18): sdpa_attention_forward",
        op("aten::scaled_dot_product_attention", [dims, dims, dims, [], [], []], flash),
      ),
      linear("o_proj", [tokens, HIDDEN, HIDDEN]),
    ),
  );
}

function rotate(tokens: number): Call[] {
  return [
    elementwise("aten::mul", "rope", HF.mul, tokens),
    py(
      `${QWEN2}(61): rotate_half`,
      elementwise("aten::neg", "rope", HF.neg, tokens),
      elementwise("aten::cat", "rope", HF.cat, tokens),
    ),
    elementwise("aten::mul", "rope", HF.mul, tokens),
    elementwise("aten::add", "rope", ATEN.add, tokens),
  ];
}

function mlp(tokens: number): Call {
  return module(
    "Qwen2MLP",
    "mlp",
    py(
      `${QWEN2}(56): forward`,
      linear("gate_proj", [tokens, HIDDEN, 2816]),
      module("SiLU", "act_fn", elementwise("aten::silu", "silu", HF.silu, tokens)),
      linear("up_proj", [tokens, HIDDEN, 2816]),
      elementwise("aten::mul", "silu_mul", HF.mul, tokens),
      linear("down_proj", [tokens, 2816, HIDDEN]),
    ),
  );
}

function elementwise(name: string, role: string, kernelName: string, rows: number): Call {
  return op(
    name,
    [[rows, HIDDEN], []],
    kernel(role, kernelName, scaled(1.6, 3, rows), perRow(rows, 128)),
  );
}

/** cuBLAS clears its split counters before each GEMM. */
function linear(as: string, [rows, inner, outer]: readonly [number, number, number]): Call {
  const us = scaled(6, outer / 190, rows);
  const gemm = kernel(as, HF.gemm, us, { grid: [132, 1, 1], block: [384, 1, 1], registers: 168 });
  return module(
    "Linear",
    as,
    plumbing(
      "torch/nn/modules/linear.py(130): forward",
      op(
        "aten::linear",
        [[rows, inner], [outer, inner], []],
        op(
          "aten::mm",
          [
            [rows, inner],
            [inner, outer],
          ],
          fill(`${as}_clear`, 512, 0.9),
          gemm,
        ),
      ),
    ),
  );
}
