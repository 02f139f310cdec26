import { expect, test } from "vitest";
import { graphsAllowed } from "../../../src/engine/actions/found/graphs-allowed.ts";
import type { Step } from "../../../src/model/trace/kernel-graph.ts";

const steps = (batchSize: number | null): Step[] => [{ batchSize } as Step];

test("that graphs are on, and up to which batch, is told from the server args", () => {
  expect(graphsAllowed({ disable_cuda_graph: false, cuda_graph_max_bs: 32 }, steps(8))).toContain(
    "captured up to batch 32): find out why this step of batch 8",
  );
  expect(
    graphsAllowed({ disable_cuda_graph: false, cuda_graph_bs: [1, 2, 16] }, steps(64)),
  ).toContain("captured up to batch 16, and this step has 64: capture larger batches");
  expect(graphsAllowed({ enforce_eager: false }, steps(null))).toContain("enforce_eager is false");
});

test("graphs that are off, or of which nobody knows, are no finding", () => {
  expect(graphsAllowed({ disable_cuda_graph: true }, steps(8))).toBeNull();
  expect(graphsAllowed({ enforce_eager: true }, steps(8))).toBeNull();
  expect(graphsAllowed({ tp_size: 8 }, steps(8))).toBeNull();
});
