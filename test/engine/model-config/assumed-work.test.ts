import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadRules } from "../../../src/dsl/load-rules.ts";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { limitsOf } from "../../../src/engine/limits/index.ts";
import { stageLimits, workRows } from "../../../src/engine/limits/stage-limits.ts";
import { parseMachines } from "../../../src/engine/machines/parse-machines.ts";
import { assumedWork } from "../../../src/engine/model-config/assumed-work.ts";
import { readShape } from "../../../src/engine/model-config/read-shape.ts";
import { sglang } from "../../../src/ingest/frameworks/sglang.ts";
import { trace } from "../../support/trace-builder.ts";

const { ruleSet } = await loadRules("rules");
const H100 = parseMachines(readFileSync("references/gpus.yaml", "utf8"), "gpus.yaml").find(
  ({ id }) => id === "h100-sxm",
)!;

const NORM = "void flashinfer::norm::FusedAddRMSNormKernel<8u, __nv_bfloat16>(__nv_bfloat16*)";
const LAYER = [
  NORM,
  "nvjet_tst_64x16_64x16_4x1_v_bz_TNT",
  "void (anonymous namespace)::fused_rope_kernel<true, 64l, true, __nv_bfloat16>(int)",
  "void (anonymous namespace)::store_kvcache<256l, 4, true, long>(int)",
  "fmhaSm100fKernel_QkvBfloat16OBfloat16H64PagedKvCausalP64VarSeqQ8Kv128StaticSwapsAbForGen",
  "nvjet_tst_32x64_64x16_4x1_v_bz_TNN",
  NORM,
  "nvjet_tst_256x16_64x6_4x1_v_bz_TNT",
  "void act_and_mul_kernel<__nv_bfloat16, (ActivationKind)0, true>(int)",
  "nvjet_tst_64x8_64x16_2x1_v_bz_splitK_TNT",
  "void cublasLt::splitKreduce_kernel<32, 16, int, float, __nv_bfloat16>(int)",
];
const HEAD = [NORM, "nvjet_tst_192x8_64x8_2x1_v_bz_TNT"];

const CONFIG = {
  hidden_size: 512,
  num_hidden_layers: 4,
  num_attention_heads: 8,
  num_key_value_heads: 2,
  head_dim: 64,
  intermediate_size: 1024,
  vocab_size: 16_000,
  hidden_act: "silu",
  torch_dtype: "bfloat16",
};

interface Run {
  readonly layers?: number;
  readonly us?: number;
  readonly layer?: readonly string[];
  readonly label?: string;
  readonly parallel?: Readonly<Record<string, number>>;
}

function limited(
  config: Record<string, unknown>,
  {
    layers = 4,
    us = 10,
    layer = LAYER,
    label = "step[DECODE bs=16]",
    parallel = { tp: 1 },
  }: Run = {},
) {
  const names = [...Array.from({ length: layers }, () => layer).flat(), ...HEAD];
  const built = trace().annotation(label, 0, 100_000).replay(names, { at: 2000, us }).build();
  const graph = buildKernelGraph(built, { profile: sglang, stageHint: null, ruleSet });
  const stage = graph.stages[0]!;
  const facts = Object.fromEntries(
    Object.entries(parallel).map(([name, value]) => [name, { value, from: "test" }]),
  );
  const assumed = assumedWork(
    graph,
    [{ stage, facts, serverArgs: null }],
    readShape(config, "config.json"),
  );
  const limits = limitsOf(graph, ruleSet.works, H100, assumed);
  const rows = workRows(graph, stage, limits);
  return { assumed, limits, rows, stage: stageLimits(graph, stage, limits, rows) };
}

const product = (k: number, n: number) => 2 * 16 * k * n;

test("replayed products have the shapes that the configuration gives their place", () => {
  const { rows, limits, stage } = limited(CONFIG);
  expect(limits.refused).toEqual([]);
  const mine = rows.filter(({ op }) => op === "aten::mm");
  expect(mine.map(({ dims, count, flop }) => ({ dims, count, flop }))).toEqual(
    expect.arrayContaining([
      { dims: "[[16,512],[512,768]]", count: 4, flop: product(512, 768) },
      { dims: "[[16,512],[512,512]]", count: 4, flop: product(512, 512) },
      { dims: "[[16,512],[512,2048]]", count: 4, flop: product(512, 2048) },
      { dims: "[[16,1024],[1024,512]]", count: 4, flop: product(1024, 512) },
      { dims: "[[16,512],[512,16000]]", count: 1, flop: product(512, 16_000) },
    ]),
  );
  expect(mine).toHaveLength(5);
  expect(new Set(rows.map(({ shapesFrom }) => shapesFrom))).toEqual(new Set(["model-config"]));
  for (const { assuming } of rows) expect(assuming[0]).toMatch(/^assumed .*from config\.json/);
  expect(stage.modelledPct).toBeGreaterThan(80);
});

test("the second launch of a product shares its work", () => {
  const { rows } = limited(CONFIG);
  const down = rows.find(({ dims }) => dims === "[[16,1024],[1024,512]]")!;
  expect(down).toMatchObject({ count: 4, kernelUs: 80 });
  expect(down.kernels).toHaveLength(2);
});

test("attention over a cache of which nothing tells the tokens has no figure, and it says so", () => {
  const { rows, stage } = limited(CONFIG);
  expect(rows.some(({ op }) => /attention/.test(op))).toBe(false);
  expect(stage.unmodelled.map(({ why }) => why)).toContain(
    "how many tokens are cached the step's annotation does not tell",
  );
});

describe("a configuration that does not fit is refused whole, with what contradicts it", () => {
  test.each([
    [{ num_hidden_layers: 5 }, /4 layers, config\.json has 5/],
    [
      { num_experts: 8, num_experts_per_tok: 2, moe_intermediate_size: 64 },
      /runs a dense MLP in its layers/,
    ],
    [{ num_key_value_heads: 8 }, /bytes of a token's keys is 256 in a kernel's name, 1024/],
    [{ intermediate_size: 1_048_576 }, /products of .* took .* us, at least .* are needed/],
  ])("%o", (change, why) => {
    const { rows, limits, stage } = limited({ ...CONFIG, ...change });
    expect(limits.refused.join("; ")).toMatch(why);
    expect(rows).toEqual([]);
    expect(stage.unmodelled.map(({ why: each }) => each)).toContain(
      "config.json is another model's",
    );
  });
});

test("without a configuration one line says what is missing", () => {
  const built = trace()
    .annotation("step[DECODE bs=16]", 0, 100_000)
    .replay([...LAYER, ...LAYER, ...HEAD], { at: 2000 })
    .build();
  const graph = buildKernelGraph(built, { profile: sglang, stageHint: null, ruleSet });
  const limits = limitsOf(graph, ruleSet.works, H100);
  const { unmodelled } = stageLimits(graph, graph.stages[0]!, limits, []);
  expect(unmodelled).toHaveLength(1);
  expect(unmodelled[0]!.why).toMatch(/--model-config config\.json/);
});

/** Keys of one head instead of two: what a rank of two stores. */
const SHARDED = LAYER.map((name) => name.replace("store_kvcache<256l", "store_kvcache<128l"));

const dimsOf = ({ rows }: ReturnType<typeof limited>): string[] =>
  rows.filter(({ op }) => op === "aten::mm").map(({ dims }) => dims);

const MOE = [
  ...SHARDED.slice(0, 7),
  "nvjet_tst_64x8_64x16_4x1_v_bz_splitK_TNT",
  "void topkGatingSoftmax<__nv_bfloat16, 8, 64>(float*)",
  "void moe_align_block_size_kernel<int>(int*)",
  "fused_moe_kernel",
  "void act_and_mul_kernel<__nv_bfloat16, (ActivationKind)0, true>(int)",
  "fused_moe_kernel",
  "void moe_sum_reduce_kernel<__nv_bfloat16>(int)",
];
const EXPERTS = {
  ...CONFIG,
  num_experts: 8,
  num_experts_per_tok: 2,
  moe_intermediate_size: 64,
};

describe("several GPUs", () => {
  test("tensor parallel: heads, widths and the vocabulary are split", () => {
    const found = limited(CONFIG, { layer: SHARDED, parallel: { tp: 2 } });
    expect(found.limits.refused).toEqual([]);
    expect(dimsOf(found).sort()).toEqual(
      [
        "[[16,512],[512,384]]",
        "[[16,256],[256,512]]",
        "[[16,512],[512,1024]]",
        "[[16,512],[512,512]]",
        "[[16,512],[512,8000]]",
      ].sort(),
    );
  });

  test("a rank that holds whole keys is another split, and refused", () => {
    const { limits } = limited(CONFIG, { parallel: { tp: 2 } });
    expect(limits.refused.join()).toMatch(/bytes of a token's keys is 256 in a kernel's name, 128/);
  });

  test("expert parallel: a rank holds whole experts, a part of them", () => {
    const weights = (parallel: Record<string, number>) =>
      limited(EXPERTS, { layer: MOE, parallel })
        .rows.filter(({ op }) => op.startsWith("model_config::experts"))
        .map(({ op, dims }) => `${op.slice(14)} ${dims}`)
        .sort();
    expect(weights({ tp: 2, ep: 2 })).toEqual([
      "experts_down [[16,2,64],[4,512,64],8,2,7.92]",
      "experts_up [[16,512],[4,128,512],8,2,7.92]",
    ]);
    expect(weights({ tp: 2, ep: 1 })).toEqual([
      "experts_down [[16,2,32],[8,512,32],8,2,7.92]",
      "experts_up [[16,512],[8,64,512],8,2,7.92]",
    ]);
  });

  test("pipeline: a stage runs a part of the layers, and may", () => {
    expect(limited(CONFIG, { layers: 2, parallel: { tp: 1, pp: 2 } }).limits.refused).toEqual([]);
    expect(limited(CONFIG, { layers: 2 }).limits.refused.join()).toMatch(
      /2 layers, config\.json has 4/,
    );
  });

  test("data-parallel attention: its products have figures, those of the MLP a reason", () => {
    const found = limited(CONFIG, { parallel: { tp: 2, attn_tp: 1 } });
    expect(found.limits.refused).toEqual([]);
    expect(dimsOf(found)).toContain("[[16,512],[512,768]]");
    expect(dimsOf(found).some((dims) => dims.includes("1024") || dims.includes("2048"))).toBe(
      false,
    );
    expect(found.stage.unmodelled.map(({ why }) => why).join()).toMatch(
      /attention is split among 1 of 2 ranks: how many tokens the others bring/,
    );
  });

  test("nobody says among how many: no figure, and what would tell", () => {
    const { rows, stage } = limited(CONFIG, { parallel: {} });
    expect(rows).toEqual([]);
    expect(stage.unmodelled.map(({ why }) => why).join()).toMatch(/--tp N/);
  });
});

describe("speculation", () => {
  test("a draft model is not the one the configuration is of", () => {
    const { rows, stage } = limited(CONFIG, { label: "step[DRAFT bs=16]" });
    expect(rows).toEqual([]);
    expect(stage.unmodelled.map(({ why }) => why)).toContain(
      "the draft model is not the one the configuration is of",
    );
  });

  test("how many tokens a request verifies must be told", () => {
    const { rows, stage } = limited(CONFIG, { label: "step[TARGET_VERIFY bs=16]" });
    expect(rows).toEqual([]);
    expect(stage.unmodelled.map(({ why }) => why).join()).toMatch(/speculative_num_draft_tokens/);
  });
});

describe("what is done around attention and the experts has figures, too", () => {
  const ROPE = "void (anonymous namespace)::fused_rope_kernel<true, 64l, true, __nv_bfloat16>(int)";

  test("rotary embedding turns the heads of queries and keys, or the part that the configuration names", () => {
    const turned = (config: Record<string, unknown>) =>
      limited({ ...CONFIG, ...config }).rows.find(({ op }) => op === "model_config::rope");
    expect(LAYER).toContain(ROPE);
    expect(turned({})).toMatchObject({
      dims: "[[16,8,64],[16,2,64]]",
      count: 4,
      bytes: 2 * 2 * 16 * 10 * 64,
    });
    expect(turned({ partial_rotary_factor: 0.5 })!.dims).toBe("[[16,8,32],[16,2,32]]");
    expect(turned({})!.assuming.join()).toMatch(/8 heads and 2 of keys and values of 64/);
  });
});
