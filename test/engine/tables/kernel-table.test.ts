import { describe, expect, test } from "vitest";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { kernelRows, located } from "../../../src/engine/tables/kernel-table.ts";
import { vllm } from "../../../src/ingest/frameworks/vllm.ts";
import { vocabularyOf } from "../../support/provisional-vocabulary.ts";
import { type TraceBuilder, trace } from "../../support/trace-builder.ts";

function graphOf(built: TraceBuilder, ruleSet = vocabularyOf({})) {
  return buildKernelGraph(built.build(), {
    profile: vllm,
    ruleSet,
    stageHint: null,
  });
}

function rowsOf(built: TraceBuilder, ruleSet = vocabularyOf({})) {
  const graph = graphOf(built, ruleSet);
  return kernelRows(graph, graph.stages[0]!);
}

describe("kernel rows", () => {
  test("one per demangled name, the longest first, equal ones by name", () => {
    const built = trace()
      .kernel("void b(int)", { us: 5 })
      .launchedBy()
      .kernel("b", { us: 15 })
      .launchedBy()
      .kernel("c", { us: 20 })
      .launchedBy()
      .kernel("long", { us: 60 })
      .launchedBy();
    expect(
      rowsOf(built).map((row) => [
        row.name,
        row.totalUs,
        row.sharePct,
        row.launches,
        row.avgUs,
        row.minUs,
        row.maxUs,
      ]),
    ).toEqual([
      ["long", 60, 60, 1, 60, 60, 60],
      ["b", 20, 20, 2, 10, 5, 15],
      ["c", 20, 20, 1, 20, 20, 20],
    ]);
  });

  test("sites are told apart by place, module, op and how they were found", () => {
    const built = trace();
    for (const [instance, module, us] of [
      [0, "MLP", 10],
      [1, "MLP", 10],
      [0, "Attention", 30],
    ] as const)
      built
        .kernel("gemm", { us })
        .frames(`nn.Module: ${module}_${instance}`, "vllm/linear.py(9): apply")
        .inside("aten::mm", `[[${instance}]]`)
        .launchedBy();
    built.kernel("gemm", { us: 1 }).notLaunched();
    const [row] = rowsOf(built);
    const place = { location: "vllm/linear.py:9", function: "apply", cpuOp: "aten::mm" };
    expect(row!.sites).toEqual([
      { ...place, module: "Attention", via: "direct", launches: 1, totalUs: 30 },
      { ...place, module: "MLP", via: "direct", launches: 2, totalUs: 20 },
      {
        location: null,
        function: null,
        module: null,
        cpuOp: null,
        via: "none",
        launches: 1,
        totalUs: 1,
      },
    ]);
  });

  test("where an op decides the category, most time names the row", () => {
    const built = trace()
      .kernel("copy_kernel", { us: 10 })
      .inside("aten::contiguous")
      .launchedBy()
      .kernel("copy_kernel", { us: 30 })
      .inside("aten::copy_")
      .launchedBy();
    const vocabulary = {
      ...vocabularyOf({}),
      classes: [{ name: "copy", expr: { kind: "glob", field: "op", glob: "aten::copy_" } }],
      categories: [{ id: "copy", title: "Copy", class: 0 }],
    } as const;
    expect(rowsOf(built, vocabulary)).toMatchObject([{ category: "copy", launches: 2 }]);
  });
});

describe("located", () => {
  test("shares GPU time among the ways a place was found", () => {
    const built = trace()
      .kernel("a", { us: 75 })
      .frames("vllm/a.py(1): f")
      .launchedBy()
      .kernel("b", { us: 25 })
      .inside("aten::mm")
      .launchedBy();
    // An op alone is no place in the code.
    expect(located(graphOf(built))).toMatchObject({ pct: 75, byMethod: { direct: 75, none: 25 } });
  });

  test("is nothing where nothing ran", () => {
    expect(located(graphOf(trace())).pct).toBe(0);
  });
});
