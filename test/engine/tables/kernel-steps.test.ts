import { describe, expect, test } from "vitest";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { kernelsPerStep } from "../../../src/engine/tables/kernel-steps.ts";
import { sglang } from "../../../src/ingest/frameworks/sglang.ts";
import { VOCABULARY } from "../../support/provisional-vocabulary.ts";
import { trace } from "../../support/trace-builder.ts";

/** Durations of the kernel's launches, by step. */
function perStep(steps: readonly (readonly number[])[], outside: readonly number[] = []) {
  const built = trace();
  for (const [at, times] of steps.entries()) {
    built.annotation("step[DECODE bs=8]", at * 1000, at * 1000 + 500);
    for (const [place, us] of times.entries()) {
      const host = at * 1000 + 10 + place;
      built.kernel("gemm", { at: at * 1000 + 100 * place, us }).launchedBy("cudaLaunchKernel", {
        at: host,
        us: 0.5,
      });
    }
  }
  for (const us of outside)
    built.kernel("gemm", { at: 1e6, us }).launchedBy("cudaLaunchKernel", { at: 1e6 - 10, us: 0.5 });
  const graph = buildKernelGraph(built.build(), {
    profile: sglang,
    ruleSet: VOCABULARY,
    stageHint: null,
  });
  const stage = graph.stages[0]!;
  return kernelsPerStep(graph, stage)(stage.events);
}

const usual = [10, 10, 10];

describe("a kernel in one step", () => {
  test("the median step speaks where all launch it equally often", () => {
    expect(perStep([usual, [10, 10, 90], usual])).toEqual({ launches: 3, us: 30 });
  });

  test("a cold first and a half last step do not count", () => {
    expect(perStep([[50, 50, 50, 50], usual, usual, usual, [10]])).toEqual({ launches: 3, us: 30 });
  });

  test("what no step launched does not count", () => {
    expect(perStep([usual, usual, usual], [500])).toEqual({ launches: 3, us: 30 });
  });

  test("steps that differ are told by their mean", () => {
    expect(perStep([[10], [10, 10]])).toEqual({ launches: 1.5, us: 15 });
  });
});
