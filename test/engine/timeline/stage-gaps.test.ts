import { expect, test } from "vitest";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { idleSpanAt } from "../../../src/engine/timeline/idle-time.ts";
import { gapAt } from "../../../src/engine/timeline/stage-gaps.ts";
import { stageTimeline } from "../../../src/engine/timeline/stage-timeline.ts";
import { sglang } from "../../../src/ingest/frameworks/sglang.ts";
import { readTrace } from "../../../src/ingest/read-trace.ts";
import type { KernelGraph } from "../../../src/model/trace/kernel-graph.ts";
import { gpuEnd, kernelNameAt, type Trace } from "../../../src/model/trace/trace.ts";
import { NO_ROW } from "../../../src/model/trace/units.ts";
import { VOCABULARY } from "../../support/provisional-vocabulary.ts";
import { trace } from "../../support/trace-builder.ts";

function graphOf(built: Trace): KernelGraph {
  return buildKernelGraph(built, { profile: sglang, ruleSet: VOCABULARY, stageHint: null });
}

test("a gap knows the events around it, and other stages' time is none", () => {
  const built = trace();
  for (const [at, label, us] of [
    [0, "step[DECODE bs=1]", 10],
    [1000, "step[EXTEND bs=1 toks=8]", 500],
    [2000, "step[DECODE bs=2]", 10],
  ] as const)
    built
      .annotation(label, at, at + 50)
      .kernel(label, { at: at + 10, us })
      .launchedBy("cudaLaunchKernel", { at: at + 2 });
  const graph = graphOf(built.build());
  const { gaps } = stageTimeline(graph, graph.stages.find(({ stage }) => stage === "decode")!);
  const nameOf = (row: number) => (row === NO_ROW ? null : kernelNameAt(graph.trace, row).raw);
  const seen = Array.from({ length: gaps.count }, (_, at) => {
    const { start, end, previous, next } = gapAt(gaps, at);
    return [start / 1000, end / 1000, nameOf(previous), nameOf(next)];
  });
  expect(seen).toEqual([
    [20, 1010, "step[DECODE bs=1]", "step[DECODE bs=2]"],
    [1510, 2010, null, "step[DECODE bs=2]"],
  ]);
});

test("the latest end begins a gap, whichever stream it is on", () => {
  const built = trace()
    .kernel("long", { at: 0, us: 100, stream: "1" })
    .launchedBy()
    .kernel("short", { at: 10, us: 10, stream: "2" })
    .launchedBy()
    .kernel("next", { at: 130, us: 10, stream: "2" })
    .launchedBy();
  const graph = graphOf(built.build());
  const { gaps } = stageTimeline(graph, graph.stages[0]!);
  expect(gaps.count).toBe(1);
  expect(gapAt(gaps, 0)).toEqual({ start: 100_000, end: 130_000, previous: 0, next: 2 });
});

test.each([
  "examples/sglang-tp2-decode/1775078603.4170518-TP-0-DECODE.trace.json.gz",
  "examples/trtllm/trtllm-trace-1787405615-9f3c21ab-rank-0.json",
  "examples/two-stream-overlap/1775081877.2294104-TP-0-DP-0-EP-0-EXTEND.trace.json.gz",
])("causes tile the gaps of %s, and both add up to its idle time", async (path) => {
  const graph = graphOf(await readTrace(path));
  const { gpu } = graph.trace;
  for (const stage of graph.stages) {
    const time = stageTimeline(graph, stage);
    const { gaps, idle, timeline, perStep } = time;
    expect(gaps.count).toBeGreaterThan(0);
    let sum = 0;
    let at = 0;
    for (let gap = 0; gap < gaps.count; gap++) {
      const { start, end, previous, next } = gapAt(gaps, gap);
      expect(start).toBeGreaterThanOrEqual(gap === 0 ? 0 : gaps.end[gap - 1]!);
      if (previous !== NO_ROW) expect(gpuEnd(gpu, previous)).toBe(start);
      expect(gpu.start[next]!).toBeGreaterThanOrEqual(end);
      let tiled = start;
      for (; idle.gap[at] === gap; at++) {
        const span = idleSpanAt(time, at);
        expect(span.start).toBe(tiled);
        expect(span.end).toBeGreaterThan(span.start);
        expect(span.next).toBe(next);
        tiled = span.end;
      }
      expect(tiled).toBe(end);
      sum += end - start;
    }
    expect(at).toBe(idle.count);
    expect(sum / 1000).toBe(timeline.idleUs);
    for (let step = 0; step < perStep.step.length; step++)
      expect(perStep.end[step]!).toBeGreaterThan(perStep.start[step]!);
  }
});
