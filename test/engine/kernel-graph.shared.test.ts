import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { buildKernelGraph } from "../../src/engine/kernel-graph.ts";
import { kernelRows, located } from "../../src/engine/tables/kernel-table.ts";
import { stageTimeline } from "../../src/engine/timeline/stage-timeline.ts";
import { decideFramework } from "../../src/ingest/frameworks/index.ts";
import { readTrace } from "../../src/ingest/read-trace.ts";
import type { KernelRow, TimelineReport } from "../../src/model/contracts/report.ts";
import type { FrameworkDecision } from "../../src/model/framework.ts";
import { type KernelGraph, type StageGraph, VIA_CODE } from "../../src/model/trace/kernel-graph.ts";
import { VOCABULARY } from "../support/provisional-vocabulary.ts";
import { hasSharedTraces, SHARED_TRACES } from "../support/shared-traces.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

interface Case {
  readonly decision: FrameworkDecision;
  readonly graph: KernelGraph;
  readonly stage: StageGraph;
  readonly timeline: TimelineReport;
  readonly rows: readonly KernelRow[];
}

async function analyse(path: string): Promise<Case> {
  const trace = await readTrace(path);
  const decision = decideFramework(trace, { serverArgs: null, override: null, fileName: path });
  const graph = buildKernelGraph(trace, {
    profile: decision.profile,
    ruleSet: VOCABULARY,
    stageHint: null,
  });
  const stage = graph.stages[0]!;
  return {
    decision,
    graph,
    stage,
    timeline: stageTimeline(graph, stage).timeline,
    rows: kernelRows(graph, stage),
  };
}

const TRACES = {
  b200: "vllm-b200-tp8-eager/eager_trace.json.gz",
  extend: "sglang-mi300x-qwen3-8b-extend/step.json.gz",
  decode: "sglang-mi300x-qwen3-8b-decode/graph_execution.json.gz",
  vllm: "vllm-mi300x-gptoss-decode/graph_execution.json.gz",
  b300: "sglang-b300-decode/1782843274.7730265-TP-0-DECODE.trace.json.gz",
  qwen: "hf-h100-qwen1.5-0.5b/step.json.gz",
  owlv2: "hf-h100-owlv2/step.json.gz",
  train: "train-a100-multistream/rank0.json.gz",
  mi210: "gpu-only-mi210/gpu_only_trace.json.gz",
  triton: "triton-mi300x-small/trace.json.gz",
} as const;
type Name = keyof typeof TRACES;

describe.skipIf(!hasSharedTraces)(`graph of real traces (needs ${SHARED_TRACES})`, () => {
  const cases = {} as Record<Name, Case>;

  beforeAll(async () => {
    // Under a neutral name, so that nothing is told by folders or file names.
    const renamed = join(temporaryFolder({}), "x.json.gz");
    for (const [name, path] of Object.entries(TRACES)) {
      await copyFile(join(SHARED_TRACES, path), renamed);
      cases[name as Name] = await analyse(renamed);
      await rm(renamed);
    }
  });

  test.each([
    ["b200", "vllm", "prefill"],
    ["extend", "sglang", "prefill"],
    ["decode", "sglang", "decode"],
    ["vllm", "vllm", "decode"],
    ["b300", "sglang", "decode"],
    ["qwen", "unknown", "all"],
    ["owlv2", "unknown", "all"],
    ["train", "unknown", "all"],
    ["mi210", "unknown", "all"],
    ["triton", "unknown", "all"],
  ] as const)("%s is %s, %s, whatever the file is called", (name, framework, stage) => {
    expect(cases[name].decision.framework).toBe(framework);
    expect(cases[name].graph.stages.map((each) => each.stage)).toEqual([stage]);
  });

  test.each(Object.keys(TRACES) as Name[])("%s: no GPU time is lost on the way", (name) => {
    const { graph, rows, timeline } = cases[name];
    const { duration } = graph.trace.gpu;
    const recorded = duration.reduce((sum, ns) => sum + ns, 0) / 1000;
    expect(rows.reduce((sum, row) => sum + row.totalUs, 0)).toBeCloseTo(recorded, 3);
    expect(rows.reduce((sum, row) => sum + row.launches, 0)).toBe(duration.length);
    expect(timeline.gpuTimeUs).toBeCloseTo(recorded, 3);
    expect(timeline.busyUs + timeline.idleUs).toBeCloseTo(timeline.totalUs, 3);
    const causes = timeline.idleCauses.reduce((sum, { us }) => sum + us, 0);
    expect(causes).toBeCloseTo(timeline.idleUs, 3);
    for (const row of rows)
      expect(row.sites.reduce((sum, site) => sum + site.totalUs, 0)).toBeCloseTo(row.totalUs, 3);
  });

  // What independent tools say (milliseconds).
  test.each([
    ["extend", 492.807, 987.289],
    ["decode", 9.773, 473.75],
    ["vllm", 10.718, 10.743],
    ["b200", 11.6, 84.5],
  ] as const)("%s is busy %d of %d ms", (name, busy, total) => {
    const { timeline } = cases[name];
    expect(timeline.busyUs / 1000 / busy).toBeCloseTo(1, 3);
    expect(timeline.totalUs / 1000 / total).toBeCloseTo(1, 3);
  });

  test.each([
    ["b200", 25, 36],
    ["extend", 14, 36],
    ["decode", 15, 36],
    ["vllm", 35, 12],
    ["b300", 11, 32],
    ["qwen", 49, 24],
    ["owlv2", 27, 24],
  ] as const)("%s has layers of %d kernels, %d of them", (name, period, count) => {
    expect(cases[name].stage.layers).toMatchObject({ period, count });
  });

  test.each(["train", "mi210", "triton"] as const)("%s has no layers", (name) => {
    expect(cases[name].stage.layers).toBeNull();
  });

  describe("vLLM, eager, eight ranks", () => {
    test("every kernel is located by its own stack", () => {
      const { pct, byMethod } = located(cases.b200.graph);
      expect(pct).toBeGreaterThanOrEqual(99);
      expect(byMethod.direct).toBeGreaterThanOrEqual(99);
    });

    test("the all-reduce is the symmetric-memory communicator's, told apart by module", () => {
      const row = cases.b200.rows.find((each) => each.name.includes("multimem_all_reduce"))!;
      expect(row.category).toBe("communication");
      expect(row.sharePct).toBeCloseTo(18.2, 1);
      expect(row.sites.map((site) => [site.location, site.module, site.launches])).toEqual([
        [
          "vllm/distributed/device_communicators/symm_mem.py:127",
          "GptOssForCausalLM.TransformerBlock.MLPBlock.FusedMoE",
          36,
        ],
        [
          "vllm/distributed/device_communicators/symm_mem.py:127",
          "GptOssForCausalLM.TransformerBlock.OAIAttention.RowParallelLinear",
          36,
        ],
        [
          "vllm/distributed/device_communicators/symm_mem.py:127",
          "GptOssForCausalLM.VocabParallelEmbedding",
          1,
        ],
      ]);
    });

    test("the norm is at vLLM's op, under its module", () => {
      const row = cases.b200.rows.find((each) => each.name.includes("fused_add_rms_norm"))!;
      expect(row.sites[0]).toMatchObject({
        location: "vllm/_custom_ops.py:334",
        function: "fused_add_rms_norm",
        module: "GptOssForCausalLM.TransformerBlock.RMSNorm",
        cpuOp: "_C::fused_add_rms_norm",
        launches: 71,
        via: "direct",
      });
    });

    test("the GPU waits for the host 86 % of the time", () => {
      const { timeline } = cases.b200;
      expect(timeline.idleUs / timeline.totalUs).toBeCloseTo(0.86, 2);
      const host = timeline.idleCauses.find(({ cause }) => cause === "host-launch")!;
      expect(host.us / timeline.idleUs).toBeGreaterThan(0.95);
    });
  });

  describe("SGLang, eager extend", () => {
    test("the norm is the layer's, not the profiling wrapper's", () => {
      const row = cases.extend.rows.find((each) => /add_rmsnorm.*256/.test(each.name))!;
      expect(row.sites[0]).toMatchObject({
        location: "sglang/srt/layers/layernorm.py:281",
        module: "Qwen3Model.Qwen3DecoderLayer.RMSNorm",
        cpuOp: "aiter::add_rmsnorm",
      });
      for (const each of cases.extend.rows)
        for (const site of each.sites) expect(site.location).not.toContain("kernel_shape_profiler");
    });

    test("the projections share a line and are told apart by module", () => {
      const gemms = cases.extend.rows.filter((row) => row.name.startsWith("Cijk_"));
      const modules = gemms.flatMap((row) => row.sites.map((site) => site.module ?? ""));
      for (const module of [
        "Qwen3Attention.QKVParallelLinear",
        "Qwen3Attention.RowParallelLinear",
        "Qwen2MLP.MergedColumnParallelLinear",
        "Qwen2MLP.RowParallelLinear",
      ])
        expect(modules.filter((each) => each.endsWith(module))).toHaveLength(1);
    });

    test.each(["extend", "decode"] as const)("%s: the cut in the trace is called out", (name) => {
      const hole = cases[name].timeline.idleCauses.find(({ cause }) => cause === "hole")!;
      expect(hole.us).toBeGreaterThan(460_000);
      expect(hole.note).toContain("already launched");
    });
  });

  test("one launch behind a whole replay is kept, and is no site", () => {
    const { graph, stage } = cases.decode;
    const launches = new Map<number, number>();
    for (const row of stage.events)
      launches.set(graph.launchOf[row]!, (launches.get(graph.launchOf[row]!) ?? 0) + 1);
    const [launch, kernels] = [...launches].reduce((a, b) => (b[1] > a[1] ? b : a));
    expect(kernels).toBe(544);
    for (const row of stage.events)
      if (graph.launchOf[row] === launch) expect(graph.siteOf[row]).toBe(0);
    expect(located(graph).pct).toBeLessThan(2);
  });

  test("kernels launched before the window opened take the site of the same place in the layer", () => {
    const { graph } = cases.qwen;
    const { byMethod } = located(graph);
    expect(byMethod.direct).toBeCloseTo(69.9, 1);
    expect(byMethod["layer-context"]).toBeGreaterThan(29);
    const lent = graph.viaOf.indexOf(VIA_CODE["layer-context"]);
    expect(graph.launchOf[lent]).toBe(-1);
    expect(graph.sites[graph.siteOf[lent]!]).toMatchObject({ modulePath: null });
    expect(graph.sites[graph.siteOf[lent]!]!.module).toContain("Qwen2DecoderLayer");
  });

  test("without Python stacks ops are known and places are not", () => {
    const { graph, rows } = cases.train;
    expect(located(graph).pct).toBe(0);
    const allReduce = rows.find((row) => row.name.includes("AllReduce"))!;
    expect(allReduce.sites[0]).toMatchObject({ location: null, cpuOp: "c10d::allreduce_" });
  });

  test("communication hidden under computation is not exposed", () => {
    const { timeline } = cases.train;
    expect(timeline.exposedCommUs).toBeGreaterThan(0);
    expect(timeline.exposedCommUs).toBeLessThan(timeline.commUs);
    expect(timeline.gpuTimeUs).toBeGreaterThan(timeline.busyUs);
  });
});
