import { describe, expect, test } from "vitest";
import { simulate } from "../support/synth/ranks/simulate.ts";
import { allReduce, collective, compared, kernel, waited } from "./simulated-ranks.ts";

const WORLD = [0, 1, 2, 3];
/** Steps are never quite alike, so that windows and partners are told apart. */
const scatter = (step: number, seed: number): number => ((step * 5 + seed) % 4) * 13;

/** Rank 2's experts take 100 µs longer. */
const uneven = (slow = 2, steps = 6) =>
  simulate(4, steps, (rank, step) => [
    kernel("fused_moe_kernel", (rank === slow ? 200 : 100) + scatter(step, 0)),
    kernel("nvjet_gemm_a", 60 + scatter(step, 3)),
    allReduce(WORLD),
  ]);

const slowLabels = (stage: { readonly stragglers: readonly { readonly label: string }[] }) =>
  stage.stragglers.map(({ label }) => label);
const codes = (report: { readonly remarks: readonly { readonly code: string }[] }) =>
  report.remarks.map(({ code }) => code);

describe("files beside the ranks' own", () => {
  const HOST = { ph: "X", cat: "cpu_op", name: "aten::mm", pid: 1, tid: 1, ts: 1, dur: 2 };

  test("a trace of the host alone is no rank", async () => {
    const { report, stage } = await compared(uneven(), {
      beside: () => ({ "converted.json": JSON.stringify({ traceEvents: [HOST] }) }),
    });
    expect(report.ranks.map(({ state }) => state)).toEqual(Array(4).fill("complete"));
    expect(codes(report)).toEqual(["ranks/no-gpu"]);
    expect(slowLabels(stage)).toEqual(["2"]);
  });

  test("a rank of which only the host was recorded is one that cannot be used", async () => {
    const { report } = await compared(uneven(), {
      damaged: (text, rank) => (rank === 3 ? JSON.stringify({ traceEvents: [HOST] }) : text),
    });
    expect(report.ranks.map(({ state }) => state)).toEqual([
      ...Array(3).fill("complete"),
      "unreadable",
    ]);
  });

  test("a copy is told as one, an empty file as empty", async () => {
    const { report, stage } = await compared(uneven(), {
      beside: ([, one]) => ({ "copy/TP-1-DECODE.trace.json": one!, "TP-9.trace.json": "" }),
    });
    expect(codes(report)).toEqual(["ranks/copy", "ranks/skipped"]);
    expect(slowLabels(stage)).toEqual(["2"]);
  });
});

describe("steps that not all ranks have", () => {
  test("a rank recorded shorter: the common steps are judged, and waiting beyond them is nobody's", async () => {
    const ranks = uneven(2, 8);
    const { stage } = await compared(ranks, {
      of: (rank) => (rank === 1 ? { window: [2, 5] } : {}),
    });
    expect(stage.notJudged).toBeNull();
    expect(slowLabels(stage)).toEqual(["2"]);
    expect(stage.stragglers[0]!.slowerByUs).toBeCloseTo(100, 1);
    const own = stage.ranks.map(({ ownStep }) => Math.round(ownStep!.medianUs / 50));
    expect(own[0]).toBe(own[1]);
  });

  test("a rank cut short lets the others be judged", async () => {
    const { report, stage } = await compared(uneven(), {
      damaged: (text, rank) => (rank === 1 ? text.slice(0, text.length * 0.6) : text),
    });
    expect(codes(report)).toContain("ranks/partial");
    expect(slowLabels(stage)).toEqual(["2"]);
  });

  test("a slow rank that is cut is not judged, and nobody says that none is slow", async () => {
    const { report, stage } = await compared(uneven(), {
      damaged: (text, rank) => (rank === 2 ? text.slice(0, text.length * 0.6) : text),
    });
    expect(stage.late).toMatchObject([{ label: "2", isComplete: false }]);
    expect(report.summary).toMatch(/wait for rank 2, whose trace is cut/);
    expect(report.summary).not.toMatch(/no rank is slower/);
  });

  test("without its slowest rank a job has none, and the missing one is told", async () => {
    const { report, stage } = await compared(uneven(), { without: [2] });
    expect(slowLabels(stage)).toEqual([]);
    expect(codes(report)).toEqual(["ranks/missing"]);
  });
});

describe("no waiting without a reason", () => {
  test("one stall is told with its steps", async () => {
    const ranks = simulate(4, 9, (rank, step) => [
      kernel("nvjet_gemm_a", 100 + scatter(step, 1)),
      ...(rank === 1 && step === 5 ? [{ do: "late-host", us: 3000 } as const] : []),
      kernel("nvjet_gemm_b", 10),
      allReduce(WORLD),
    ]);
    const { report, stage } = await compared(ranks);
    expect(stage.stragglers).toEqual([]);
    expect(stage.late).toMatchObject([{ label: "1", steps: 1, of: 9, isComplete: true }]);
    expect(stage.late[0]!.waitingUs).toBeCloseTo(3000, 1);
    expect(report.summary).toMatch(/wait for rank 1 in 1 of 9 steps, 3\.00.ms/);
  });

  test("a rank late in every other step", async () => {
    const ranks = simulate(4, 10, (rank, step) => [
      kernel("nvjet_gemm_a", 100 + (rank === 2 && step % 2 === 1 ? 60 : 0)),
      allReduce(WORLD),
    ]);
    const { stage } = await compared(ranks);
    expect(stage.late).toMatchObject([{ label: "2", steps: 5, of: 10, waitingUs: 60 }]);
  });

  test("a rank without requests waits for all others", async () => {
    const ranks = simulate(4, 6, (rank) => [
      kernel("nvjet_gemm_a", rank === 3 ? 5 : 100),
      allReduce(WORLD),
    ]);
    const { report, stage } = await compared(ranks, {
      of: (rank) => ({ label: () => (rank === 3 ? "step[IDLE bs=0]" : "step[DECODE bs=16]") }),
    });
    expect(stage.early).toMatchObject([{ label: "3", batch: "0 requests a step, the others 16" }]);
    expect(stage.early[0]!.fasterByUs).toBeCloseTo(95, 1);
    expect(report.summary).toMatch(/rank 3 comes 95\.0.µs a step before the others/);
  });
});

test("a rank whose kernels all take longer has a slower clock", async () => {
  const times = {
    fused_moe_kernel: 100,
    nvjet_gemm_a: 60,
    rmsnorm_kernel: 10,
    flash_fwd_kernel: 40,
  };
  const ranks = simulate(4, 8, (rank) => [
    ...Object.entries(times).map(([name, us]) => kernel(name, us * (rank === 3 ? 1.07 : 1))),
    allReduce(WORLD),
  ]);
  const { report, stage } = await compared(ranks);
  expect(slowLabels(stage)).toEqual(["3"]);
  expect(stage.stragglers[0]!.uniformPct).toBeCloseTo(7, 1);
  expect(report.summary).toMatch(/all its kernels take about 7\.0% longer \(clock or power\)/);
});

test("ranks that prefill while others decode are compared by iteration", async () => {
  const ranks = simulate(4, 9, (rank, step) => [
    kernel("nvjet_gemm_a", 100 + scatter(step, 2) + (rank === 2 ? 40 : 0)),
    allReduce(WORLD),
  ]);
  const { report, stage } = await compared(ranks, {
    of: (rank) => ({
      label: (step) =>
        rank === 1 && step === 3 ? "step[EXTEND bs=1 toks=100]" : "step[DECODE bs=16]",
    }),
  });
  expect(report.stages).toHaveLength(1);
  expect(codes(report)).toEqual(["ranks/stages-differ"]);
  expect(slowLabels(stage)).toEqual(["2"]);
  for (const [at, us] of waited(ranks).entries())
    expect(stage.ranks[at]!.waitingUs).toBeCloseTo(us, 1);
});

describe("clocks two hours apart", () => {
  const of = (rank: number) => ({ skewUs: 1.7e15 + (rank > 1 ? 7.2e9 : 0) });

  test("are told, and collectives that end together are one run all the same", async () => {
    const { report, stage } = await compared(uneven(2, 9), { of });
    expect(codes(report)).toEqual(["ranks/clocks"]);
    expect(slowLabels(stage)).toEqual(["2"]);
  });

  test("of two runs are two runs", async () => {
    const other = simulate(4, 9, (_, step) => [
      kernel("fused_moe_kernel", 100 + 37 * ((step * 7) % 5)),
      kernel("nvjet_gemm_a", 60),
      allReduce(WORLD),
    ]);
    const { report, stage } = await compared([...uneven(1, 9).slice(0, 2), ...other.slice(2)], {
      of,
    });
    expect(codes(report)).toContain("ranks/not-one-run");
    expect(stage.notJudged).toMatch(/recorded at different times/);
  });
});

describe("pipelines", () => {
  test("a stage is as long as its slowest rank", async () => {
    const ranks = simulate(4, 6, (rank) => [
      ...(rank > 1 ? [{ do: "recv", peer: rank - 2, us: 5 } as const] : []),
      kernel("nvjet_gemm_a", rank === 3 ? 150 : 100),
      allReduce(rank < 2 ? [0, 1] : [2, 3]),
      ...(rank < 2 ? [{ do: "send", peer: rank + 2, us: 5 } as const] : []),
    ]);
    const { report, stage } = await compared(ranks);
    expect(stage.pipeline.map(({ labels }) => labels)).toEqual([
      ["0", "1"],
      ["2", "3"],
    ]);
    expect(stage.pipeline[1]!.workUs).toBeCloseTo(167, 0);
    expect(report.summary).toMatch(/stage 1 is the longest/);
    expect(slowLabels(stage)).toEqual(["3"]);
  });

  test.each([2, 3])(
    "batched transfers without a peer pair by their ends (%s stages)",
    async (size) => {
      const ranks = simulate(size, 9, (rank, step) => [
        ...(rank > 0 ? [{ do: "recv", peer: rank - 1, us: 5, isCoalesced: true } as const] : []),
        kernel("nvjet_gemm_a", (rank > 0 ? 140 : 100) + scatter(step * (rank + 1), rank)),
        ...(rank < size - 1
          ? [{ do: "send", peer: rank + 1, us: 5, isCoalesced: true } as const]
          : []),
      ]);
      const { stage } = await compared(ranks);
      expect(stage.transfers.map(({ from, to, matchedBy }) => [from, to, matchedBy])).toEqual(
        Array.from({ length: size - 1 }, (_, at) => [`${at}`, `${at + 1}`, "ends"]),
      );
      expect(stage.pipeline).toHaveLength(size);
      for (const [at, us] of waited(ranks).entries())
        expect(stage.ranks[at]!.waitingUs).toBeCloseTo(us, 0);
    },
  );
});

describe("transfers as even as a clock's ticks", () => {
  const even = (times: readonly number[]) =>
    simulate(times.length, 9, (rank) => [
      ...(rank > 0 ? [{ do: "recv", peer: rank - 1, us: 5, isCoalesced: true } as const] : []),
      kernel("nvjet_gemm_a", times[rank]!),
      ...(rank < times.length - 1
        ? [{ do: "send", peer: rank + 1, us: 5, isCoalesced: true } as const]
        : []),
    ]);

  test.each([[[100, 180, 100]], [[100, 100, 100, 100]]])(
    "of one host pair by its clock (%j)",
    async (times) => {
      const ranks = even(times);
      const { report, stage } = await compared(ranks);
      expect(stage.transfers.map(({ from, to, matched }) => [from, to, matched])).toEqual(
        times.slice(1).map((_, at) => [`${at}`, `${at + 1}`, 9]),
      );
      expect(stage.pipeline).toHaveLength(times.length);
      for (const [at, us] of waited(ranks).entries())
        expect(stage.ranks[at]!.waitingUs).toBeCloseTo(us, 0);
      expect(report.summary).toMatch(/stage 1 is the longest/);
      expect(report.summary).toMatch(/every rank is a pipeline stage of its own/);
      expect(report.summary).not.toMatch(/no rank is slower/);
    },
  );

  test("of stages of two ranks pair in the order of the ranks", async () => {
    const ranks = simulate(4, 9, (rank) => [
      ...(rank > 1 ? [{ do: "recv", peer: rank - 2, us: 5, isCoalesced: true } as const] : []),
      kernel("nvjet_gemm_a", [100, 100, 150, 180][rank]!),
      allReduce(rank < 2 ? [0, 1] : [2, 3]),
      ...(rank < 2 ? [{ do: "send", peer: rank + 2, us: 5, isCoalesced: true } as const] : []),
    ]);
    const { report, stage } = await compared(ranks);
    expect(stage.transfers.map(({ from, to, matched }) => [from, to, matched])).toEqual([
      ["0", "2", 9],
      ["1", "3", 9],
    ]);
    expect(slowLabels(stage)).toEqual(["3"]);
    expect(stage.stragglers[0]!.slowerByUs).toBeCloseTo(30, 1);
    expect(report.summary).toMatch(/stage 1 is the longest/);
    for (const [at, us] of waited(ranks).entries())
      expect(stage.ranks[at]!.waitingUs).toBeCloseTo(us, 0);
  });

  test("of two pipelines in step of which no group is told leave nothing to judge", async () => {
    const ranks = simulate(4, 9, (rank) =>
      rank % 2 === 0
        ? [
            kernel("nvjet_gemm_a", 100),
            { do: "send", peer: rank + 1, us: 5, isCoalesced: true } as const,
          ]
        : [
            { do: "recv", peer: rank - 1, us: 5, isCoalesced: true } as const,
            kernel("nvjet_gemm_a", 140),
          ],
    );
    const { report, stage } = await compared(ranks);
    expect(stage.transfers).toEqual([]);
    expect(report.summary).toMatch(/cannot be judged, because .* could not be matched/);
    const groups = [
      { desc: "default_pg", ranks: [0, 1, 2, 3] },
      { desc: "dp", ranks: [0, 2] },
      { desc: "dp", ranks: [1, 3] },
    ];
    const told = await compared(ranks, { of: () => ({ groups }) });
    expect(told.stage.transfers.map(({ from, to }) => `${from}-${to}`)).toEqual(["0-1", "2-3"]);
  });

  test("of hosts whose clocks differ are paired with nothing", async () => {
    const { stage } = await compared(even([100, 100, 100, 100]), {
      of: (rank) => ({ skewUs: 1234.5 * rank }),
    });
    expect(stage.transfers).toEqual([]);
    expect(stage.pipeline).toEqual([]);
    expect(stage.leftOut).toHaveLength(4);
  });
});

test("a rank with kernels of its own is told", async () => {
  const ranks = simulate(4, 6, (rank) => [
    kernel(rank === 3 ? "nvjet_gemm_b" : "nvjet_gemm_a", 100),
    kernel(rank === 3 ? "flash_b_kernel" : "flash_a_kernel", 30),
    allReduce(WORLD),
  ]);
  const { report } = await compared(ranks);
  expect(codes(report)).toEqual(["ranks/other-kernels"]);
});

test("DeepEP kernels of which nothing is told wait for the rank with the most tokens", async () => {
  const ranks = simulate(4, 6, (rank) => [
    kernel("nvjet_gemm_a", 50),
    collective("", "void deep_ep::internode_ll::dispatch<false, 7168>(x)", WORLD, 20),
    kernel("fused_moe_kernel", rank === 3 ? 140 : 70),
    collective("", "void deep_ep::internode_ll::combine<7168>(x)", WORLD, 20),
  ]);
  const { stage } = await compared(ranks, { told: "nothing" });
  expect(slowLabels(stage)).toEqual(["3"]);
  expect(stage.stragglers[0]!.slowerByUs).toBeCloseTo(70, 1);
});
