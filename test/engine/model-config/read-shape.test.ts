import { describe, expect, test } from "vitest";
import { readShape } from "../../../src/engine/model-config/read-shape.ts";

const LLAMA = {
  architectures: ["LlamaForCausalLM"],
  hidden_size: 4096,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  intermediate_size: 14336,
  vocab_size: 128256,
  hidden_act: "silu",
  torch_dtype: "bfloat16",
};
const shape = (config: Record<string, unknown>) => readShape(config, "config.json");

describe("sizes", () => {
  test("of a dense model; a head's size follows where it is not told", () => {
    expect(shape(LLAMA)).toMatchObject({
      architecture: "LlamaForCausalLM",
      layers: 32,
      headDim: 128,
      kvHeads: 8,
      inner: 14336,
      isGated: true,
      experts: null,
      latent: null,
      type: "bf16",
      quantised: null,
    });
  });

  test("of older codes, under their names", () => {
    const gpt2 = { n_embd: 768, n_layer: 12, n_head: 12, vocab_size: 50257 };
    expect(shape({ ...gpt2, activation_function: "gelu_new" })).toMatchObject({
      hidden: 768,
      layers: 12,
      heads: 12,
      kvHeads: 12,
      inner: 3072,
      isGated: null,
    });
  });

  test("of what writes inside a model that sees", () => {
    const vision = { vision_config: { hidden_size: 1 }, text_config: LLAMA, hidden_size: 9 };
    expect(shape(vision)).toMatchObject({ hidden: 4096, layers: 32 });
  });

  test("what is not there is null, never a default", () => {
    expect(shape({})).toMatchObject({
      layers: null,
      hidden: null,
      heads: null,
      kvHeads: null,
      headDim: null,
      inner: null,
      type: null,
    });
    expect(shape({ hidden_size: "4096", num_hidden_layers: -1 })).toMatchObject({
      hidden: null,
      layers: null,
    });
  });
});

describe("layers with experts", () => {
  const experts = (config: Record<string, unknown>) => shape({ ...LLAMA, ...config });

  test("everywhere: no dense MLP", () => {
    const found = experts({ num_experts: 128, num_experts_per_tok: 8, moe_intermediate_size: 768 });
    expect(found.experts).toEqual({
      count: 128,
      chosen: 8,
      inner: 768,
      sharedInner: null,
      layers: 32,
    });
    expect(found.inner).toBeNull();
  });

  test("after the first dense ones, with shared experts", () => {
    const found = experts({
      n_routed_experts: 256,
      num_experts_per_tok: 8,
      moe_intermediate_size: 2048,
      n_shared_experts: 2,
      first_k_dense_replace: 3,
    });
    expect(found.experts).toMatchObject({ layers: 29, sharedInner: 4096 });
    expect(found.inner).toBe(14336);
  });

  test("every second one, or but those listed", () => {
    const sizes = { num_experts: 16, num_experts_per_tok: 1, moe_intermediate_size: 8 };
    expect(experts({ ...sizes, decoder_sparse_step: 2 }).experts!.layers).toBe(16);
    expect(experts({ ...sizes, mlp_only_layers: [0, 5] }).experts!.layers).toBe(30);
    expect(experts({ ...sizes, moe_layer_freq: [0, 1, 1] }).experts!.layers).toBe(2);
  });

  test("whose width is the MLP's, as Mixtral and gpt-oss say it", () => {
    const found = experts({ num_local_experts: 8, num_experts_per_tok: 2 });
    expect(found.experts!.inner).toBe(14336);
  });
});

test("latent, windowed, linear and gated attention", () => {
  const latent = shape({
    ...LLAMA,
    q_lora_rank: 1536,
    kv_lora_rank: 512,
    qk_nope_head_dim: 128,
    qk_rope_head_dim: 64,
    v_head_dim: 128,
  });
  expect(latent.latent).toEqual({
    queryRank: 1536,
    cacheRank: 512,
    plainDim: 128,
    ropeDim: 64,
    valueDim: 128,
  });
  expect(shape({ ...LLAMA, sliding_window: 128 }).hasWindow).toBe(true);
  expect(shape({ ...LLAMA, sliding_window: 128, use_sliding_window: false }).hasWindow).toBe(false);
  const next = shape({
    ...LLAMA,
    num_hidden_layers: 8,
    attn_output_gate: true,
    full_attention_interval: 4,
    linear_num_value_heads: 32,
    linear_value_head_dim: 128,
  });
  expect(next).toMatchObject({ hasOutputGate: true, linear: { layers: 6, valueDim: 4096 } });
});

test("dims that turn are told where they are not all", () => {
  const dims = (config: Record<string, unknown>) => shape({ ...LLAMA, ...config }).rotaryDim;
  expect(dims({})).toBeNull();
  expect(dims({ partial_rotary_factor: 0.5 })).toBe(64);
  expect(dims({ rope_parameters: { partial_rotary_factor: 0.25 } })).toBe(32);
  expect(dims({ rotary_dim: 32 })).toBe(32);
  expect(dims({ partial_rotary_factor: -1 })).toBeNull();
});

describe("quantised weights", () => {
  const quantised = (config: Record<string, unknown>) =>
    shape({ ...LLAMA, quantization_config: config }).quantised;

  test.each([
    [{ quant_method: "fp8", modules_to_not_convert: ["lm_head"] }, "fp8", "fp8"],
    [{ quant_method: "mxfp4" }, "mxfp4", null],
    [{ quant_method: "awq", bits: 4 }, "i4", null],
    [{ quant_method: "modelopt", quant_algo: "NVFP4" }, "nvfp4", "nvfp4"],
    [{ quant_method: "quark", global_quant_config: { weight: { dtype: "fp4" } } }, "mxfp4", null],
    [
      {
        quant_method: "compressed-tensors",
        config_groups: {
          group_0: {
            weights: { num_bits: 8, type: "float" },
            input_activations: { num_bits: 8, type: "float" },
          },
        },
      },
      "fp8",
      "fp8",
    ],
    [{ quant_method: "a-new-one" }, null, null],
  ])("%o", (config, weight, activation) => {
    expect(quantised(config)).toMatchObject({ weight, activation });
  });
});
