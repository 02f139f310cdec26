import fc from "fast-check";
import { expect, test } from "vitest";
import { trace } from "../../support/trace-builder.ts";
import { accounts } from "../accounts.ts";

/** "part reason what": microseconds. */
async function ledger(built: Parameters<typeof accounts>[0], ...more: [] | [undefined, never]) {
  const { ledger: rows } = await accounts(built, ...(more as []));
  return Object.fromEntries(
    rows.map(({ part, reason, what, us }) => [
      [part, reason, what].filter((each) => each !== null).join(" "),
      us,
    ]),
  );
}

test("busy time goes to computation, then to communication and copies that nothing hides", async () => {
  const built = trace()
    .kernel("gemm", { at: 0, us: 10 })
    .launchedBy("cudaLaunchKernel", { at: -50 })
    .kernel("comm", { at: 5, us: 10, stream: "8" })
    .launchedBy("cudaLaunchKernel", { at: -40 })
    .copy("Memcpy DtoH", { at: 12, us: 6, stream: "9" })
    .launchedBy("cudaMemcpyAsync", { at: -30 });
  expect(await ledger(built)).toEqual({
    "compute no-model gemm": 10,
    "communication communication": 5,
    copies: 3,
  });
});

test("kernels that overlap on one stream are counted once", async () => {
  const built = trace()
    .kernel("gemm", { at: 0, us: 10 })
    .launchedBy("cudaLaunchKernel", { at: -50 })
    .kernel("gemm2", { at: 8, us: 10 })
    .launchedBy("cudaLaunchKernel", { at: -40 });
  expect(await ledger(built)).toEqual({ "compute no-model gemm": 18 });
});

test("a gap is the host's up to the end of the launch call, the GPU's after it", async () => {
  const built = trace()
    .kernel("gemm", { at: 0, us: 10 })
    .launchedBy("cudaLaunchKernel", { at: -50 })
    .kernel("gemm", { at: 60, us: 10 })
    .launchedBy("cudaLaunchKernel", { at: 40, us: 10 });
  expect(await ledger(built)).toEqual({ "compute no-model gemm": 20, host: 40, queued: 10 });
});

test("a copy to pageable memory that came back after its copy is a wait, what follows belongs to it", async () => {
  const built = trace()
    .kernel("gemm", { at: 0, us: 100 })
    .launchedBy("cudaLaunchKernel", { at: -50 })
    .copy("Memcpy DtoH (Device -> Pageable)", { at: 100, us: 5 })
    .launchedBy("cudaMemcpyAsync", { at: -30, us: 145 })
    .kernel("gemm", { at: 160, us: 10 })
    .launchedBy("cudaLaunchKernel", { at: 150, us: 5 });
  expect(await ledger(built)).toMatchObject({ "sync cudaMemcpyAsync": 50, queued: 5 });
});

test("a copy to pinned memory waits for nobody", async () => {
  const built = trace()
    .kernel("gemm", { at: 0, us: 100 })
    .launchedBy("cudaLaunchKernel", { at: -50 })
    .copy("Memcpy DtoH (Device -> Pinned)", { at: 100, us: 5 })
    .launchedBy("cudaMemcpyAsync", { at: -30, us: 5 })
    .kernel("gemm", { at: 160, us: 10 })
    .launchedBy("cudaLaunchKernel", { at: 150, us: 5 });
  expect(await ledger(built)).toMatchObject({ host: 50, queued: 5 });
});

test("a long gap is a pause, told by what the host did in it", async () => {
  const built = trace()
    .kernel("gemm", { at: 0, us: 10 })
    .launchedBy("cudaLaunchKernel", { at: -50 })
    .annotation("step", -100, 30_000)
    .annotation("enumerate(DataLoader).__next__", 20, 19_000)
    .frame("serve.py(3): main", -100, 40_000)
    .frame("data.py(9): load", 30, 18_000)
    .kernel("gemm", { at: 20_000, us: 10 })
    .launchedBy("cudaLaunchKernel", { at: 19_990, us: 5 });
  expect(await ledger(built)).toMatchObject({
    "host-pause enumerate(DataLoader).__next__ in data.py(9): load": 19_985,
  });
});

test("one launch far beyond its kernel's median is an outlier, its excess apart", async () => {
  const built = trace();
  for (let i = 0; i < 40; i++)
    built
      .kernel("gemm", { us: i === 20 ? 2_000 : 20 })
      .launchedBy("cudaLaunchKernel", { at: -1000 + i });
  expect(await ledger(built)).toEqual({
    "compute outlier gemm": 1_980,
    "compute no-model gemm": 40 * 20,
  });
});

test("what has a limit is split there", async () => {
  const built = trace()
    .kernel("gemm", { at: 0, us: 10 })
    .launchedBy("cudaLaunchKernel", { at: -50 })
    .kernel("comm", { at: 10, us: 10 })
    .launchedBy("cudaLaunchKernel", { at: -40 });
  const floorNs = Float64Array.of(4_000, 1_000);
  const unitOf = Int32Array.of(-1, -1);
  const { ledger: rows } = await accounts(built, undefined, () => ({
    machine: null,
    units: [],
    unmodelled: [],
    floorNs,
    unitOf,
    refused: [],
  }));
  expect(rows.map(({ part, reason, us }) => [part, reason, us])).toEqual([
    ["compute", "above-limit", 6],
    ["compute", "at-limit", 4],
    ["communication", "waiting", 9],
    ["communication", "moving", 1],
  ]);
});

test("rows add up to the wall time to the nanosecond, whatever ran beside what", async () => {
  const event = fc.record({
    name: fc.constantFrom("gemm", "comm", "ew"),
    at: fc.integer({ min: 0, max: 20_000 }),
    us: fc.integer({ min: 0, max: 400 }),
    stream: fc.constantFrom("7", "8"),
    launched: fc.option(fc.integer({ min: -100, max: 20_000 })),
    call: fc.constantFrom("cudaLaunchKernel", "cudaGraphLaunch", "cudaMemcpyAsync"),
    took: fc.integer({ min: 0, max: 3_000 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 30 }), async (events) => {
      const built = trace();
      for (const { name, at, us, stream, launched, call, took } of events) {
        const kernel = built.kernel(name, { at, us, stream });
        if (launched === null) kernel.notLaunched();
        else kernel.launchedBy(call, { at: launched, us: took });
      }
      const { ledger: rows, totalUs } = await accounts(built);
      const ns = rows.reduce((sum, { us }) => sum + Math.round(us * 1000), 0);
      expect(ns).toBe(Math.round(totalUs * 1000));
    }),
    { numRuns: 200 },
  );
});
