import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadRules } from "../../../src/dsl/load-rules.ts";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { limitsOf } from "../../../src/engine/limits/limits.ts";
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

function limited(config: Record<string, unknown>, { layers = 4, us = 10 } = {}) {
  const names = [...Array.from({ length: layers }, () => LAYER).flat(), ...HEAD];
  const built = trace()
    .annotation("step[DECODE bs=16]", 0, 100_000)
    .replay(names, { at: 2000, us })
    .build();
  const graph = buildKernelGraph(built, { profile: sglang, stageHint: null, ruleSet });
  const stage = graph.stages[0]!;
  const facts = { tp: { value: 1, from: "test" } };
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
