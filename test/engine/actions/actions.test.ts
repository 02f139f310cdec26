import { expect, test } from "vitest";
import type { Limits } from "../../../src/engine/limits/index.ts";
import type { KernelGraph } from "../../../src/model/trace/kernel-graph.ts";
import { type TraceBuilder, trace } from "../../support/trace-builder.ts";
import { accounts, calledLimits, vocabulary } from "../accounts.ts";
import { Rules, state } from "../match/make.ts";

const add = (): Rules => {
  const rules = new Rules();
  return rules.rule("add-norm", [state("split", rules.chain("add norm"))]);
};

/** Pairs of add and norm, 40 us each step, launched ahead or one by one. */
function pairs(count: number, isHostBound: boolean): TraceBuilder {
  const built = trace();
  for (let i = 0; i < 2 * count; i++) {
    const at = i * (isHostBound ? 100 : 20);
    built
      .kernel(i % 2 === 0 ? "add" : "norm", { at, us: i % 2 === 0 ? 18 : 20 })
      .launchedBy("cudaLaunchKernel", { at: isHostBound ? at - 10 : i - 500, us: 1 });
  }
  return built;
}

test("a fusion saves the kernels that go, on a busy GPU", async () => {
  const { actions } = await accounts(pairs(8, false), vocabulary(add()));
  expect(actions[0]).toMatchObject({ kind: "fusion", rule: "add-norm", proof: "trace" });
  // Of each pair the shorter kernel goes, and what little idle time stood before it.
  expect(actions[0]!.saves.kernelUs).toBeCloseTo(8 * 18, 6);
});

test("on a host-bound stage the host comes first, and a fusion saves launches", async () => {
  const { actions } = await accounts(pairs(8, true), vocabulary(add()));
  expect(actions.map(({ kind }) => kind)).toEqual(["host", "fusion"]);
  const [host, fusion] = actions;
  expect(host!.saves.kernelUs).toBe(0);
  // Inside each pair one gap closes: the launches of the second kernels.
  expect(fusion!.saves.gapUs + fusion!.saves.kernelUs).toBeGreaterThan(8 * 80);
});

test("waits that make the host late are the action, not graphs", async () => {
  const built = trace();
  for (let i = 0; i < 6; i++)
    built
      .kernel("gemm", { at: i * 200, us: 100 })
      .launchedBy("cudaLaunchKernel", { at: i * 200 - 10, us: 5 })
      .launch("cudaStreamSynchronize", { at: i * 200, us: 105 });
  const { actions } = await accounts(built);
  expect(actions.map(({ kind }) => kind)).toEqual(["sync"]);
  expect(actions[0]!.saves.gapUs).toBeCloseTo(5 * 100, 6);
});

test("a wait across a hole of the recording is for work that is not in the file", async () => {
  const built = trace()
    .kernel("gemm", { at: 0, us: 10 })
    .launchedBy("cudaLaunchKernel", { at: -50, us: 5 })
    .kernel("gemm", { at: 400_000, us: 100 })
    .launchedBy("cudaLaunchKernel", { at: 20, us: 5 })
    .launch("cudaStreamSynchronize", { at: 40, us: 400_070 })
    .kernel("gemm", { at: 400_150, us: 100 })
    .launchedBy("cudaLaunchKernel", { at: 400_135, us: 5 });
  const { actions } = await accounts(built);
  expect(actions.map(({ kind }) => kind)).not.toContain("sync");
});

test("kernels are claimed once: what a fusion takes no run of small kernels has", async () => {
  const rules = add();
  const built = trace();
  for (let i = 0; i < 8; i++)
    for (const [at, name] of ["big", "add", "norm", "ew", "ew", "ew"].entries())
      built
        .kernel(name, { us: name === "big" ? 40 : 8 })
        .launchedBy("cudaLaunchKernel", { at: -1000 + 6 * i + at, us: 0.5 });
  const { actions } = await accounts(built, vocabulary(rules));
  const claims = actions.flatMap((action) => action.claims);
  expect(new Set(claims).size).toBe(claims.length);
  const [run] = actions.filter(({ kind }) => kind === "small-kernels");
  expect(run!.title).toBe("3 small kernels in a row between norm and big, 7 times");
  expect(run!.saves.kernelUs).toBe(7 * 16);
});

test("a run that occurs once a step prepares it, and is no kernel to write", async () => {
  const built = trace();
  for (const name of ["ew", "ew", "ew", "ew", "big"])
    built.kernel(name, { us: 8 }).launchedBy("cudaLaunchKernel", { at: -100, us: 0.5 });
  const { actions } = await accounts(built);
  expect(actions).toEqual([]);
});

test("a collective of which one launch takes far longer waits for a late rank", async () => {
  const built = trace();
  for (let i = 0; i < 20; i++)
    built
      .kernel("gemm", { us: 50 })
      .launchedBy("cudaLaunchKernel", { at: -1000 + 2 * i, us: 0.5 })
      .kernel("comm", { us: i === 7 ? 900 : 10 })
      .launchedBy("cudaLaunchKernel", { at: -999 + 2 * i, us: 0.5 });
  const { actions } = await accounts(built);
  expect(actions[0]).toMatchObject({ kind: "imbalance", proof: "assumed" });
  expect(actions[0]!.title).toContain("1 of 20");
  expect(actions[0]!.saves.kernelUs).toBe(890);
});

test("ids are the same whatever else the trace holds", async () => {
  const few = await accounts(pairs(4, false), vocabulary(add()));
  const many = await accounts(pairs(9, false), vocabulary(add()));
  expect(few.actions[0]!.id).toBe("fusion-all-add-norm");
  expect(many.actions[0]!.id).toBe(few.actions[0]!.id);
});

test("a fill right before a kernel that writes its whole output is told, once it recurs", async () => {
  const rules = new Rules();
  const categories = [
    { id: "attention", title: "attention", class: rules.cls("attn*") },
    { id: "gemm", title: "gemm", class: rules.cls("*") },
  ];
  const built = trace();
  for (let i = 0; i < 6; i++)
    built
      .kernel("gemm", { us: 50 })
      .launchedBy("cudaLaunchKernel", { at: -1000 + 3 * i, us: 0.5 })
      .kernel("Memset (Device)", { us: 4, kind: 2 })
      .launchedBy("cudaMemsetAsync", { at: -999 + 3 * i, us: 0.5 })
      .kernel("attn", { us: 30 })
      .launchedBy("cudaLaunchKernel", { at: -998 + 3 * i, us: 0.5 });
  const { actions } = await accounts(built, { ...rules.set, categories });
  expect(actions).toMatchObject([
    { kind: "copies", proof: "assumed", saves: { kernelUs: 24, gapUs: 0 } },
  ]);
});

test("gaps between the nodes of a graph are nobody's saving", async () => {
  const built = trace().replay(["gemm", "gemm", "gemm", "gemm"], { at: 1_100, us: 10, gapUs: 20 });
  const { actions, ledger } = await accounts(built);
  expect(actions).toEqual([]);
  expect(ledger.find(({ part }) => part === "in-graph")!.us).toBe(60);
  const vendor = { vendor: "amd", vendorFrom: "hip runtime calls" } as const;
  const onHip = await accounts(built.metadata(vendor));
  expect(onHip.actions).toMatchObject([{ kind: "recording", saves: { pctOfStep: 0 } }]);
});

test("communication is to be hidden only where the run shows work beside it", async () => {
  const serial = trace();
  const beside = trace();
  for (let i = 0; i < 6; i++) {
    const launch = { at: -1000 + 3 * i, us: 0.5 };
    serial
      .kernel("gemm", { us: 20 })
      .launchedBy("cudaLaunchKernel", launch)
      .kernel("comm", { us: 20 })
      .launchedBy("cudaLaunchKernel", { ...launch, at: launch.at + 1 });
    beside
      .kernel("gemm", { at: 40 * i, us: 30 })
      .launchedBy("cudaLaunchKernel", launch)
      .kernel("comm", { at: 40 * i, us: 40, stream: "8" })
      .launchedBy("cudaLaunchKernel", { ...launch, at: launch.at + 1 });
  }
  expect((await accounts(serial)).actions.map(({ kind }) => kind)).toEqual([]);
  expect((await accounts(beside)).actions.map(({ kind }) => kind)).toEqual(["overlap"]);
});

/** Every kernel a call of its own that needs `floorUs` at least. */
function limited(floorUs: number) {
  return ({ trace: { gpu } }: KernelGraph): Limits => {
    const rows = Array.from({ length: gpu.count }, (_, row) => row);
    return {
      machine: null,
      units: rows.map((row) => ({
        op: "aten::mm",
        dims: "[[32,64],[64,128]]",
        types: "",
        model: null,
        flop: 1,
        bytes: 1,
        rate: null,
        medium: "memory",
        shapesFrom: "op",
        assuming: [],
        rows: [row],
        chosen: null,
        boundBy: "memory",
        floorNs: 1000 * floorUs,
        kernelNs: gpu.duration[row]!,
      })),
      unmodelled: [],
      floorNs: Float64Array.from(rows, () => 1000 * floorUs),
      unitOf: Int32Array.from(rows),
      refused: [],
    };
  };
}

/** Products of 40 us, launched ahead or one by one. */
function products(isHostBound: boolean): TraceBuilder {
  const built = trace();
  for (let i = 0; i < 10; i++)
    built
      .kernel("gemm", { at: i * (isHostBound ? 100 : 40), us: 40 })
      .launchedBy("cudaLaunchKernel", { at: isHostBound ? 100 * i - 10 : i - 500, us: 1 });
  return built;
}

test("a kernel above its limit saves what it takes beyond it", async () => {
  const { actions } = await accounts(products(false), undefined, limited(10));
  expect(actions).toMatchObject([{ kind: "limit", proof: "model", saves: { kernelUs: 300 } }]);
  expect(actions[0]!.title).toContain("GEMMs at 25% of memory bandwidth");
});

test("where the host sets the pace a faster kernel is what comes next, not an action", async () => {
  const { actions } = await accounts(products(true), undefined, limited(10));
  // Only the last product, after which nothing waits for the host, gains by being faster.
  expect(actions.map(({ kind, saves }) => [kind, saves.kernelUs])).toEqual([
    ["host", 0],
    ["limit", 30],
  ]);
  expect(actions[0]!.do).toMatch(
    /Once the host keeps up, next come: GEMMs .* \(300 us of GPU time/,
  );
});

test("near its limit, above it, or too short to tune: no action", async () => {
  expect((await accounts(products(false), undefined, limited(35))).actions).toEqual([]);
  expect((await accounts(products(false), undefined, limited(90))).actions).toEqual([]);
});

test("what a datasheet promises is not likely: actions come by what kernels reach", async () => {
  const built = trace();
  for (let i = 0; i < 10; i++)
    built
      .kernel("gemm", { us: 40 })
      .inside("aten::mm", "[[32,64],[64,128]]")
      .launchedBy("cudaLaunchKernel", { at: -900 + 3 * i, us: 0.5 })
      .kernel("add", { us: 12 })
      .launchedBy("cudaLaunchKernel", { at: -899 + 3 * i, us: 0.5 })
      .kernel("norm", { us: 20 })
      .launchedBy("cudaLaunchKernel", { at: -898 + 3 * i, us: 0.5 });
  // 40 us against 25 are 15 above the limit, 8.75 above 80 % of it; the fusion takes 12.
  const limits = calledLimits((op) => (op === "aten::mm" ? 25 : 100));
  const { actions } = await accounts(built, vocabulary(add()), limits);
  expect(actions.map(({ kind, saves, likelyUs }) => [kind, saves.kernelUs, likelyUs])).toEqual([
    ["fusion", 120, 120],
    ["limit", 150, 87.5],
  ]);
  expect(actions[1]!.evidence).toMatchObject({
    kernels: [{ launches: 10, us: 400, leavesUs: 250 }],
    gpuUs: 150,
    idleUs: 0,
  });
});
