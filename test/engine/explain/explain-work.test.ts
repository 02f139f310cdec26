import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { loadRules } from "../../../src/dsl/load-rules.ts";
import { explainWork } from "../../../src/engine/explain/explain-work.ts";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { limitsOf } from "../../../src/engine/limits/index.ts";
import { parseMachines } from "../../../src/engine/machines/parse-machines.ts";
import { vllm } from "../../../src/ingest/frameworks/vllm.ts";
import { workText } from "../../../src/model/work-text.ts";
import { trace } from "../../support/trace-builder.ts";

const { ruleSet } = await loadRules("rules");
const H100 = parseMachines(readFileSync("references/gpus.yaml", "utf8"), "gpus.yaml").find(
  ({ id }) => id === "h100-sxm",
)!;

function explained(machine: typeof H100 | null) {
  const built = trace()
    .op("aten::mm", 0, 400, {
      shapes: "[[32,4096],[4096,24576]]",
      types: '["c10::BFloat16","c10::BFloat16"]',
    })
    .kernel("nvjet_tst", { us: 100 })
    .launchedBy("cudaLaunchKernel")
    .build();
  const graph = buildKernelGraph(built, { profile: vllm, stageHint: null, ruleSet });
  return explainWork(graph, limitsOf(graph, ruleSet.works, machine), [0]);
}

test("every line of the arithmetic can be followed from the arguments to the percentage", () => {
  const [work] = explained(H100);
  expect(work).toMatchObject({ op: "aten::mm", calls: 1, kernelUs: 100, model: "aten-mm" });
  expect(work!.lines).toEqual([
    "m = input[0].dims[0] = 32",
    "k = input[0].dims[1] = 4,096",
    "n = input[1].dims[1] = 24,576",
    "FLOP = 2 * m * n * k = 6,442,450,944",
    "bytes read = bytes(input[0]) + bytes(input[1]) = 201,588,736",
    "bytes written = m * n * size(input[0].type) = 1,572,864",
    `6,442,450,944 FLOP / ${H100.matrix.bf16} TFLOP/s of bf16 (NVIDIA H100 SXM) = 6.511 µs`,
    "203,161,600 B / 3350 GB/s of memory (NVIDIA H100 SXM) = 60.645 µs",
    "floor = the larger = 60.645 µs a call, 60.645 µs in 1; the kernels took 100 µs: 60.6% of the limit by memory",
  ]);
});

test("without a machine there is work and no limit", () => {
  expect(explained(null)[0]!.lines.at(-1)).toBe(
    "6,442,450,944 FLOP, 203,161,600 B; the machine is not known",
  );
});

test("expressions read as their files write them", () => {
  const texts = ruleSet.works.map((work) => [work.id, workText(work.reads, work)] as const);
  const told = new Map(texts);
  expect(told.get("aten-mm")).toBe("bytes(input[0]) + bytes(input[1])");
  expect(told.get("moe-forward-matmul-ogs-up")).toBe("bytes(input[0]) + met * k * n * size(fp4)");
  for (const [id, text] of texts) expect(text, id).not.toContain("?");
});

test("an expression is printed with the brackets that its value needs, and no others", () => {
  const number = (value: number) => ({ kind: "number", value }) as const;
  const sum = { kind: "binary", op: "+", left: number(1), right: number(2) } as const;
  const lets = { lets: [] };
  expect(workText({ kind: "binary", op: "*", left: sum, right: number(3) }, lets)).toBe(
    "(1 + 2) * 3",
  );
  expect(workText({ kind: "binary", op: "-", left: number(3), right: sum }, lets)).toBe(
    "3 - (1 + 2)",
  );
  expect(workText({ kind: "binary", op: "+", left: sum, right: number(3) }, lets)).toBe(
    "1 + 2 + 3",
  );
});
