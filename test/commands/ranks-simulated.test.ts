import { describe, expect, test } from "vitest";
import { simulate, type Work } from "../support/synth/ranks/simulate.ts";
import type { RankFileOptions } from "../support/synth/ranks/write.ts";
import { allReduce, allToAll, collective, compared, kernel, waited } from "./simulated-ranks.ts";

const STEPS = 6;
const WORLD = [0, 1, 2, 3];
/** Rank 2's expert GEMM takes 80 µs longer. */
const uneven = (gather: (group: readonly number[]) => Work, layers = 4) =>
  simulate(4, STEPS, (rank) =>
    Array.from({ length: layers }, () => [
      kernel("fused_moe_kernel", rank === 2 ? 120 : 40),
      gather(WORLD),
    ]).flat(),
  );

describe("a late rank, waiting known exactly", () => {
  test.each([
    ["all-reduce with arguments", allReduce, "arguments"],
    ["all-to-all with arguments", allToAll, "arguments"],
    ["all-to-all told by an annotation", allToAll, "annotation"],
    ["all-to-all told by an op", allToAll, "op"],
    ["all-reduce of which nothing is told", allReduce, "nothing"],
    [
      "DeepEP dispatch",
      (group) => collective("", "void deep_ep::intranode::dispatch<8, 768>(int)", group),
      "nothing",
    ],
    [
      "custom all-reduce",
      (group) => collective("", "void vllm::cross_device_reduce_1stage<bf16, 4>(x)", group),
      "nothing",
    ],
    [
      "symmetric-memory Triton all-to-all",
      (group) => collective("", "_mxfp8_all_to_all_expert_major_kernel", group),
      "nothing",
    ],
  ] as readonly [string, (group: readonly number[]) => Work, RankFileOptions["told"]][])(
    "%s",
    async (_, gather, told) => {
      const ranks = uneven(gather);
      const { stage } = await compared(ranks, { told });
      expect(stage.notJudged).toBeNull();
      expect(stage.stragglers.map(({ label }) => label)).toEqual(["2"]);
      const [slow] = stage.stragglers;
      expect(slow!.slowerByUs).toBeCloseTo(320, 1);
      expect(slow!.losses[0]).toMatchObject({ category: "moe-gemm", us: 320 });
      expect(slow!.waitedForIn).not.toBeNull();
      for (const [at, us] of waited(ranks).entries())
        expect(stage.ranks[at]!.waitingUs).toBeCloseTo(us, 1);
      expect(stage.leftOut).toEqual([]);
    },
  );

  test("skewed clocks change nothing", async () => {
    const ranks = uneven(allToAll);
    const { stage } = await compared(ranks);
    const skewed = await compared(ranks, { of: (rank) => ({ skewUs: 5_000 * rank }) });
    expect(skewed.stage).toEqual(stage);
  });

  test("a late host is idle time, and the collective says so", async () => {
    const ranks = simulate(4, STEPS, (rank) => [
      kernel("gemm", 50),
      ...(rank === 1 ? [{ do: "late-host", us: 90 } as const] : []),
      kernel("gemm", 50),
      allReduce(WORLD),
    ]);
    const { stage } = await compared(ranks);
    expect(stage.stragglers.map(({ label }) => label)).toEqual(["1"]);
    expect(stage.stragglers[0]!.losses[0]).toMatchObject({ category: "idle", us: 90 });
  });

  test.each([true, false])(
    "a background copy slows nobody (outside steps: %s)",
    async (outside) => {
      const ranks = simulate(4, STEPS, (rank) => [
        ...(rank === 2 ? [{ do: "side-copy", us: 400, outsideSteps: outside } as const] : []),
        kernel("gemm", 300),
        allReduce(WORLD),
      ]);
      const { stage } = await compared(ranks);
      expect(stage.stragglers).toEqual([]);
      const steps = new Set(stage.ranks.map(({ step }) => Math.round(step!.medianUs)));
      expect(steps.size).toBe(1);
    },
  );

  test("a noisy first step neither names nor hides a rank", async () => {
    const noisy = (slow: number) =>
      simulate(4, STEPS, (rank, step) => [
        kernel("gemm", (step === 0 && rank === 3 ? 50_000 : 100) + (rank === slow ? 30 : 0)),
        allReduce(WORLD),
      ]);
    expect((await compared(noisy(-1))).stage.stragglers).toEqual([]);
    const { stage } = await compared(noisy(1));
    expect(stage.stragglers.map(({ label }) => label)).toEqual(["1"]);
    expect(stage.stragglers[0]!.slowerByUs).toBeCloseTo(30, 1);
  });
});

describe("which file is which rank", () => {
  const ranks = uneven(allToAll);

  test.each([
    ["torch's default names", (rank: number) => `host_${44237 - rank}.16989${rank}.pt.trace.json`],
    ["names that count the other way", (rank: number) => `worker${3 - rank}.trace.json`],
    ["local ranks in folders of nodes", (rank: number) => `node${rank >> 1}/rank${rank & 1}.json`],
    ["one name in many folders", (rank: number) => `${"abcd"[rank]}/trace.json`],
  ])("%s", async (_, name) => {
    const { report, stage } = await compared(ranks, { name });
    expect(report.ranks.map(({ label }) => label)).toEqual(["0", "1", "2", "3"]);
    expect(stage.stragglers.map(({ label }) => label)).toEqual(["2"]);
  });

  test("without a word in the traces their names tell", async () => {
    const { stage } = await compared(ranks, { distributedInfo: false });
    expect(stage.stragglers.map(({ label }) => label)).toEqual(["2"]);
  });
});

describe("steps are paired by what they share", () => {
  /** Rank 2 is slow in odd steps only. */
  const ranks = simulate(4, 9, (rank, step) => [
    kernel("gemm", 100 + 7 * ((step * 5) % 4) + (rank === 2 && step % 2 === 1 ? 40 : 0)),
    allReduce(WORLD),
    kernel("gemm", 50 + 3 * ((step * 7) % 5)),
    allReduce(WORLD),
  ]);

  test("labels that differ from rank to rank", async () => {
    const { stage } = await compared(ranks, {
      of: (rank) => ({ label: (step) => `step[DECODE bs=${8 + ((step + rank) % 3)}]` }),
    });
    expect(stage.notJudged).toBeNull();
    expect(stage.ranks.map(({ steps }) => steps)).toEqual([9, 9, 9, 9]);
    for (const [at, us] of waited(ranks).entries())
      expect(stage.ranks[at]!.waitingUs).toBeCloseTo(us, 1);
  });

  test("windows of equal length that opened a step apart", async () => {
    const { stage } = await compared(ranks, {
      of: (rank) => ({ window: rank === 1 ? [1, 8] : [0, 7] }),
    });
    const common = waited(
      ranks.map((one) => ({
        ...one,
        spans: one.spans.filter(({ step }) => step >= 1 && step <= 7),
      })),
    );
    for (const [at, us] of common.entries()) expect(stage.ranks[at]!.waitingUs).toBeCloseTo(us, 1);
  });
});

describe("groups", () => {
  const GROUPS = [
    { desc: "default_pg", ranks: [0, 1, 2, 3, 4, 5, 6, 7] },
    { desc: "tp", ranks: [0, 1, 2, 3] },
    { desc: "tp", ranks: [4, 5, 6, 7] },
  ];
  const tpOf = (rank: number) => (rank < 4 ? [0, 1, 2, 3] : [4, 5, 6, 7]);
  const mine = (rank: number) => GROUPS.filter(({ ranks }) => ranks.includes(rank));
  const CUSTOM = "void vllm::cross_device_reduce_1stage<bf16, 4>(x)";

  test("a slow group is one finding", async () => {
    const ranks = simulate(8, STEPS, (rank) => [
      kernel("gemm", 100),
      allReduce(tpOf(rank), rank < 4 ? 20 : 66),
    ]);
    const { report, stage } = await compared(ranks);
    expect(stage.stragglers).toEqual([]);
    expect(stage.slowGroups).toMatchObject([
      { labels: ["4", "5", "6", "7"], longerUs: 46, usualUs: 20, collective: "allreduce" },
    ]);
    expect(report.summary).toMatch(/ranks 4-7: allreduce moves 46\.0.µs longer/);
  });

  test("collectives without arguments run in the group that is described for them", async () => {
    const ranks = simulate(8, STEPS, (rank, step) => [
      kernel("gemm", rank === 5 ? 140 : 100 + (rank < 4 ? step * 9 : 0)),
      collective("", CUSTOM, tpOf(rank)),
    ]);
    const { stage } = await compared(ranks, {
      told: "nothing",
      of: (rank) => ({ groups: mine(rank) }),
    });
    for (const [at, us] of waited(ranks).entries())
      expect(stage.ranks[at]!.waitingUs).toBeCloseTo(us, 1);
    expect(stage.collectives.map(({ group }) => group).sort()).toEqual([
      "[0, 1, 2, 3]",
      "[4, 5, 6, 7]",
    ]);
  });

  test("where no group is told and ends say it is none, nothing is matched or judged", async () => {
    const ranks = simulate(8, STEPS, (rank, step) => [
      kernel("gemm", 100 + (rank < 4 ? ((step * 5) % 7) * 60 : ((step * 3) % 5) * 80)),
      collective("", CUSTOM, tpOf(rank), 30),
    ]);
    const { report, stage } = await compared(ranks, { told: "nothing" });
    expect(stage.collectives).toEqual([]);
    expect(stage.notJudged).toMatch(/could not be matched/);
    expect(stage.leftOut).toHaveLength(8);
    expect(report.summary).toMatch(/cannot be judged, because/);
    expect(report.summary).not.toMatch(/no rank is slower/);
  });
});

test("a last rank that moves is expert imbalance", async () => {
  const ranks = simulate(4, 12, (rank, step) =>
    [0, 1].flatMap((layer) => [
      kernel("fused_moe_kernel", (step * 3 + layer) % 4 === rank ? 160 : 90),
      allToAll(WORLD),
    ]),
  );
  const { report, stage } = await compared(ranks);
  expect(stage.stragglers).toEqual([]);
  expect(stage.imbalances).toMatchObject([{ cause: "experts", collective: "all_to_allv" }]);
  expect(report.summary).toMatch(/changes from step to step .* expert imbalance/);
});

describe("pipelines", () => {
  const work = [100, 180, 100];
  const pipeline = () =>
    simulate(3, STEPS, (rank) => [
      ...(rank > 0 ? [{ do: "recv", peer: rank - 1, us: 5 } as const] : []),
      kernel("gemm", work[rank]!),
      ...(rank < 2 ? [{ do: "send", peer: rank + 1, us: 5 } as const] : []),
    ]);

  test.each(["arguments", "annotation"] as const)(
    "sends pair with receives, sizes and bubbles are told (%s)",
    async (told) => {
      const { report, stage } = await compared(pipeline(), { told });
      expect(stage.transfers.map(({ from, to, matched }) => [from, to, matched])).toEqual([
        ["0", "1", STEPS],
        ["1", "2", STEPS],
      ]);
      expect(stage.pipeline.map(({ labels }) => labels)).toEqual([["0"], ["1"], ["2"]]);
      for (const [at, us] of work.entries()) {
        const moved = at === 1 ? 10 : 5;
        expect(stage.pipeline[at]!.workUs).toBeCloseTo(us + moved, 0);
      }
      expect(stage.pipeline[0]!.bubblePct).toBeGreaterThan(30);
      expect(stage.pipeline[1]!.bubblePct).toBeLessThan(3);
      expect(report.summary).toMatch(/pipeline of 3 stages: .*stage 1 is the longest/);
      expect(stage.stragglers).toEqual([]);
    },
  );

  test("transfers of which nothing is told are listed with their time, and nobody is judged", async () => {
    const { report, stage } = await compared(pipeline(), { told: "nothing" });
    expect(stage.leftOut).toHaveLength(3);
    expect(stage.notJudged).toMatch(/could not be matched/);
    expect(report.remarks.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/nothing recorded says which collective/),
    );
  });
});

describe("ranks that cannot be compared like that", () => {
  const ranks = simulate(2, STEPS, (rank) => [kernel("gemm", 100 + 50 * rank), allReduce([0, 1])]);

  test("another GPU or world is no run of one job", async () => {
    const gpu = await compared(ranks, { of: (rank) => ({ gpu: rank === 0 ? "A" : "B" }) });
    const world = await compared(ranks, { of: (rank) => ({ world: 2 + 2 * rank }) });
    for (const { report, stage } of [gpu, world]) {
      expect(stage.notJudged).toMatch(/not of one run/);
      expect(stage.stragglers).toEqual([]);
      expect(report.remarks[0]!.code).toBe("ranks/not-one-run");
    }
  });

  test("different batch sizes are named", async () => {
    const { report, stage } = await compared(ranks, {
      of: (rank) => ({ label: () => `step[DECODE bs=${rank === 1 ? 64 : 32}]` }),
    });
    expect(report.remarks.map(({ code }) => code)).toContain("ranks/batch");
    expect(stage.stragglers).toMatchObject([
      { label: "1", batch: "64 requests a step, the others 32" },
    ]);
  });
});
