import { describe, expect, test } from "vitest";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { stageTimeline } from "../../../src/engine/timeline/stage-timeline.ts";
import { sglang } from "../../../src/ingest/frameworks/sglang.ts";
import type { StageName } from "../../../src/model/framework.ts";
import { GPU_KIND } from "../../../src/model/trace/trace.ts";
import { VOCABULARY } from "../../support/provisional-vocabulary.ts";
import { type TraceBuilder, trace } from "../../support/trace-builder.ts";

function timelineOf(built: TraceBuilder, stage: StageName = "all") {
  const graph = buildKernelGraph(built.build(), {
    profile: sglang,
    ruleSet: VOCABULARY,
    stageHint: null,
  });
  return stageTimeline(graph, graph.stages.find((each) => each.stage === stage)!).timeline;
}

function causes(built: TraceBuilder, stage: StageName = "all") {
  return Object.fromEntries(
    timelineOf(built, stage).idleCauses.map(({ cause, us }) => [cause, us]),
  );
}

describe("what the GPU did", () => {
  test("computation hides communication, both hide memory", () => {
    const built = trace()
      .kernel("gemm", { at: 0, us: 100, stream: "1" })
      .launchedBy()
      .kernel("ncclAllReduce", { at: 50, us: 100, stream: "2" })
      .launchedBy()
      .copy("Memcpy DtoD", { at: 90, us: 80, stream: "3" })
      .launchedBy()
      .kernel("fill", { at: 170, us: 10, stream: "3", kind: GPU_KIND.fill })
      .launchedBy();
    expect(timelineOf(built)).toMatchObject({
      totalUs: 180,
      busyUs: 180,
      idleUs: 0,
      computeUs: 100,
      commUs: 100,
      exposedCommUs: 50,
      memoryUs: 90,
      exposedMemoryUs: 30,
      gpuTimeUs: 290,
      idleCauses: [],
    });
  });

  test("overlap on one stream counts once in unions and fully in GPU time", () => {
    const built = trace()
      .kernel("a", { at: 0, us: 10 })
      .launchedBy()
      .kernel("b", { at: 8, us: 10 })
      .launchedBy();
    expect(timelineOf(built)).toMatchObject({ totalUs: 18, busyUs: 18, gpuTimeUs: 20 });
  });
});

describe("why the GPU was idle", () => {
  const first = () =>
    trace().kernel("a", { at: 100, us: 10 }).launchedBy("cudaLaunchKernel", { at: 50 });

  test("the host is late up to the end of its launch call, what is left was queued", () => {
    const built = first()
      .kernel("b", { at: 205, us: 10 })
      .launchedBy("cudaLaunchKernel", { at: 198, us: 4 });
    expect(causes(built)).toEqual({ "host-launch": 92, other: 3 });
  });

  test("the host waited for the GPU when it ran dry: catching up belongs to the wait", () => {
    const built = first()
      .launch("cudaStreamSynchronize", { at: 60, us: 80 })
      .kernel("b", { at: 205, us: 10 })
      .launchedBy("cudaLaunchKernel", { at: 198, us: 4 });
    expect(causes(built)).toEqual({ synchronisation: 92, other: 3 });
  });

  test("another thread's wait is no cause", () => {
    const built = first();
    const other = built.thread("other");
    built
      .launch("cudaStreamSynchronize", { at: 60, us: 80, thread: other })
      .kernel("b", { at: 205, us: 10 })
      .launchedBy("cudaLaunchKernel", { at: 198, us: 4 });
    expect(causes(built)).toEqual({ "host-launch": 92, other: 3 });
  });

  test("a graph that was launched in time leaves gaps that are the GPU's own", () => {
    const built = trace()
      .kernel("a", { at: 100, us: 10 })
      .launchedBy("cudaLaunchKernel", { at: 50 })
      .replay(["b", "c"], { at: 170, us: 10, gapUs: 5 });
    // Launched at the host's clock, 60 µs, and returned long before the GPU went idle at 110.
    expect(causes(built)).toEqual({ other: 65 });
  });

  test("before a graph launch the host is late, during it the graph is being launched", () => {
    const built = trace()
      .kernel("a", { at: 100, us: 10 })
      .launchedBy("cudaLaunchKernel", { at: 50 })
      .kernel("b", { at: 170, us: 10 })
      .launchedBy("cudaGraphLaunch", { at: 130, us: 30 });
    expect(causes(built)).toEqual({ "host-launch": 20, "graph-launch": 30, other: 10 });
  });

  test("queued work that starts a little late is the GPU's own", () => {
    const built = first()
      .kernel("b", { at: 115, us: 10 })
      .launchedBy("cudaLaunchKernel", { at: 70 });
    expect(causes(built)).toEqual({ other: 5 });
  });

  test("queued work that nothing explains is a hole, and said so", () => {
    const built = first()
      .kernel("b", { at: 500_110, us: 10 })
      .launchedBy("cudaLaunchKernel", { at: 120, us: 5 });
    const { idleCauses } = timelineOf(built);
    expect(idleCauses).toMatchObject([
      { cause: "host-launch", us: 15 },
      { cause: "hole", us: 499_985 },
    ]);
    expect(idleCauses[1]!.note).toBe(
      "499.985 ms before b, although it was already launched: the trace was cut there, or something unrecorded held the GPU",
    );
  });

  test("a launch that was not recorded explains nothing", () => {
    const built = first().kernel("b", { at: 150, us: 10 }).notLaunched();
    expect(causes(built)).toEqual({ other: 40 });
    const long = first().kernel("b", { at: 5_110, us: 10 }).notLaunched();
    expect(timelineOf(long).idleCauses).toMatchObject([{ cause: "hole", us: 5000 }]);
  });
});

test("a stage's total leaves out the stretches in which another stage had the GPU", () => {
  const built = trace();
  for (const [at, label, us] of [
    [0, "step[DECODE bs=1]", 10],
    [1000, "step[EXTEND bs=1 toks=8]", 500],
    [2000, "step[DECODE bs=1]", 10],
  ] as const)
    built
      .annotation(label, at, at + 50)
      .kernel(label, { at: at + 10, us })
      .launchedBy("cudaLaunchKernel", { at: at + 2 });
  expect(timelineOf(built, "prefill")).toMatchObject({ totalUs: 500, busyUs: 500, idleUs: 0 });
  // From 20 to 2010 µs without the 500 µs of the prefill.
  expect(timelineOf(built, "decode")).toMatchObject({ totalUs: 1510, busyUs: 20, idleUs: 1490 });
});
