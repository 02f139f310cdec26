import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { explainRow } from "../../src/commands/explain.ts";
import { DEFAULT_ANALYZE_OPTIONS } from "../../src/model/options.ts";
import { hasSharedTraces, SHARED_TRACES } from "../support/shared-traces.ts";

const explain = (row: string, trace: string) =>
  explainRow(row, 5, {
    ...DEFAULT_ANALYZE_OPTIONS,
    inputs: [join(SHARED_TRACES, trace)],
    rulesPath: "rules",
  });

describe.skipIf(!hasSharedTraces)("rows of real traces (skipped without ../shared/traces)", () => {
  test("vllm-b200: the all-reduce kernel between its two copies", async () => {
    const { kernels } = await explain("multimem_all_reduce", "vllm-b200-tp8-eager");
    expect(kernels).toHaveLength(1);
    const [kernel] = kernels;
    expect(kernel).toMatchObject({ launches: 73, stage: "prefill", outsideLayers: 1 });
    expect(kernel!.named[0]).toMatchObject({ what: "category", answer: "communication" });
    expect(kernel!.before[0]).toMatchObject({ kernel: expect.stringContaining("DtoD") });
    expect(kernel!.after[0]).toMatchObject({ kernel: expect.stringContaining("DtoD") });
    // One after attention, one after the experts, in each of 36 layers; the last for the embedding.
    expect(kernel!.layerPositions.map(({ layers }) => layers)).toEqual([36, 36]);
    expect(kernel!.sites.map(({ launches }) => launches)).toEqual([36, 36, 1]);
    const shown = kernel!.sites[0]!.stack.find(({ isShown }) => isShown);
    expect(shown!.text).toContain("symm_mem.py");
    expect(kernel!.findings.map(({ rule }) => rule)).toContain("vllm-allreduce-rmsnorm");
  });

  test("vllm-b200: the all-reduce fusion, every guard known, every occurrence of four kernels", async () => {
    const { rules } = await explain("vllm-allreduce-rmsnorm", "vllm-b200-tp8-eager");
    const [rule] = rules;
    expect(rule).toMatchObject({ state: "split", occurrenceCount: 72, relatedUs: 3113.148 });
    expect(rule!.guards.every(({ truth, from }) => truth === "true" && from !== null)).toBe(true);
    expect(rule!.occurrences).toHaveLength(5);
    for (const { kernels, saveAtMostUs, gapUs } of rule!.occurrences) {
      expect(kernels.map(({ step }) => step)).toEqual(["stage_in", "ar", "stage_out", "norm"]);
      // The all-reduce itself stays; the copies and the norm go, and the idle time between.
      const swallowed = kernels
        .filter(({ step }) => step !== "ar")
        .reduce((sum, { us }) => sum + us, 0);
      expect(saveAtMostUs).toBeCloseTo(swallowed + gapUs, 6);
    }
  });

  test("sglang extend: a part of three norm kernels names them, a part of one tells all of it", async () => {
    const trace = "sglang-mi300x-qwen3-8b-extend";
    await expect(explain("add_rmsnorm_quant_kernel", trace)).rejects.toMatchObject({
      code: "row/ambiguous",
      exit: 2,
      message: expect.stringContaining("could be 3 rows"),
    });
    const { kernels } = await explain("256, 16, true, false", trace);
    const [kernel] = kernels;
    expect(kernel).toMatchObject({ stage: "prefill", launches: 72, totalUs: 8699.121 });
    expect(kernel!.named[0]).toMatchObject({ what: "category", answer: "norm" });
    const direct = kernel!.sites[0]!;
    expect(direct.stack.filter(({ isShown }) => isShown)).toHaveLength(1);
    // A profiling wrapper stands between the model and the op: plumbing, like torch's own frames.
    const plumbing = direct.stack.filter(({ why }) => why === "plumbing");
    expect(plumbing.some(({ text }) => text.includes("torch/nn/modules/module.py"))).toBe(true);
  });
});
