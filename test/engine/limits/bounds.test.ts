import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { loadRules } from "../../../src/dsl/load-rules.ts";
import { singleSites } from "../../../src/engine/align/single-sites.ts";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { type Limits, limitsOf } from "../../../src/engine/limits/index.ts";
import { kernelLimit, stageLimits, workRows } from "../../../src/engine/limits/stage-limits.ts";
import { parseMachines } from "../../../src/engine/machines/parse-machines.ts";
import { chainTraffic } from "../../../src/engine/retime/chain-traffic.ts";
import { vllm } from "../../../src/ingest/frameworks/vllm.ts";
import type { RuleSet } from "../../../src/model/rule.ts";
import type { Trace } from "../../../src/model/trace/trace.ts";
import { limitSpan } from "../../../src/report/triage/tables/limit-words.ts";
import { trace } from "../../support/trace-builder.ts";

const MACHINES = parseMachines(readFileSync("references/gpus.yaml", "utf8"), "gpus.yaml");
const H100 = MACHINES.find(({ id }) => id === "h100-sxm")!;

type LocatingOptions = Parameters<typeof buildKernelGraph>[1];

let ruleSet: RuleSet;
beforeAll(async () => {
  ({ ruleSet } = await loadRules("rules"));
});

const graphOf = (built: Trace, options: Partial<LocatingOptions> = {}) =>
  buildKernelGraph(built, { profile: vllm, stageHint: null, ruleSet, ...options });

function limited(built: Trace, options: Partial<LocatingOptions> = {}) {
  const graph = graphOf(built, options);
  const limits: Limits = limitsOf(graph, ruleSet.works, H100);
  const stage = graph.stages[0]!;
  const rows = workRows(graph, stage, limits);
  return { graph, limits, rows, stage: stageLimits(graph, stage, limits, rows) };
}

const dims = (...all: readonly (readonly number[])[]) => JSON.stringify(all);
const types = (...all: readonly string[]) => JSON.stringify(all);

const EIGHT = {
  distributed: { backend: "nccl", rank: 0, worldSize: 8, groups: [] },
};

test("before collectives had arguments their annotation told the message", () => {
  const built = trace()
    .metadata(EIGHT)
    .op("c10d::allreduce_", 0, 100)
    .annotation("nccl:all_reduce", 10, 90, {
      shapes: dims([1024, 256]),
      types: types("float"),
    })
    .kernel("ncclKernel_AllReduce_RING_LL_Sum_float(ncclWorkElem)", { us: 40 })
    .launchedBy("cudaLaunchKernel", { at: 50 })
    .build();
  const [row] = limited(built).rows;
  expect(row).toMatchObject({
    op: "all_reduce",
    bytes: (1024 * 256 * 4 * 2 * 7) / 8,
    boundBy: "link",
    assuming: ["the group is the whole job"],
    model: null,
  });
});

test("an annotation that ended before the launch tells nothing of it", () => {
  const built = trace()
    .metadata(EIGHT)
    .op("c10d::allreduce_", 0, 200)
    .annotation("nccl:all_reduce", 10, 20, { shapes: dims([8]), types: types("float") })
    .kernel("ncclKernel_AllReduce_RING_LL_Sum_float(ncclWorkElem)", { us: 40 })
    .launchedBy("cudaLaunchKernel", { at: 50 })
    .build();
  expect(limited(built).rows).toEqual([]);
});

test("a model that leaves something out gives a bound, and every place says so", () => {
  const built = trace()
    .op("torch::autograd::CppNode<SplitLookupFunction_rowwise_adagrad_Op>", 0, 400, {
      shapes: dims([8192, 8720]),
      types: types("float"),
    })
    .kernel("split_embedding_backward_kernel", { us: 6000 })
    .launchedBy("cudaLaunchKernel")
    .build();
  const { graph, limits, rows, stage } = limited(built);
  expect(rows[0]).toMatchObject({ atLeast: true, bytes: 8192 * 8720 * 4 });
  expect(rows[0]!.assuming.at(-1)).toMatch(/^at least: the rows and their state/);
  expect(stage.atLeastUs).toBe(6000);
  const limit = kernelLimit(graph, [0], limits)!;
  expect(limit.atLeast).toBe(true);
  expect(limitSpan(limit).text).toMatch(/^≥ \d/);
});

const experts = (us: number) =>
  trace()
    .op("aiter::ck_moe_stage1", 0, 400, {
      shapes: dims([16, 2048], [128, 1536, 2048], [128, 2048, 768], [64], [8], [2], [16, 8, 768]),
      types: types(
        "c10::BFloat16",
        "c10::BFloat16",
        "c10::BFloat16",
        "int",
        "int",
        "int",
        "c10::BFloat16",
      ),
    })
    .kernel("ck::kernel_moe_gemm", { us })
    .launchedBy("cudaLaunchKernel")
    .build();

test("experts are met evenly where the time allows it, else those of one token are certain", () => {
  const each = 1536 * 2048 * 2;
  const slow = limited(experts(400)).rows[0]!;
  expect(slow).toMatchObject({
    atLeast: false,
    assuming: ["tokens choose their experts evenly"],
  });
  expect(slow.bytes / each).toBeGreaterThan(80);
  const fast = limited(experts(100)).rows[0]!;
  expect(fast.bytes / each).toBeCloseTo(8, 1);
  expect(fast).toMatchObject({ atLeast: true });
  expect(fast.assuming).toEqual([
    expect.stringMatching(/^only the experts that one token chooses/),
  ]);
  expect(fast.pctOfLimit).toBeLessThan(100);
});

test("the call around a product can tell that its buffer is sized for the worst case", () => {
  const grouped = (around: string) =>
    trace()
      .metadata({ distributed: { backend: "nccl", rank: 0, worldSize: 2, groups: [] } })
      .op(around, 0, 400, { shapes: dims([16384, 7168]), types: types("c10::Float8_e4m3fn") })
      .op("aten::_scaled_grouped_mm", 10, 390, {
        shapes: dims([16384, 2048], [4, 2048, 7168], [16896, 64], [4, 458752], [4]),
        types: types(
          "c10::Float8_e4m3fn",
          "c10::Float8_e4m3fn",
          "unsigned char",
          "unsigned char",
          "int",
        ),
      })
      .kernel("gemm", { us: 900 })
      .launchedBy("cudaLaunchKernel", { at: 100 })
      .build();
  const [halved] = limited(grouped("MXFP8GroupedExpertsFunc")).rows;
  const [whole] = limited(grouped("SomeOtherExperts")).rows;
  expect(halved!.model).toBe("syncless-experts-down");
  expect(whole!.model).toBe("aten-scaled-grouped-mm");
  expect(whole!.flop).toBe(2 * halved!.flop);
});

const MM = {
  shapes: dims([32, 4096], [4096, 24576]),
  types: types("c10::BFloat16", "c10::BFloat16"),
};

test("a mapping that tells several layers by one tells as many calls", () => {
  const mapping = trace().op("aten::mm", 0, 400, MM);
  mapping.kernel("nvjet", { us: 80 }).launchedBy("cudaLaunchKernel");
  const nameSites = singleSites([graphOf(mapping.build())]);
  const built = trace().replay(["nvjet", "nvjet", "nvjet"], { us: 80 }).build();
  const { rows } = limited(built, { nameSites });
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ count: 3, kernelUs: 240, shapesFrom: "mapping" });
  expect(rows[0]!.assuming[0]).toMatch(/^arguments as wherever the mapping trace runs this kernel/);
  expect(rows[0]!.pctOfLimit).toBeCloseTo(75.8, 0);
});

test("a kernel that the mapping trace runs with several shapes has no figure by its name", () => {
  const mapping = trace()
    .op("aten::mm", 1000, 1005, MM)
    .op("aten::mm", 1010, 1015, { ...MM, shapes: dims([32, 4096], [4096, 4096]) });
  for (const at of [1001, 1011])
    mapping.kernel("nvjet", { us: 80 }).launchedBy("cudaLaunchKernel", { at });
  const nameSites = singleSites([graphOf(mapping.build())]);
  expect(nameSites.get("nvjet")).toMatchObject({ call: null });
  const { rows } = limited(trace().replay(["nvjet"]).build(), { nameSites });
  expect(rows).toEqual([]);
});

test("of a chain what one kernel writes and the next reads need not be moved", () => {
  const n = 64 * 1024 * 1024;
  const built = trace();
  const pass = (op: string, at: number, inputs: number) =>
    built
      .op(op, at, at + 8, {
        shapes: dims(...Array.from({ length: inputs }, () => [n])),
        types: types(...Array.from({ length: inputs }, () => "c10::BFloat16")),
      })
      .kernel(op, { us: 100 })
      .launchedBy("cudaLaunchKernel", { at: at + 2 });
  pass("aten::silu", 1000, 1);
  pass("aten::mul", 1010, 2);
  const { limits } = limited(built.build());
  const { between, restNs } = chainTraffic([0, 1], limits)!;
  // Written by one and read by the other; two inputs and the result are left.
  expect(between).toBe(2 * 2 * n);
  expect(restNs).toBeCloseTo((3 * 2 * n - 50 * 2 ** 20) / 3350, 0);
  expect(chainTraffic([0, 1], { ...limits, machine: null })).toBeNull();
});
