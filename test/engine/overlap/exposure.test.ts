import fc from "fast-check";
import { expect, test } from "vitest";
import { exposure } from "../../../src/engine/overlap/exposure.ts";
import { WORK } from "../../../src/engine/overlap/work-kind.ts";
import { buildTestGraph } from "../../../src/engine/rule-tests/test-graph.ts";
import type { RuleSet, TestKernel } from "../../../src/model/rule.ts";

/** Kernels named nccl… are communication, everything else computation. */
const VOCABULARY: Pick<RuleSet, "classes" | "categories" | "roles" | "libraries"> = {
  classes: [{ name: "comm", expr: { kind: "glob", field: "name", glob: "nccl*" } }],
  categories: [{ id: "communication", title: "communication", class: 0 }],
  roles: [],
  libraries: [],
};

function kernel(stream: string, name: string, start: number, duration: number): TestKernel {
  return { stream, name, start, duration, op: null, scope: null, frame: null, layer: -1 };
}

function exposed(kernels: TestKernel[]) {
  const graph = buildTestGraph(VOCABULARY, kernels, "decode");
  const stage = graph.stages[0]!;
  const { exclusive, hiddenBy, alone } = exposure(graph, stage);
  const told = alone.entry.map((entry, at) => ({
    entry,
    start: alone.start[at]!,
    end: alone.end[at]!,
  }));
  return { exclusive, hiddenBy, graph, stage, told };
}

test("time under another stream's kernel is hidden, the rest exclusive", () => {
  const { exclusive, hiddenBy } = exposed([
    kernel("main", "gemm", 0, 100),
    kernel("comm", "nccl_all_reduce", 60, 100),
  ]);
  expect([...exclusive]).toEqual([60, 60]);
  expect([...hiddenBy[WORK.compute]]).toEqual([0, 40]);
  expect([...hiddenBy[WORK.comm]]).toEqual([40, 0]);
});

test("overlap on the same stream hides nothing", () => {
  const { exclusive } = exposed([kernel("main", "a", 0, 10), kernel("main", "b", 8, 10)]);
  expect([...exclusive]).toEqual([10, 10]);
});

test("kernels that only touch do not run together", () => {
  const { exclusive } = exposed([kernel("main", "a", 0, 10), kernel("side", "b", 10, 10)]);
  expect([...exclusive]).toEqual([10, 10]);
});

test("copies hide and are hidden as memory work", () => {
  const { hiddenBy } = exposed([
    kernel("main", "gemm", 0, 50),
    kernel("copy", "Memcpy HtoD (Pinned -> Device)", 10, 20),
  ]);
  expect([...hiddenBy[WORK.memory]]).toEqual([20, 0]);
  expect([...hiddenBy[WORK.compute]]).toEqual([0, 20]);
});

test("agrees with counting nanosecond by nanosecond", () => {
  const kernels = fc.array(
    fc.record({
      stream: fc.constantFrom("a", "b", "c"),
      name: fc.constantFrom("gemm", "nccl_x", "Memset (Device)"),
      start: fc.nat(60),
      duration: fc.nat(20),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(kernels, (list) => {
      if (list.length === 0) return;
      const { exclusive, hiddenBy, graph, stage, told } = exposed(
        list.map((it) => kernel(it.stream, it.name, it.start, it.duration)),
      );
      const { gpu } = graph.trace;
      const covers = (row: number, time: number) =>
        gpu.start[row]! <= time && time < gpu.start[row]! + gpu.duration[row]!;
      stage.events.forEach((row, entry) => {
        let alone = 0;
        let byComm = 0;
        for (let time = 0; time < 100; time++) {
          if (!covers(row, time)) continue;
          const beside = [...stage.events].filter(
            (other) => gpu.stream[other] !== gpu.stream[row] && covers(other, time),
          );
          if (beside.length === 0) alone++;
          if (beside.some((other) => graph.trace.kernelNames[gpu.name[other]!]!.raw === "nccl_x"))
            byComm++;
        }
        expect(exclusive[entry]).toBe(alone);
        const stretches = told.filter((stretch) => stretch.entry === entry);
        let latest = 0;
        for (let time = 0; time < 100; time++) {
          const running = [...stage.events].filter((other) => covers(other, time));
          const streams = new Set(running.map((other) => gpu.stream[other]));
          if (streams.size === 1 && running.at(-1) === row) latest++;
        }
        expect(stretches.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(latest);
        for (const [at, { start, end }] of stretches.entries()) {
          expect(start).toBeGreaterThan(stretches[at - 1]?.end ?? -1);
          expect(start).toBeGreaterThanOrEqual(gpu.start[row]!);
          expect(end).toBeLessThanOrEqual(gpu.start[row]! + gpu.duration[row]!);
        }
        expect(hiddenBy[WORK.comm][entry]).toBe(byComm);
      });
    }),
    { numRuns: 300 },
  );
});
