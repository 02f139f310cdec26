import { describe, expect, test } from "vitest";
import { explainKernel } from "../../../src/engine/explain/explain-kernel.ts";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { limitsOf } from "../../../src/engine/limits/index.ts";
import { runRules } from "../../../src/engine/match/run-rules.ts";
import { kernelId } from "../../../src/engine/tables/kernel-id.ts";
import { kernelRows } from "../../../src/engine/tables/kernel-table.ts";
import { vllm } from "../../../src/ingest/frameworks/vllm.ts";
import type { Action } from "../../../src/model/contracts/action.ts";
import type { StageReport } from "../../../src/model/contracts/report.ts";
import type { KernelExplanation } from "../../../src/model/contracts/row-explanation.ts";
import type { StageName } from "../../../src/model/framework.ts";
import { classText } from "../../../src/model/rule-text.ts";
import { type TraceBuilder, trace } from "../../support/trace-builder.ts";
import { Rules, state } from "../match/make.ts";

/** Two classes of norms; the category is decided by the second part of an alternative. */
function ruleSet() {
  const rules = new Rules();
  const classId = rules.classOf("category:norm", {
    kind: "any",
    of: [
      { kind: "glob", field: "name", glob: "layer_norm*" },
      { kind: "class", class: rules.cls("rms*") },
    ],
  });
  rules.rule("gemm-norm", [state("split", rules.chain("gemm rms*", { gap: 5000 }))]);
  return { ...rules.set, categories: [{ id: "norm", title: "Norm", class: classId }] };
}

const actionOn = (id: string, stage: StageName, kernel: string): Action =>
  ({
    ...{ id, stage, title: `what ${id} does` },
    saves: { kernelUs: 7, gapUs: 2, pctOfStep: 1 },
    evidence: { kernels: [{ id: kernel }] },
  }) as unknown as Action;

function explained(built: TraceBuilder, name: string): KernelExplanation | null {
  const set = ruleSet();
  const graph = buildKernelGraph(built.build(), { profile: vllm, ruleSet: set, stageHint: null });
  const stage = graph.stages[0]!;
  return explainKernel(
    {
      ruleSet: set,
      graph,
      stage,
      report: {
        stage: stage.stage,
        kernels: kernelRows(graph, stage),
        overlap: [],
      } as unknown as StageReport,
      outcomes: runRules(set, graph, []).outcomes,
      actions: [
        actionOn("tune", stage.stage, kernelId(name)),
        actionOn("elsewhere", "prefill", kernelId(name)),
        actionOn("another", stage.stage, "0badcafe"),
      ],
      profile: vllm,
      describe: (expr) => classText(set, expr),
      limits: limitsOf(graph, [], null),
    },
    name,
  );
}

/** gemm, rms twice; the second rms 3 µs after its gemm, under a copy on stream 9. */
function twice(): TraceBuilder {
  const shapes = "[[8,16]]";
  return trace()
    .kernel("gemm", { at: 0, us: 10 })
    .launchedBy()
    .kernel("rms", { at: 10, us: 2 })
    .inside("_C::rms_norm", shapes, '["bf16"]')
    .frames(
      "vllm/model.py(5): forward",
      "nn.Module: RMSNorm_0",
      "torch/nn/modules/module.py(1779): _call_impl",
      "vllm/layernorm.py(9): forward_cuda",
      "torch/_ops.py(3): __call__",
    )
    .launchedBy()
    .kernel("gemm", { at: 20, us: 10 })
    .launchedBy()
    .kernel("rms", { at: 33, us: 4 })
    .notLaunched()
    .copy("Memcpy DtoD", { at: 34, us: 9, stream: "9" })
    .launchedBy();
}

describe("a kernel's explanation", () => {
  const rms = explained(twice(), "rms")!;

  test("counts its launches, times and streams", () => {
    expect(rms).toMatchObject({
      totalUs: 6,
      launches: 2,
      sharePct: (100 * 6) / 35,
      firstStartUs: 10,
      lastStartUs: 33,
      streams: [{ device: 0, stream: "7", launches: 2, totalUs: 6 }],
      layerPositions: [],
      outsideLayers: 2,
    });
    expect(rms.durations).toMatchObject({ minUs: 2, medianUs: 2, p90Us: 4, maxUs: 4 });
    expect(rms.launchApis).toEqual([
      { api: null, launches: 1 },
      { api: "cudaLaunchKernel", launches: 1 },
    ]);
  });

  test("names the class that decided its category, down to the part that fits", () => {
    expect(rms.named).toEqual([
      {
        what: "category",
        answer: "norm",
        from: "class",
        class: "category:norm",
        because: 'name "rms*"',
        launches: 2,
      },
    ]);
  });

  test("shows every frame of a launch, marks the shown one and says why not the others", () => {
    const site = rms.sites.find(({ via }) => via === "direct")!;
    expect(site).toMatchObject({
      location: "vllm/layernorm.py:9",
      function: "forward_cuda",
      cpuOp: "_C::rms_norm",
      shapes: "[[8,16]]",
      types: '["bf16"]',
      modulePath: "RMSNorm_0",
    });
    expect(
      site.stack.map(({ text, isShown, why }) => `${isShown ? ">" : ""}${text} | ${why}`),
    ).toEqual([
      "torch/_ops.py(3): __call__ | plumbing",
      ">vllm/layernorm.py(9): forward_cuda | shown",
      "torch/nn/modules/module.py(1779): _call_impl | plumbing",
      "nn.Module: RMSNorm_0 | module",
      "vllm/model.py(5): forward | calls the shown one",
    ]);
  });

  test("tells what runs before, after and beside it, how often and how far", () => {
    expect(rms.before).toEqual([{ kernel: "gemm", times: 2, medianGapUs: 0 }]);
    expect(rms.after).toEqual([
      { kernel: null, times: 1, medianGapUs: null },
      { kernel: "gemm", times: 1, medianGapUs: 8 },
    ]);
    // 34 to 37 of the second rms.
    expect(rms.beside).toEqual([{ kernel: "Memcpy DtoD", stream: "9", times: 1, sharedUs: 3 }]);
  });

  test("lists the rules that hold it", () => {
    expect(rms.findings).toEqual([
      { rule: "gemm-norm", title: "gemm-norm", state: "split", occurrences: 2, launches: 2 },
    ]);
  });

  test("is null for a name the stage does not have", () => {
    expect(explained(twice(), "softmax")).toBeNull();
  });
});

test("actions that shorten it are named with what they save in all", () => {
  expect(explained(twice(), "gemm")!.actions).toEqual([
    { id: "tune", title: "what tune does", savesUs: 9 },
  ]);
});
