import { expect, test } from "vitest";
import { batchSizeOf, callKindOf } from "../../../src/engine/align/captured-graphs.ts";
import { chooseGraphs } from "../../../src/engine/align/choose-graphs.ts";

test("a step runs the smallest graph that holds its batch", () => {
  const candidates = [8, 16, 32].map((batchSize) => ({ batchSize, ordinal: 0 }));
  const picked = chooseGraphs([{ ordinal: 0, batchSize: 13 }], candidates, () => 1);
  expect(picked).toEqual([1]);
});

test("pieces of one step are told apart by position when they look alike", () => {
  const candidates = [0, 1, 2].map((ordinal) => ({ batchSize: 32, ordinal }));
  const replays = [0, 1, 2].map((ordinal) => ({ ordinal, batchSize: 32 }));
  expect(chooseGraphs(replays, candidates, () => 1)).toEqual([0, 1, 2]);
});

test("swapped graphs that differ are found by what they hold", () => {
  const candidates = [0, 1].map((ordinal) => ({ batchSize: 32, ordinal }));
  const replays = [0, 1].map((ordinal) => ({ ordinal, batchSize: 32 }));
  const picked = chooseGraphs(replays, candidates, (replay, at) => (replay === at ? 0.6 : 1));
  expect(picked).toEqual([1, 0]);
});

test("nothing similar means no graph", () => {
  expect(
    chooseGraphs([{ ordinal: 0, batchSize: 1 }], [{ batchSize: 1, ordinal: 0 }], () => 0.2),
  ).toEqual([null]);
});

test("batch sizes are read from labels and names", () => {
  expect(
    ["capture_32_FULL", "bs_16_rank0.json.gz", "capture_graph bs=8", "step"].map(batchSizeOf),
  ).toEqual([32, 16, 8, null]);
});

test("API calls that make graph nodes", () => {
  expect(
    [
      "cudaLaunchKernelExC",
      "cuLaunchKernelEx",
      "hipExtModuleLaunchKernel",
      "hipMemcpyAsync",
      "cudaMemsetAsync",
      "cudaGraphLaunch",
      "hipStreamGetCaptureInfo",
      "hipStreamBeginCapture",
    ].map(callKindOf),
  ).toEqual([0, 0, 0, 1, 2, undefined, undefined, "begin"]);
});
