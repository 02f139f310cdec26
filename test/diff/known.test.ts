import { beforeAll, describe, expect, test } from "vitest";
import { judgeDiffGate, parseDiffGate } from "../../src/diff/gates.ts";
import type { Diff } from "../../src/model/contracts/diff.ts";
import type { Report } from "../../src/model/contracts/report.ts";
import { hasSharedTraces, SHARED_TRACES } from "../support/shared-traces.ts";
import { diffOf, news, reportOf, tracePath, WORSE } from "./pairs.ts";

let before: Report;
let after: Report;
let diff: Omit<Diff, "tool" | "budgets">;
beforeAll(async () => {
  before = await reportOf(tracePath("before"));
  after = await reportOf(tracePath("after", { seed: 2, ...WORSE }));
  diff = diffOf(before, after);
}, 60_000);

describe("a slower kernel, a lost fusion and added idle", () => {
  test("are told, and nothing besides", () => {
    expect(diff.verdict.change).toBe("slower");
    expect(diff.warnings).toEqual([]);
    const lost = "sgl-flashinfer-allreduce-rmsnorm";
    expect(news(diff)).toEqual([
      {
        metrics: ["stepTime slower", "gpuTime slower", "busy slower", "idle slower"],
        kernels: [
          `allreduce_fusion_kernel_oneshot_lamport<|vanished|${lost}`,
          `sglang::cross_device_reduce_1stage<__nv_|more-launches|${lost}`,
          `flashinfer::norm::FusedAddRMSNormKernel<|appeared|${lost}`,
          "cutlass::device_kernel<flash::enable_sm9|slower|",
        ],
        positions: [
          "5 → 7 slower",
          "7 → 9 replaced",
          "undefined → 10 appeared",
          "16 → 0 replaced",
          "undefined → 1 appeared",
        ],
        // What the lost fusion leaves behind is an all-reduce another rule can take.
        rules: [`${lost} lost`, "sgl-moe-sum-allreduce new-opportunity"],
      },
    ]);
    const slower = diff.stages[0]!.kernels.find(({ change }) => change === "slower");
    expect(Math.abs(slower!.medianPct! - 20)).toBeLessThan(2);
  });

  test("come back mirrored when the sides are swapped", () => {
    const back = diffOf(after, before);
    expect(back.verdict.change).toBe("faster");
    const [there, here] = [diff.stages[0]!, back.stages[0]!];
    const sorted = (of: typeof there, sign: number) =>
      of.kernels
        .map(({ perStepDeltaUs, noiseUs }) => [
          (sign * perStepDeltaUs).toFixed(2),
          noiseUs?.toFixed(6),
        ])
        .sort();
    const mirror: Record<string, string> = {
      slower: "faster",
      faster: "slower",
      appeared: "vanished",
      vanished: "appeared",
      lost: "gained",
      gained: "lost",
      "more-launches": "fewer-launches",
      "new-opportunity": "gone",
    };
    const changes = (rows: readonly { readonly change: string }[], turn = false) =>
      rows.map(({ change }) => (turn ? (mirror[change] ?? change) : change)).sort();
    expect(changes(here.kernels)).toEqual(changes(there.kernels, true));
    expect(changes(here.positions)).toEqual(changes(there.positions, true));
    expect(changes(here.rules)).toEqual(changes(there.rules, true));
    expect(changes(here.metrics)).toEqual(changes(there.metrics, true));
    expect(here.launchRatio).toBeCloseTo(1 / there.launchRatio, 9);
    expect(sorted(here, 1)).toEqual(sorted(there, -1));
  });
});

test("a report against itself is identical, and nothing is told", () => {
  const same = diffOf(before, before);
  expect(same.verdict.change).toBe("identical");
  expect(news(same)).toEqual([{ metrics: [], kernels: [], positions: [], rules: [] }]);
});

test("one step is too few to judge: inconclusive, never no change", () => {
  const single = (report: Report, by: number): Report => ({
    ...report,
    stages: report.stages.map((stage) => ({
      ...stage,
      stepTimes: { ...stage.stepTimes!, count: 1 },
      layers: null,
      kernels: stage.kernels.map((row) => ({ ...row, launches: 1, totalUs: row.totalUs * by })),
    })),
  });
  const { stages, verdict } = diffOf(single(before, 1), single(before, 1.0001));
  expect(verdict.change).toBe("inconclusive");
  for (const row of [...stages[0]!.metrics, ...stages[0]!.kernels])
    expect(row.change).toBe("inconclusive");
  // A verdict that rests on GPU time alone leaves the step's time unjudged.
  const byGpuTime = stages.map((stage) => ({
    ...stage,
    verdict: { ...stage.verdict, change: "slower" as const },
  }));
  const gate = judgeDiffGate(parseDiffGate("inconclusive"), {
    ...diffOf(before, before),
    stages: byGpuTime,
  } as unknown as Diff);
  expect(gate.failed).toBe(true);
});

test("what makes the comparison doubtful is warned of", () => {
  const other: Report = {
    ...after,
    gpu: { ...after.gpu, name: "NVIDIA B200" },
    framework: "vllm",
    model: "other",
    parallel: { ...after.parallel, tp: 8 },
    rules: { ...after.rules, digest: "0".repeat(64) },
    tool: { ...after.tool, version: "9.9.9" },
    mode: "mapping-formal",
    traces: after.traces.map((trace) => ({ ...trace, complete: false, damage: "cut" })),
  };
  const codes = diffOf(before, other).warnings.map(({ code }) => code.replace("diff/", ""));
  expect(codes).toEqual(["gpu", "framework", "model", "tp", "rules", "tool", "mode", "incomplete"]);
});

test("a row the other report may only hide has not vanished", () => {
  const hiding = (report: Report, of: (share: number) => boolean): Report => ({
    ...report,
    minSharePct: 1,
    stages: report.stages.map((stage) => ({
      ...stage,
      fuse: [],
      kernels: stage.kernels.filter(({ sharePct }) => of(sharePct)),
    })),
  });
  const found = diffOf(
    hiding(before, (share) => share >= 1),
    hiding(before, (share) => share >= 2),
  );
  expect(found.stages[0]!.kernels.map(({ change }) => change)).not.toContain("vanished");
});

describe.skipIf(!hasSharedTraces)("real traces (in ../shared/traces, else skipped)", () => {
  test("a trace against itself tells nothing", async () => {
    const report = await reportOf(`${SHARED_TRACES}/hf-h100-qwen1.5-0.5b`);
    const same = diffOf(report, report);
    expect(same.verdict.change).toBe("identical");
    for (const stage of news(same)) expect(Object.values(stage).flat()).toEqual([]);
  });

  test("extend and decode have no stage in common, which is said", async () => {
    const extend = await reportOf(`${SHARED_TRACES}/sglang-mi300x-qwen3-8b-extend`);
    const decode = await reportOf(`${SHARED_TRACES}/sglang-mi300x-qwen3-8b-decode`);
    const { verdict, onlyBefore, onlyAfter } = diffOf(extend, decode);
    expect({ change: verdict.change, onlyBefore, onlyAfter }).toEqual({
      change: "not-comparable",
      onlyBefore: ["prefill"],
      onlyAfter: ["decode"],
    });
  });
});
