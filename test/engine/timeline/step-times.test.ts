import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { outsideSteps } from "../../../src/engine/timeline/outside-steps.ts";
import { stageTimeline } from "../../../src/engine/timeline/stage-timeline.ts";
import { StepSums } from "../../../src/engine/timeline/step-times.ts";
import { sglang } from "../../../src/ingest/frameworks/sglang.ts";
import type { KernelGraph } from "../../../src/model/trace/kernel-graph.ts";
import { VOCABULARY } from "../../support/provisional-vocabulary.ts";
import { trace } from "../../support/trace-builder.ts";

interface Event {
  readonly step: number;
  readonly at: number;
  readonly us: number;
  readonly name: string;
}

/** A graph of one stage whose events belong to the steps they say, whatever launched them. */
function graphOf(events: readonly Event[]): KernelGraph {
  const built = trace();
  const ordered = [...events].sort((a, b) => a.at - b.at);
  for (const [index, { name, at, us }] of ordered.entries())
    built.kernel(name, { at, us, stream: String(index) }).launchedBy();
  const graph = buildKernelGraph(built.build(), {
    profile: sglang,
    ruleSet: VOCABULARY,
    stageHint: null,
  });
  const steps = [0, 1, 2].map((index) => ({ ...graph.steps[0]!, index }));
  return { ...graph, steps, stepOf: Int32Array.from(ordered, ({ step }) => step) };
}

function measure(events: readonly Event[]) {
  const graph = graphOf(events);
  return stageTimeline(graph, graph.stages[0]!);
}

describe("what a step takes", () => {
  test("idle belongs to the step that ends it, shared time to the step that began it", () => {
    const { stepTimes } = measure([
      { step: 0, at: 0, us: 100, name: "gemm" },
      { step: 1, at: 90, us: 20, name: "gemm" },
      { step: 2, at: 150, us: 30, name: "gemm" },
    ]);
    // Busy 100, 10 and 30; idle unknown, 0 and 40.
    expect(stepTimes).toMatchObject({
      count: 3,
      duration: { p10Us: 10, medianUs: 10, p90Us: 70 },
      gpuTime: { p10Us: 20, medianUs: 30, p90Us: 100 },
      busy: { p10Us: 10, medianUs: 30, p90Us: 100 },
      idle: { p10Us: 0, medianUs: 0, p90Us: 40 },
    });
  });

  test("steps without work here are not counted, nor is work without a step", () => {
    expect(
      measure([
        { step: 2, at: 0, us: 10, name: "gemm" },
        { step: -1, at: 50, us: 10, name: "gemm" },
      ]).stepTimes,
    ).toMatchObject({ count: 1, duration: { medianUs: 10 } });
    expect(measure([{ step: -1, at: 0, us: 10, name: "gemm" }]).stepTimes).toBeNull();
  });
});

describe("what no step launched", () => {
  const steps = [0, 1, 2].map((step) => ({ step, at: step * 300, us: 200, name: "gemm" }));
  const { stepTimes: alone } = measure(steps);

  test.each([
    ["a copy across all steps", { step: -1, at: 10, us: 780, name: "copy" }],
    ["a copy within one idle gap", { step: -1, at: 220, us: 50, name: "copy" }],
    ["a copy from before the first step", { step: -1, at: 0, us: 100, name: "copy" }],
    ["a copy beyond the last step", { step: -1, at: 700, us: 900, name: "copy" }],
  ])("%s changes no step", (_, beside) => {
    expect(measure([...steps, beside]).stepTimes).toEqual(alone);
  });

  test("nor does it where it is a stage of its own", () => {
    const graph = graphOf([...steps, { step: -1, at: 10, us: 780, name: "copy" }]);
    const rows = Array.from({ length: graph.trace.gpu.count }, (_, row) => row);
    const isOwn = (row: number): boolean => graph.stepOf[row]! >= 0;
    const [own, other] = [rows.filter(isOwn), rows.filter((row) => !isOwn(row))];
    const stage = { ...graph.stages[0]!, events: Uint32Array.from(own) };
    const beside = { ...stage, stage: "prefill" as const, events: Uint32Array.from(other) };
    const two = { ...graph, stages: [stage, beside] };
    expect(stageTimeline(two, stage).stepTimes).toEqual(alone);
    expect(outsideSteps(two, beside)).toBeNull();
  });

  test("is told by where it lies", () => {
    const graph = graphOf([
      { step: -1, at: 0, us: 90, name: "copy" },
      ...steps.map((event) => ({ ...event, at: event.at + 100 })),
      { step: -1, at: 310, us: 20, name: "copy" },
      { step: -1, at: 1000, us: 5, name: "copy" },
    ]);
    expect(outsideSteps(graph, graph.stages[0]!)).toEqual({
      events: 3,
      unlaunchedEvents: 0,
      unlaunchedUs: 0,
      beforeUs: 90,
      betweenUs: 20,
      afterUs: 5,
    });
  });

  test("is set apart where its launch is not recorded: a step may have launched it", () => {
    const graph = graphOf([{ step: -1, at: 150, us: 90, name: "copy" }, ...steps]);
    const launchOf = graph.launchOf.map((launch, row) => (graph.stepOf[row]! < 0 ? -1 : launch));
    expect(outsideSteps({ ...graph, launchOf }, graph.stages[0]!)).toMatchObject({
      events: 1,
      unlaunchedEvents: 1,
      unlaunchedUs: 90,
    });
  });
});

test("no step is busy for longer than it takes", () => {
  fc.assert(
    fc.property(eventsArb, fc.array(fc.boolean()), (events, none) => {
      const graph = graphOf(events.map((e, at) => (none[at] === true ? { ...e, step: -1 } : e)));
      const { perStep } = stageTimeline(graph, graph.stages[0]!);
      for (const [at, time] of perStep.duration.entries()) {
        expect(perStep.busy[at]).toBeLessThanOrEqual(time);
        expect(perStep.busy[at]).toBeLessThanOrEqual(perStep.gpuTime[at]!);
      }
    }),
  );
});

const eventsArb = fc.array(
  fc.record({
    step: fc.nat(2),
    at: fc.nat(300),
    us: fc.integer({ min: 1, max: 40 }),
    name: fc.constantFrom("gemm", "ncclAllReduce"),
  }),
  { minLength: 1, maxLength: 25 },
);

test("with one step per measure, steps add up to the stage", () => {
  fc.assert(
    fc.property(eventsArb, (events) => {
      const graph = graphOf(events.map((event) => ({ ...event, step: 0 })));
      const { timeline, stepTimes } = stageTimeline(graph, graph.stages[0]!);
      expect(stepTimes).toMatchObject({
        count: 1,
        duration: { medianUs: timeline.totalUs },
        gpuTime: { medianUs: timeline.gpuTimeUs },
        busy: { medianUs: timeline.busyUs },
        idle: { medianUs: timeline.idleUs },
        exposedComm: { medianUs: timeline.exposedCommUs },
      });
    }),
  );
});

test("sums over steps are the stage's, however the steps interleave", () => {
  fc.assert(
    fc.property(eventsArb, (events) => {
      // Two steps: the extremes are both of them.
      const two = events.map((event) => ({ ...event, step: event.step % 2 }));
      fc.pre(new Set(two.map(({ step }) => step)).size === 2);
      const graph = graphOf(two);
      const { timeline, stepTimes } = stageTimeline(graph, graph.stages[0]!);
      for (const [spread, whole] of [
        [stepTimes!.gpuTime, timeline.gpuTimeUs],
        [stepTimes!.busy, timeline.busyUs],
        [stepTimes!.idle, timeline.idleUs],
        [stepTimes!.duration, timeline.totalUs],
        [stepTimes!.exposedComm, timeline.exposedCommUs],
      ] as const)
        expect(spread.p10Us + spread.p90Us).toBeCloseTo(whole, 3);
    }),
  );
});

test("no events, no steps", () => {
  expect(new StepSums(4).build()).toBeNull();
});
