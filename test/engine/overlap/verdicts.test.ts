import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runRules } from "../../../src/engine/match/run-rules.ts";
import { exposure } from "../../../src/engine/overlap/exposure.ts";
import { overlapTable } from "../../../src/engine/overlap/overlap-table.ts";
import { parsePolicy } from "../../../src/engine/policy/parse-policy.ts";
import { buildTestGraph } from "../../../src/engine/rule-tests/test-graph.ts";
import { stageTimeline } from "../../../src/engine/timeline/stage-timeline.ts";
import type { OverlapRow } from "../../../src/model/contracts/report.ts";
import type { RuleSet } from "../../../src/model/rule.ts";
import { makeKernel, Rules, state } from "../match/make.ts";

const FILE = "rules/policy/overlap.yaml";
const { policy } = parsePolicy(readFileSync(FILE, "utf8"), FILE);

/** One kernel: name, start and duration in microseconds, stream. */
type Kernel = readonly [name: string, at: number, us: number, stream?: string];

function vocabulary(rules = new Rules()): RuleSet {
  const category = (id: string, glob: string) => ({ id, title: id, class: rules.cls(glob) });
  const categories = [
    category("communication", "comm*"),
    category("moe-gemm", "expert*"),
    category("attention", "attention*"),
    category("fill", "Memset*"),
    category("copy", "Memcpy*"),
    category("gemm", "*"),
  ];
  return { ...rules.set, categories };
}

/** @param floorUs what each kernel takes at least; null where nobody knows */
async function verdicts(
  kernels: readonly Kernel[],
  ruleSet = vocabulary(),
  floorUs: ((name: string) => number) | null = null,
): Promise<readonly OverlapRow[]> {
  const made = kernels.map(([name, at, us, stream = "main"]) =>
    makeKernel(name, 1000 * at, { duration: 1000 * us, stream }),
  );
  const graph = buildTestGraph(ruleSet, made, "decode");
  const stage = graph.stages[0]!;
  const { gpu, kernelNames } = graph.trace;
  const floorNs = Float64Array.from(
    gpu.name,
    (name) => 1000 * (floorUs?.(kernelNames[name]!.demangled) ?? Number.NaN),
  );
  const { rows } = await overlapTable({
    ruleSet,
    graph,
    stage,
    timeline: stageTimeline(graph, stage).timeline,
    exposed: exposure(graph, stage),
    outcomes: runRules(ruleSet, graph, []).outcomes,
    limits: floorUs === null ? null : { floorNs },
    policy,
  });
  return rows;
}

/** Layers of one stream: a product, a collective, a product. */
function layers(count: number, comm: string, us = 100): Kernel[] {
  return Array.from({ length: count }, (_, i): Kernel[] => [
    ["gemm_a", i * (us + 210), 100],
    [comm, i * (us + 210) + 101, us],
    ["gemm_b", i * (us + 210) + 102 + us, 100],
  ]).flat();
}

test("a collective between two products, with nothing beside it anywhere: no partner is named, nothing is promised", async () => {
  const [row] = await verdicts(layers(4, "comm_all_reduce"));
  expect(row).toMatchObject({ priority: null, verdict: "tied", saveAtMostUs: 0 });
  expect(row!.recommendation).toMatch(/^no overlap/);
  expect(row!.rationale).not.toMatch(/Hidden completely|micro-batch/);
});

test("one that runs beside computation at times has company: start the others as early", async () => {
  const beside: Kernel[] = [
    ["gemm_side", 2000, 200],
    ["comm_all_reduce", 2010, 100, "comm"],
  ];
  const [row] = await verdicts([...layers(3, "comm_all_reduce"), ...beside]);
  expect(row).toMatchObject({ priority: "P2", verdict: "headroom" });
  expect(row!.recommendation).toMatch(/^1 of 4 launches run beside computation/);
});

test("an exchange of tokens goes in chunks", async () => {
  const [row] = await verdicts(layers(4, "comm_all_to_all"));
  expect(row!.recommendation).toMatch(/exchange in chunks/);
  expect(row!.saveAtMostUs).toBeCloseTo(400, 6);
});

test("a collective of few bytes that takes long waits: neither hidden nor fused", async () => {
  const [row] = await verdicts(layers(4, "comm_all_gather", 400), vocabulary(), () => 0.1);
  expect(row).toMatchObject({ verdict: "waiting", priority: null, saveAtMostUs: 0 });
  expect(row!.rationale).toMatch(/400 us as a rule where 21 us would do/);
});

test("many bytes over a slow link are no waiting", async () => {
  const [row] = await verdicts(layers(4, "comm_all_gather", 400), vocabulary(), () => 30);
  expect(row).toMatchObject({ verdict: "tied" });
});

test("one launch of many that takes far longer is told as one", async () => {
  const one: Kernel[] = [["comm_all_reduce", 100_000, 9000]];
  const [row] = await verdicts([...layers(100, "comm_all_reduce"), ...one]);
  expect(row!.recommendation).toMatch(/^1 of 101 wait/);
  expect(row!.rationale).toMatch(/up to 9000 us where 100 us is usual/);
});

test("a host upload is no fusion: earlier, on a copy stream; results come back beside the next work", async () => {
  const up = await verdicts([
    ["Memcpy HtoD (Pageable -> Device)", 0, 100],
    ["gemm", 101, 300],
  ]);
  expect(up[0]!.recommendation).toBe("upload earlier, from pinned memory on a copy stream");
  const back = await verdicts([
    ["gemm", 0, 300],
    ["Memcpy DtoH (Device -> Pageable)", 301, 100],
  ]);
  expect(back[0]!.recommendation).toMatch(/^copy back into pinned memory/);
});

/** A rule that looks for a small product beside experts on another stream. */
function besideExperts(): RuleSet {
  const rules = new Rules();
  rules.rule(
    "shared-expert",
    [
      state("active", {
        kind: "overlap",
        first: rules.step("expert*"),
        second: rules.step("small*"),
        minShare: 0.1,
      }),
    ],
    { kind: "overlap", title: "Shared expert beside the routed experts" },
  );
  return vocabulary(rules);
}

async function ruleRow(kernels: readonly Kernel[]): Promise<OverlapRow> {
  const row = (await verdicts(kernels, besideExperts())).find(({ rule }) => rule !== null);
  return row!;
}

test("an overlap that runs and hides next to nothing is not done", async () => {
  const row = await ruleRow([
    ["expert", 0, 100],
    ["small", 86, 100, "side"],
  ]);
  expect(row.hiddenPct).toBeCloseTo(14, 6);
  expect(row).toMatchObject({ verdict: "partly overlapped", priority: "P1" });
  expect(row.recommendation).toMatch(/only 14\.0% is hidden/);
  // Laid beside each other in full they would take the longer one's time.
  expect(row.saveAtMostUs).toBeCloseTo(86, 6);
});

test("where the shorter side is hidden there is no more to hide", async () => {
  const row = await ruleRow([
    ["expert", 0, 100],
    ["small", 10, 10, "side"],
  ]);
  expect(row).toMatchObject({ verdict: "overlapped", priority: null, saveAtMostUs: 0 });
  expect(row.recommendation).toMatch(/the shorter side is hidden/);
});

test("both sides hidden: nothing to do", async () => {
  const row = await ruleRow([
    ["expert", 0, 100],
    ["small", 5, 90, "side"],
  ]);
  expect(row).toMatchObject({ priority: null, recommendation: "nothing to do" });
});

test("attention beside experts is of another batch: then no shared expert is proven", async () => {
  const one = await ruleRow([
    ["attention", 0, 50],
    ["expert", 100, 100],
    ["small", 110, 50, "side"],
  ]);
  expect(one.rationale).not.toMatch(/draft model/);
  const two = await ruleRow([
    ["expert", 0, 100],
    ["small", 10, 30, "side"],
    ["attention", 41, 50, "side"],
  ]);
  expect(two.rationale).toMatch(/another micro-batch or a draft model/);
});
