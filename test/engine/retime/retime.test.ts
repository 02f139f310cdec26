import { expect, test } from "vitest";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { type Change, Retiming } from "../../../src/engine/retime/retime.ts";
import { vllm } from "../../../src/ingest/frameworks/vllm.ts";
import { type TraceBuilder, trace } from "../../support/trace-builder.ts";
import { vocabulary } from "../accounts.ts";

function savedUs(built: TraceBuilder, change: Change): number {
  const ruleSet = vocabulary();
  const retiming = new Retiming(
    buildKernelGraph(built.build(), { profile: vllm, ruleSet, stageHint: null }),
  );
  return (retiming.recorded.wallNs - retiming.after(change).wallNs) / 1000;
}

/** Three kernels in a row, launched long before. */
const busy = (): TraceBuilder => {
  const built = trace();
  for (const [at, us] of [
    [0, 10],
    [12, 20],
    [33, 10],
  ] as const)
    built.kernel("gemm", { at, us }).launchedBy("cudaLaunchKernel", { at: at / 10 - 90, us: 1 });
  return built;
};

/** Three kernels, each launched after the one before it had ended. */
const hostBound = (): TraceBuilder => {
  const built = trace();
  for (const at of [0, 100, 200])
    built.kernel("gemm", { at, us: 10 }).launchedBy("cudaLaunchKernel", { at: at - 10, us: 5 });
  return built;
};

test("nothing changed, nothing saved", () => {
  expect(savedUs(busy(), {})).toBe(0);
  expect(savedUs(hostBound(), {})).toBe(0);
});

test("on a busy GPU a kernel gone saves its time and the delay before it", () => {
  expect(savedUs(busy(), { removed: new Set([1]) })).toBe(22);
  expect(savedUs(busy(), { durations: new Map([[1, 5_000]]) })).toBe(15);
});

test("on a host-bound run a faster kernel saves nothing, a launch less its host time", () => {
  expect(savedUs(hostBound(), { durations: new Map([[1, 0]]) })).toBe(0);
  expect(savedUs(hostBound(), { removed: new Set([1]) })).toBe(0);
  expect(savedUs(hostBound(), { removed: new Set([1]), unlaunched: new Set([1]) })).toBe(100);
});

test("on two streams only what is exposed counts", () => {
  const built = trace()
    .kernel("gemm", { at: 0, us: 100 })
    .launchedBy("cudaLaunchKernel", { at: -50, us: 1 })
    .kernel("comm", { at: 0, us: 120, stream: "8" })
    .launchedBy("cudaLaunchKernel", { at: -40, us: 1 })
    // Waits for the communication on the other stream.
    .kernel("gemm", { at: 122, us: 10 })
    .launchedBy("cudaLaunchKernel", { at: -30, us: 1 });
  expect(savedUs(built, { durations: new Map([[1, 0]]) })).toBe(20);
  // The communication holds the next kernel up whatever runs beside it.
  expect(savedUs(built, { durations: new Map([[0, 40_000]]) })).toBe(0);
});

test("a call that waits lets the host go on when what it waits for ends", () => {
  const built = trace()
    .kernel("gemm", { at: 0, us: 100 })
    .launchedBy("cudaLaunchKernel", { at: -10, us: 5 })
    .launch("cudaStreamSynchronize", { at: 0, us: 102 })
    .kernel("gemm", { at: 120, us: 10 })
    .launchedBy("cudaLaunchKernel", { at: 110, us: 5 });
  expect(savedUs(built, { durations: new Map([[0, 40_000]]) })).toBe(60);
  // Without the wait the host launches at once, and the second kernel follows the first.
  expect(savedUs(built, { freed: new Set([1]) })).toBe(15);
});

test("kernels of a replay follow each other whatever the graph launch call does meanwhile", () => {
  const built = trace().replay(["gemm", "gemm", "gemm"], { at: 1_001, us: 10 });
  expect(savedUs(built, { removed: new Set([1]), unlaunched: new Set([1]) })).toBe(10);
});

test("where the host keeps up a collective still waits for what its thread launched before it", () => {
  const built = trace();
  for (const i of [0, 1, 2])
    built
      .kernel("gemm", { at: 400 * i, us: 100 })
      .launchedBy("cudaLaunchKernel", { at: 400 * i - 10, us: 5 })
      // Launched long after the product had ended: by its times alone it waited for the host.
      .kernel("comm", { at: 400 * i + 200, us: 50, stream: "8" })
      .launchedBy("cudaLaunchKernel", { at: 400 * i + 190, us: 5 });
  const ahead = savedUs(built, { hostKeepsUp: true });
  expect(savedUs(built, { hostKeepsUp: true, durations: new Map([[1, 0]]) }) - ahead).toBe(50);
});

test("a call that is freed of its own copy only submits it", () => {
  const built = trace()
    .copy("Memcpy HtoD (Pageable -> Device)", { at: 10, us: 200 })
    .launchedBy("cudaMemcpyAsync", { at: 0, us: 205 })
    .kernel("gemm", { at: 230, us: 10 })
    .launchedBy("cudaLaunchKernel", { at: 225, us: 5 });
  const gone = { durations: new Map([[0, 0]]) };
  expect(savedUs(built, gone)).toBe(0);
  expect(savedUs(built, { ...gone, freed: new Set([0]) })).toBe(195);
});
