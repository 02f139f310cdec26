import { describe, expect, test } from "vitest";
import { loadRules } from "../../../src/dsl/load-rules.ts";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import type { Known } from "../../../src/engine/model-config/assumed-call.ts";
import { otherCall } from "../../../src/engine/model-config/other-calls.ts";
import { readShape } from "../../../src/engine/model-config/read-shape.ts";
import { splitOf } from "../../../src/engine/model-config/split.ts";
import { sglang } from "../../../src/ingest/frameworks/sglang.ts";
import type { Facts } from "../../../src/model/facts.ts";
import { trace } from "../../support/trace-builder.ts";

const { ruleSet } = await loadRules("rules");
const graph = buildKernelGraph(
  trace().annotation("step[DECODE bs=16]", 0, 1000).replay(["k"], { at: 200, us: 10 }).build(),
  { profile: sglang, stageHint: null, ruleSet },
);
const [stage] = graph.stages;
const row = stage!.events[0]!;

const PLAIN = {
  hidden_size: 2048,
  num_hidden_layers: 4,
  vocab_size: 1000,
  torch_dtype: "bfloat16",
};
const HEADS = { num_attention_heads: 32, num_key_value_heads: 4, head_dim: 128 };
const EXPERTS = { num_experts: 128, num_experts_per_tok: 8, moe_intermediate_size: 768 };
const LATENT = {
  num_attention_heads: 128,
  q_lora_rank: 1536,
  kv_lora_rank: 512,
  qk_nope_head_dim: 128,
  qk_rope_head_dim: 64,
  v_head_dim: 128,
};

interface Asked {
  readonly perLayer?: number;
  readonly nth?: number;
  readonly tp?: number;
  readonly facts?: Facts;
}

/** Op and dims of what plays the role, or why there is none. */
function told(
  role: string,
  config: Record<string, unknown>,
  { perLayer = 1, nth = 0, tp = 1, facts = {} }: Asked = {},
) {
  const all = { tp: { value: tp, from: "test" }, ...facts };
  const step = graph.stepOf[row]!;
  const known: Known = {
    graph,
    shape: readShape({ ...PLAIN, ...config }, "config.json"),
    split: splitOf(all) as Exclude<ReturnType<typeof splitOf>, string>,
    known: { stage: stage!, facts: all, serverArgs: null },
    perLayer: new Map([[`${step} ${role}`, perLayer]]),
    isGated: null,
  };
  const found = otherCall(known, { role, step, rows: [row], nth }, 16);
  if (found === null || typeof found === "string") return found;
  return [found.op, ...found.inputs.flatMap(({ dims }) => (dims === null ? [] : [dims]))];
}

describe("heads between their projection and attention", () => {
  test("norms of queries, then of keys, or of both at once", () => {
    const norms = [0, 1, 2].map((nth) => told("qk_norm", HEADS, { perLayer: 2, nth })![1]);
    expect(norms).toEqual([
      [512, 128],
      [64, 128],
      [512, 128],
    ]);
    expect(told("qk_norm", HEADS)![1]).toEqual([576, 128]);
    expect(told("qk_norm", HEADS, { perLayer: 3 })).toMatch(/of queries or of keys/);
  });

  test("copies of them, where there is one of each", () => {
    expect(told("attn_copy", HEADS, { perLayer: 2, nth: 1 })![1]).toEqual([16, 512]);
    expect(told("attn_copy", HEADS)).toMatch(/of queries or of keys/);
  });

  test("a rank has its share of them", () => {
    expect(told("rope", HEADS, { tp: 8 })).toEqual([
      "model_config::rope",
      [16, 4, 128],
      [16, 1, 128],
    ]);
  });

  test("turned and written in one: what does not turn is written with it", () => {
    const written = told("rope_kv_write", { ...HEADS, partial_rotary_factor: 0.5 });
    expect(written).toEqual([
      "model_config::rope_and_cache",
      [16, 32, 64],
      [16, 4, 64],
      [16, 4 * 192],
      [1],
    ]);
  });
});

describe("experts", () => {
  test("their choice and the order of tokens", () => {
    expect(told("topk", EXPERTS)!.at(-1)).toEqual([16, 128]);
    expect(told("moe_align", EXPERTS)).toEqual(["_moe_C::moe_align_block_size", [16, 8]]);
    expect(told("topk", HEADS)).toMatch(/number of experts/);
  });
});

describe("latent attention", () => {
  test("of a decode step reads one cache for all heads, of a rank its own heads", () => {
    expect(told("attention", LATENT, { tp: 8 })).toEqual([
      "sgl_kernel::cutlass_mla_decode",
      [16, 16, 576],
    ]);
    expect(told("kv_write", LATENT)!.slice(1)).toEqual([[16, 512], [16, 64], [1]]);
    expect(told("rope", LATENT)!.slice(1)).toEqual([
      [16, 128, 64],
      [16, 1, 64],
    ]);
    expect(told("qk_norm", LATENT)).toMatch(/latent attention/);
  });

  test("over a cache of another type has no figure", () => {
    const facts = { kv_dtype: { value: "fp8", from: "test" } };
    expect(told("attention", LATENT, { facts })).toMatch(/cache is in fp8/);
    expect(told("attention", { ...LATENT, qk_rope_head_dim: 32 })).toMatch(/32 dims of positions/);
  });
});

test("rows of the vocabulary's table, where it is whole", () => {
  expect(told("embed", {})).toEqual(["aten::embedding", [1000, 2048], [16]]);
  expect(told("embed", {}, { tp: 2 })).toMatch(/embeddings a rank holds/);
});
