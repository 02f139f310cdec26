import { describe, expect, test } from "vitest";
import { type Projection, projectionOf } from "../../../src/engine/model-config/projections.ts";
import { readShape } from "../../../src/engine/model-config/read-shape.ts";
import { type Split, splitOf } from "../../../src/engine/model-config/split.ts";

const split = (tp: number): Split => splitOf({ tp: { value: tp, from: "test" } }) as Split;
const shape = (config: Record<string, unknown>) =>
  readShape(
    {
      hidden_size: 4096,
      num_hidden_layers: 32,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      intermediate_size: 14336,
      vocab_size: 151_936,
      hidden_act: "silu",
      ...config,
    },
    "config.json",
  );

function sizes(
  role: string,
  config: Record<string, unknown> = {},
  { tp = 1, perLayer = 1, index = 0 } = {},
): readonly [k: number, n: number] | string {
  const own = shape(config);
  const found = projectionOf(own, split(tp), { role, perLayer, index, isGated: own.isGated });
  return typeof found === "string" ? found : ([found.k, found.n] as const);
}

describe("one rank", () => {
  test("holds whole weights", () => {
    expect(sizes("qkv_proj")).toEqual([4096, 6144]);
    expect(sizes("o_proj")).toEqual([4096, 4096]);
    expect(sizes("gate_up")).toEqual([4096, 28672]);
    expect(sizes("down")).toEqual([14336, 4096]);
    expect(sizes("lm_head")).toEqual([4096, 151_936]);
  });

  test("a gate beside the queries, one product after the other", () => {
    expect(sizes("qkv_proj", { attn_output_gate: true })).toEqual([4096, 10240]);
    expect(sizes("qkv_proj", {}, { perLayer: 3, index: 0 })).toEqual([4096, 4096]);
    expect(sizes("qkv_proj", {}, { perLayer: 3, index: 2 })).toEqual([4096, 1024]);
    expect(sizes("gate_up", {}, { perLayer: 2 })).toEqual([4096, 14336]);
  });

  test("an MLP of which nothing tells a gate has no figure", () => {
    expect(sizes("gate_up", { hidden_act: "gelu_new" })).toMatch(/whether the MLP has a gate/);
  });

  test("two products of one part whose order tells nothing have none", () => {
    expect(sizes("qkv_proj", {}, { perLayer: 2 })).toMatch(/2 products of a layer/);
    expect(sizes("down", {}, { perLayer: 2 })).toMatch(/2 products of a layer/);
  });
});

describe("several ranks", () => {
  test("share heads, widths and the vocabulary", () => {
    expect(sizes("qkv_proj", {}, { tp: 8 })).toEqual([4096, 768]);
    expect(sizes("o_proj", {}, { tp: 8 })).toEqual([512, 4096]);
    expect(sizes("gate_up", {}, { tp: 8 })).toEqual([4096, 3584]);
    expect(sizes("lm_head", {}, { tp: 8 })).toEqual([4096, 18_992]);
  });

  test("each have a copy where there are fewer heads of keys", () => {
    expect(sizes("qkv_proj", { num_key_value_heads: 4 }, { tp: 8 })).toEqual([4096, 768]);
  });

  test("a vocabulary is filled up before it is split", () => {
    expect(sizes("lm_head", { vocab_size: 201_088 }, { tp: 8 })).toEqual([4096, 25_136]);
    expect(sizes("lm_head", { vocab_size: 50_257 })).toEqual([4096, 50_304]);
  });

  test("what does not divide has no figure", () => {
    expect(sizes("down", { intermediate_size: 1001 }, { tp: 8 })).toMatch(/does not divide/);
  });

  test("nobody says how many: no figure", () => {
    expect(splitOf({})).toMatch(/--tp N/);
  });
});

test("latent attention", () => {
  const config = {
    num_attention_heads: 128,
    q_lora_rank: 1536,
    kv_lora_rank: 512,
    qk_nope_head_dim: 128,
    qk_rope_head_dim: 64,
    v_head_dim: 128,
    hidden_size: 7168,
  };
  expect(sizes("qkv_a_proj", config, { tp: 8 })).toEqual([7168, 2112]);
  expect(sizes("qkv_b_proj", config, { tp: 8 })).toEqual([1536, 3072]);
  expect(sizes("qkv_b_proj", config, { tp: 8, perLayer: 2, index: 1 })).toEqual([512, 4096]);
  expect(sizes("o_proj", config, { tp: 8 })).toEqual([2048, 7168]);
});

test("experts: the router's columns, a shared expert's width", () => {
  const config = {
    num_experts: 128,
    num_experts_per_tok: 8,
    moe_intermediate_size: 768,
    shared_expert_intermediate_size: 1536,
  };
  expect(sizes("router", config, { tp: 8 })).toEqual([4096, 128]);
  expect(sizes("shared_gate_up", config, { tp: 2 })).toEqual([4096, 1536]);
  expect(sizes("shared_down", config, { tp: 2 })).toEqual([768, 4096]);
});

test("each says what it was worked out from", () => {
  const own = shape({});
  const found = projectionOf(own, split(1), {
    role: "qkv_proj",
    perLayer: 1,
    index: 0,
    isGated: true,
  }) as Projection;
  expect(found.from).toBe("32 heads and 8 of keys and values of 128");
});
