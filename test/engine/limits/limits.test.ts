import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { loadRules } from "../../../src/dsl/load-rules.ts";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { collectiveWork } from "../../../src/engine/limits/collectives.ts";
import { type Limits, limitsOf } from "../../../src/engine/limits/index.ts";
import { expertsMet } from "../../../src/engine/limits/quantities.ts";
import { stageLimits, workRows } from "../../../src/engine/limits/stage-limits.ts";
import { sumsIn } from "../../../src/engine/limits/step-sums.ts";
import { parseMachines } from "../../../src/engine/machines/parse-machines.ts";
import { vllm } from "../../../src/ingest/frameworks/vllm.ts";
import type { RuleSet } from "../../../src/model/rule.ts";
import type { Trace } from "../../../src/model/trace/trace.ts";
import { trace } from "../../support/trace-builder.ts";

const MACHINES = parseMachines(readFileSync("references/gpus.yaml", "utf8"), "gpus.yaml");
const H100 = MACHINES.find(({ id }) => id === "h100-sxm")!;

let ruleSet: RuleSet;
beforeAll(async () => {
  ({ ruleSet } = await loadRules("rules"));
});

function limited(built: Trace, machine: typeof H100 | null = H100) {
  const graph = buildKernelGraph(built, { profile: vllm, stageHint: null, ruleSet });
  const limits: Limits = limitsOf(graph, ruleSet.works, machine);
  const stage = graph.stages[0]!;
  const rows = workRows(graph, stage, limits);
  return { limits, rows, stage: stageLimits(graph, stage, limits, rows) };
}

const MM = { shapes: "[[32,4096],[4096,24576]]", types: '["c10::BFloat16","c10::BFloat16"]' };

const product = (kernels: readonly string[], options = MM) => {
  const built = trace().op("aten::mm", 0, 400, options);
  for (const name of kernels) built.kernel(name, { us: 50 }).launchedBy("cudaLaunchKernel");
  return built.build();
};

test("a product is held against the memory that its weight comes from", () => {
  const { rows, stage } = limited(product(["nvjet_tst"]));
  const bytes = (32 * 4096 + 4096 * 24576 + 32 * 24576) * 2;
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({
    op: "aten::mm",
    count: 1,
    kernelUs: 50,
    flop: 2 * 32 * 4096 * 24576,
    bytes,
    boundBy: "memory",
    rate: "bf16",
    shapesFrom: "op",
    model: "aten-mm",
  });
  expect(rows[0]!.floorUs).toBeCloseTo(bytes / 3350e9 / 1e-6, 2);
  expect(rows[0]!.pctOfLimit).toBeGreaterThan(100);
  expect(stage).toMatchObject({ modelledPct: 100, contradictions: 1, machine: "NVIDIA H100 SXM" });
});

test("kernels of one call share its work", () => {
  const { rows, limits } = limited(product(["splitk", "splitk_reduce"]));
  expect(rows[0]).toMatchObject({ count: 1, kernelUs: 100 });
  expect(limits.floorNs[0]).toBe(limits.floorNs[1]);
  expect(limits.floorNs[0]! + limits.floorNs[1]!).toBeCloseTo(rows[0]!.floorUs! * 1000, 6);
});

test("the name of a kernel alone tells nothing", () => {
  const built = trace()
    .kernel("nvjet_tst_gemm_bf16", { us: 50 })
    .launchedBy("cudaLaunchKernel")
    .build();
  const { rows, stage } = limited(built);
  expect(rows).toEqual([]);
  expect(stage).toMatchObject({ modelledPct: 0, timesFloor: null });
  expect(stage.unmodelled).toEqual([
    { why: expect.stringMatching(/^the recording holds no ops/), us: 50 },
  ]);
});

test("without shapes there is no figure, and the line says why", () => {
  const { rows, stage } = limited(product(["nvjet"], { shapes: "", types: "" }));
  expect(rows).toEqual([]);
  expect(stage.unmodelled[0]!.why).toMatch(/^the recording holds no shapes of ops: record_shapes/);
});

test("an unknown GPU has work and rates, no limit", () => {
  const { rows, stage, limits } = limited(product(["nvjet"]), null);
  expect(rows[0]).toMatchObject({ floorUs: null, pctOfLimit: null, headroomUs: null });
  expect(rows[0]!.tbps).toBeGreaterThan(1);
  expect(stage).toMatchObject({ machine: null, floorUs: null, timesFloor: null, modelledPct: 100 });
  expect(Number.isNaN(limits.floorNs[0])).toBe(true);
});

test("tf32 kernels are held against tf32, others of fp32 against the vector units", () => {
  const fp32 = { shapes: "[[4096,4096],[4096,4096]]", types: '["float","float"]' };
  expect(limited(product(["ampere_sgemm_128x64_tn"], fp32)).rows[0]!.rate).toBe("fp32");
  const tf32 = product(["Memset (Device)", "cutlass_80_tensorop_s1688gemm_128x128"], fp32);
  expect(limited(tf32).rows[0]!.rate).toBe("tf32");
});

test("collectives are counted as nccl-tests counts them", () => {
  const args = (name: string, In: number, out: number) =>
    JSON.stringify({
      "Collective name": name,
      dtype: "BFloat16",
      "In msg nelems": In,
      "Out msg nelems": out,
      "Group size": 8,
    });
  expect(collectiveWork(args("allreduce", 1024, 1024))).toMatchObject({
    message: 2048,
    bytes: 3584,
  });
  expect(collectiveWork(args("_allgather_base", 128, 1024))).toMatchObject({
    message: 2048,
    bytes: 1792,
  });
  expect(collectiveWork(args("broadcast", 1024, 1024))).toMatchObject({ bytes: 2048 });
  expect(collectiveWork(args("barrier", 0, 0))).toBeNull();
});

test("annotations carry sums over the requests of a step", () => {
  expect(
    sumsIn("execute_32_context_0(sq0sk0sqsq0sqsk0)_generation_32(sq32sk32785sqsq32sqsk32785)"),
  ).toMatchObject({
    requests: 32,
    tokens: 32,
    context_keys: 0,
    generation_keys: 32785,
    generation_pairs: 32785,
  });
  expect(sumsIn("execute_context_1(888_788544)_generation_0(0)")).toMatchObject({
    context_queries: 888,
    context_squares: 788544,
    generation_queries: 0,
  });
  expect(sumsIn("execute_context_1(888_788544)_generation_0(0)")).not.toHaveProperty(
    "context_keys",
  );
  expect(sumsIn("step[DECODE bs=32]")).toBeNull();
});

test("experts that are met never exceed those that can be", () => {
  expect(expertsMet(128, 1, 8)).toBeCloseTo(8, 9);
  expect(expertsMet(32, 32, 4)).toBeCloseTo(31.5537, 3);
  expect(expertsMet(8, 1_000_000, 2)).toBe(8);
});

test("a collective of another library is told by its model, against the link", () => {
  const distributed = { worldSize: 8, rank: 0, groups: [], backend: null };
  const built = trace()
    .op("vllm::all_reduce", 0, 400, {
      shapes: "[[32,4096],[]]",
      types: '["c10::BFloat16",""]',
    })
    .kernel("void vllm::cross_device_reduce_1stage<__nv_bfloat16, 8>(int)", { us: 50 })
    .launchedBy("cudaLaunchKernel")
    .metadata({ distributed: distributed as never })
    .build();
  const { rows, stage } = limited(built);
  const bytes = (32 * 4096 * 2 * 2 * 7) / 8;
  expect(rows[0]).toMatchObject({ op: "vllm::all_reduce", bytes, boundBy: "link", rate: "link" });
  expect(rows[0]!.floorUs).toBeCloseTo(bytes / 450e9 / 1e-6, 2);
  expect(stage.collectives).toEqual({ us: 50, floorUs: rows[0]!.floorUs });
});

test("without the number of GPUs a collective has no figure", () => {
  const built = trace()
    .op("vllm::all_reduce", 0, 400, { shapes: "[[32,4096],[]]", types: '["c10::BFloat16",""]' })
    .kernel("void vllm::cross_device_reduce_1stage<__nv_bfloat16, 8>(int)", { us: 50 })
    .launchedBy("cudaLaunchKernel")
    .build();
  expect(limited(built).rows).toEqual([]);
});

function copied(name: string, bytes: number) {
  const built = trace().copy(name, { us: 100 }).launchedBy("cudaMemcpyAsync").build();
  return limited({ ...built, gpu: { ...built.gpu, bytes: Float64Array.of(bytes) } }).rows[0]!;
}

test("copies are held against the way they go", () => {
  const host = copied("Memcpy HtoD (Pinned -> Device)", 3_150_000);
  expect(host).toMatchObject({ op: "copy from the host", boundBy: "link", bytes: 3_150_000 });
  expect(host.floorUs).toBeCloseTo(50, 1);
  const inside = copied("Memcpy DtoD (Device -> Device)", 3_350_000);
  expect(inside).toMatchObject({ op: "copy within the GPU", boundBy: "memory", bytes: 6_700_000 });
  expect(inside.floorUs).toBeCloseTo(2, 1);
});

test("what fits into the last cache is told apart from a contradiction", () => {
  const add = (rows: number) =>
    trace()
      .op("aten::add", 0, 400, {
        shapes: `[[${rows},1024],[${rows},1024],[]]`,
        types: '["float","float","Scalar"]',
      })
      .kernel("add", { us: 0.5 })
      .launchedBy("cudaLaunchKernel")
      .build();
  const small = limited(add(1024)).rows[0]!;
  const large = limited(add(65_536)).rows[0]!;
  expect(small.pctOfLimit).toBeGreaterThan(100);
  expect(small.fitsCache).toBe(true);
  expect(large.fitsCache).toBe(false);
});

test("no figure of a whole run rests on names alone", () => {
  const names = [
    "void vllm::cross_device_reduce_1stage<__nv_bfloat16, 8>(int)",
    "nvjet_tst_64x16_64x16_4x1_v_bz_TNT",
    "ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<4096ul>)",
    "void flash_fwd_splitkv_kernel<Flash_fwd_kernel_traits<128, 64, 128, 4>>(int)",
    "triton_poi_fused_add_0",
  ];
  const built = trace().annotation("execute_context_1(888_788544)_generation_0(0)", 0, 9000);
  for (const name of names) built.kernel(name, { us: 20 }).launchedBy("cudaLaunchKernel");
  built.replay(names, { at: 3000 });
  const { rows, stage } = limited(built.build());
  expect(rows).toEqual([]);
  expect(stage.modelledPct).toBe(0);
});
