import { expect, test } from "vitest";
import { dependencySignal, StreamNeighbours } from "../../../src/engine/overlap/dependency.ts";
import { buildTestGraph } from "../../../src/engine/rule-tests/test-graph.ts";
import type { TestKernel } from "../../../src/model/rule.ts";

const VOCABULARY = {
  classes: [{ name: "comm", expr: { kind: "glob", field: "name", glob: "nccl*" } }],
  categories: [{ id: "communication", title: "communication", class: 0 }],
  roles: [],
  libraries: [],
} as const;

function signal(
  kernels: [stream: string, name: string, start: number, duration: number][],
  of: string,
) {
  const graph = buildTestGraph(
    VOCABULARY,
    kernels.map(
      ([stream, name, start, duration]): TestKernel => ({
        stream,
        name,
        start,
        duration,
        op: null,
        scope: null,
        frame: null,
        layer: -1,
      }),
    ),
    "decode",
  );
  const stage = graph.stages[0]!;
  const entries = [...stage.events.keys()].filter(
    (entry) => graph.trace.kernelNames[graph.trace.gpu.name[stage.events[entry]!]!]!.raw === of,
  );
  return dependencySignal(graph, stage, entries, new StreamNeighbours(graph, stage));
}

test("a collective between two computations on their stream is tied to both, however long the gaps", () => {
  const found = signal(
    [
      ["main", "gemm", 0, 10_000],
      ["main", "nccl_x", 200_000, 10_000],
      ["main", "norm", 500_000, 1_000],
    ],
    "nccl_x",
  );
  expect(found).toEqual({
    risk: "high",
    reason: "producer and consumer on the same stream: gemm before, norm after",
  });
});

test("a kernel with its stream to itself depends on no neighbour", () => {
  expect(
    signal(
      [
        ["main", "gemm", 0, 10_000],
        ["side", "nccl_x", 0, 10_000],
      ],
      "nccl_x",
    ).risk,
  ).toBe("low");
});

test("far neighbours of other modules prove nothing", () => {
  const found = signal(
    [
      ["main", "a", 0, 1_000],
      ["main", "b", 100_000, 1_000],
      ["main", "c", 200_000, 1_000],
    ],
    "b",
  );
  expect(found.risk).toBe("unclear");
});

test("a kernel that starts at once was waiting", () => {
  const found = signal(
    [
      ["main", "a", 0, 1_000],
      ["main", "b", 1_500, 1_000],
      ["main", "c", 200_000, 1_000],
    ],
    "b",
  );
  expect(found.risk).toBe("high");
  expect(found.reason).toContain("a wrote just before it");
});
