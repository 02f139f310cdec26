import { describe, expect, test } from "vitest";
import { judgeBudget, parseBudget } from "../../src/diff/budgets.ts";
import { diffReports } from "../../src/diff/diff-reports.ts";
import { judgeDiffGate, parseDiffGate } from "../../src/diff/gates.ts";
import { DEFAULT_THRESHOLDS } from "../../src/diff/noise.ts";
import type { Diff } from "../../src/model/contracts/diff.ts";
import { fuse, kernel, report, spread, stage } from "../report/sample-reports.ts";

const GEMM = "gemm<128, 64>";

function side(stepUs: number, kernelUs: number, state: "active" | "split") {
  const times = { duration: spread(stepUs), gpuTime: spread(900), busy: spread(800) };
  return report({
    minSharePct: 0,
    stages: [
      stage({
        stepTimes: {
          count: 10,
          ...times,
          idle: spread(100),
          exposedComm: spread(0),
          deviation: { duration: 0, gpuTime: 0, busy: 0, idle: 0, exposedComm: 0 },
        },
        kernels: [
          kernel({
            name: GEMM,
            launches: 100,
            totalUs: kernelUs * 100,
            medianUs: kernelUs,
            p10Us: kernelUs,
            p90Us: kernelUs,
          }),
        ],
        fuse: [fuse({ rule: "norm", state })],
      }),
    ],
  });
}

const compared = diffReports(side(1000, 10, "active"), side(1030, 12, "split"), DEFAULT_THRESHOLDS);
const diff: Diff = { ...compared, tool: { name: "t", version: "1" }, budgets: [] };

describe("budgets", () => {
  test.each([
    ["decode.stepTime<=+3%", true],
    ["decode.stepTime<+3%", false],
    ["stepTime <= 2%", false],
    ["stepTime<=1.03ms", true],
    ["stepTime<1.03ms", false],
    ["stepTime<=+30us", true],
    ["stepTime<=+29.9µs", false],
    ["stepTime>=1ms", true],
    ["gpuTime<=-1%", false],
    ["exposedComm<=+0%", true],
    [`decode.kernel:${GEMM}<=+20%`, true],
    [`kernel:${GEMM}<=+19%`, false],
    ["kernel:gemn<=+20%", false],
    ["prefill.stepTime<=+50%", false],
    ["extend.stepTime<=+50%", false],
  ])("%s holds: %s", (text, holds) => {
    const { failed, reason, budget } = judgeBudget(parseBudget(text), diff);
    expect({ failed, budget }, reason).toEqual({ failed: !holds, budget: text });
  });

  test("what is missing is named", () => {
    expect(judgeBudget(parseBudget("prefill.idle<=+1%"), diff).reason).toBe(
      "no stage prefill is in both reports",
    );
    expect(judgeBudget(parseBudget("kernel:gemm<128, 65><=+1%"), diff).reason).toContain(
      `Did you mean '${GEMM}'?`,
    );
  });

  test.each([
    ["decode.gpuTme<=+2%", "There is no metric 'gpuTme'. Did you mean 'gpuTime'?"],
    ["decod.gpuTime<=+2%", "There is no stage 'decod'. Did you mean 'decode'?"],
    ["decode.gpuTime<=2", "is no budget"],
    ["decode.gpuTime=2%", "is no budget"],
    ["kernel:<=+2%", "There is no metric 'kernel:'"],
  ])("%s is refused", (text, message) => {
    expect(() => parseBudget(text)).toThrow(message);
  });
});

describe("gates", () => {
  test.each([
    ["regression", true],
    ["regression>2%", true],
    ["regression>4%", false],
    ["kernel-slower", true],
    ["kernel-slower>=20%", true],
    ["kernel-slower>21%", false],
    ["kernel-slower>1", false],
    ["rule-lost", true],
    ["idle-grown", false],
    ["inconclusive", false],
    ["doubtful", false],
  ])("%s fails: %s", (text, fails) => {
    const { failed, reason } = judgeDiffGate(parseDiffGate(text), diff);
    expect(failed, reason).toBe(fails);
  });

  test("an unknown gate is refused with the one meant", () => {
    expect(() => parseDiffGate("regresion")).toThrow("Did you mean 'regression'?");
    expect(() => parseDiffGate("regression=2")).toThrow("is not a gate");
  });
});
