import { describe, expect, test } from "vitest";
import { type TraceSpec, traceSpec } from "../support/synth/spec.ts";
import { diffOf, reportOf, tracePath } from "./pairs.ts";
import { ATTENTION, codes, compared, GEMM, MOE, NORM, news } from "./simulated-pairs.ts";

const short = (name: string): string => name.replace("void ", "").slice(0, 12);

describe("phases of speculative decoding are compared one by one", () => {
  const label = (step: number) => (step % 3 === 2 ? "step[VERIFY bs=16]" : "step[DRAFT bs=16]");
  const drafting = (layers: number) => ({
    steps: 12,
    label,
    layersOf: (step: number) => (step % 3 === 2 ? 6 : layers),
  });

  test("draft steps longer by half, verify steps as they were", async () => {
    const { diff, stage } = await compared(drafting(2), drafting(3));
    expect(stage.phases.map(({ phase, change }) => [phase, change])).toEqual([
      ["draft", "slower"],
      ["verify", "within-noise"],
    ]);
    expect(stage.phases[0]!.pct).toBeCloseTo(50, 0);
    expect(stage.verdict.text).toMatch(/draft steps are 50\.\d% .*slower.*verify steps are within/);
    expect(codes(diff)).toEqual([]);
  });

  test("a kernel slower in one phase only is named there", async () => {
    const label = (step: number) => (step % 2 === 1 ? "step[DRAFT bs=16]" : "step[VERIFY bs=16]");
    const usIn = (_: number, step: number) => (step % 2 === 1 ? { gemm: 45 } : {});
    const { stage } = await compared({ steps: 12, label }, { steps: 12, label, usIn });
    const [draft, verify] = stage.phases;
    expect(draft!.kernels).toHaveLength(1);
    expect(draft!.kernels[0]!.deltaUs).toBeCloseTo(90, 0);
    expect(verify!.kernels).toEqual([]);
    expect(stage.verdict.text).toMatch(/draft steps are .* slower \(.*\): nvjet\w+ \+\d\d\.\d µs;/);
  });

  test("opposite changes are mixed", async () => {
    const { stage } = await compared(
      { ...drafting(3), layersOf: (step) => (step % 3 === 2 ? 6 : 3) },
      { ...drafting(2), layersOf: (step) => (step % 3 === 2 ? 8 : 2) },
    );
    expect(stage.verdict.change).toBe("mixed");
  });

  test("another mix of phases makes the pair doubtful", async () => {
    const { diff, stage } = await compared(drafting(6), {
      steps: 12,
      label: (step) => (step % 2 === 1 ? "step[VERIFY bs=16]" : "step[DRAFT bs=16]"),
    });
    expect(codes(diff)).toEqual(["diff/phase-mix"]);
    expect(stage.verdict.change).toBe("within-noise");
  });
});

test("graphs on one side only stand in the head, and idle time tells what they brought", async () => {
  const step = { stage: "decode", batchSize: 32, tokens: 32 } as const;
  const of = (mode: "eager" | "graph", seed: number): Partial<TraceSpec> => ({
    ...traceSpec({ engine: "sglang", layers: 4, seed, timing: { jitter: 0.03 } }),
    steps: Array(5).fill({ ...step, mode }),
  });
  const diff = diffOf(
    await reportOf(tracePath("eager", of("eager", 1))),
    await reportOf(tracePath("graph", of("graph", 2))),
  );
  expect(codes(diff)).toEqual(["diff/graphs"]);
  expect(diff.verdict.text).toMatch(/graphs on one side only: off → on/);
  expect(diff.stages[0]!.verdict).toMatchObject({ change: "faster" });
  expect(diff.stages[0]!.verdict.text).toMatch(/idle −[^;]*mostly host-launch/);
});

describe("outliers", () => {
  test("one launch a hundred times as long is named as such, and nothing got slower", async () => {
    const { stage } = await compared({}, { first: [{ do: "kernel", name: MOE, us: 5000 }] });
    expect(stage.outliers).toEqual([
      { side: "after", kernel: "fused_moe_kernel", maxUs: 5000, medianUs: expect.any(Number) },
    ]);
    expect(stage.verdict.change).toBe("within-noise");
    expect(stage.verdict.text).toMatch(
      /one launch of fused_moe_kernel after took 5\.00 ms.*outlier/,
    );
  });

  test("two sizes of one kernel are none", async () => {
    const more = [{ do: "kernel", name: GEMM, us: 400 } as const];
    const { stage } = await compared({ layer: { more } }, { layer: { more } });
    expect(stage.outliers).toEqual([]);
  });
});

describe("synchronisations and the idle time they make", () => {
  const before = [{ do: "late-host", us: 80, call: "cudaStreamSynchronize" } as const];

  test.each([
    ["vanished", { before }, {}, /idle −80\.\d µs a step, mostly synchronisation/],
    ["appeared", {}, { before }, /idle \+80\.\d µs a step, mostly synchronisation/],
  ])("%s", async (_, one, other, words) => {
    const { stage } = await compared(one, other);
    expect(stage.verdict.text).toMatch(words);
    expect(stage.verdict.deltaUs).toBeCloseTo("before" in one ? -80 : 80, 0);
  });

  test("a late host without one is launching", async () => {
    const { stage } = await compared({}, { before: [{ do: "late-host", us: 80 }] });
    expect(stage.verdict.text).toMatch(/idle \+80\.\d µs a step, mostly host-launch/);
  });
});

describe("pairing", () => {
  test.each(["nvjet_tst_256x64_64x4_2x1_v_bz_TNT", "zq_77_kernel"])(
    "a product now called %s is the same product",
    async (gemm) => {
      const { stage } = await compared({}, { layer: { gemm } });
      expect(news(stage)).toEqual([`replaced ${short(GEMM)}`]);
      expect(stage.verdict.change).toBe("within-noise");
    },
  );

  test("one kernel of unknown name in the place of two: rules about them are not judged", async () => {
    const { stage } = await compared({}, { layer: { fused: "zq_fused_77" } });
    expect(news(stage).sort()).toEqual([`replaced ${short(GEMM)}`, `vanished ${short(NORM)}`]);
    expect(stage.rules.map(({ change }) => change)).toEqual(["not-judged"]);
    expect(stage.verdict.change).toBe("faster");
  });

  test("a larger fusion in the place of a smaller one replaces it", async () => {
    const norm =
      "void sglang::fused_add_rmsnorm_per_token_quant_kernel<true, false, __nv_bfloat16, 16>";
    const settings = { quantization: "fp8" };
    const { stage } = await compared({ settings }, { layer: { norm }, settings });
    const larger = "sgl-add-rmsnorm-per-token-fp8-quant";
    expect(stage.rules.map(({ rule, change, replacedBy }) => [rule, change, replacedBy])).toEqual([
      [larger, "gained", null],
      ["sgl-fused-add-rmsnorm", "replaced", larger],
    ]);
    expect(stage.verdict.text).toContain(`sgl-fused-add-rmsnorm gave way to ${larger}`);
  });

  test("another engine's fused kernel alone in the place is not judged", async () => {
    const norm = "void vllm::fused_add_rms_norm_kernel<c10::BFloat16, 8>(x)";
    const { stage } = await compared({}, { layer: { norm } });
    expect(stage.rules.map(({ change }) => change)).toEqual(["not-judged"]);
    expect(stage.verdict.text).toContain("because another kernel stands in its place");
  });

  test("a plain norm with the addition beside it is a loss", async () => {
    const norm = "void flashinfer::norm::RMSNormKernel<8u, __nv_bfloat16>(x)";
    const add =
      "void at::native::vectorized_elementwise_kernel<8, at::native::CUDAFunctor_add<c10::BFloat16>, std::array<char*, 3ul> >";
    const { stage } = await compared(
      {},
      { layer: { norm, more: [{ do: "kernel", name: add, us: 3 }] } },
    );
    expect(stage.rules.map(({ change }) => change)).toEqual(["lost"]);
  });

  test("a kernel more in every layer is no layer less", async () => {
    const copy = "void at::native::vectorized_elementwise_kernel<4, CopyFunctor>(x)";
    const { diff, stage } = await compared(
      {},
      { layer: { more: [{ do: "kernel", name: copy, us: 3 }] } },
    );
    expect(codes(diff)).toEqual([]);
    expect(stage.perLayer).toBeNull();
    expect(stage.verdict.text).toMatch(/appeared \(\+18\.0 µs a step\)/);
  });
});

test("a slower clock and a kernel slower by its own are two lines", async () => {
  const us = { norm: 4.28, gemm: 32.1, attention: 26.75 * 1.3, activation: 6.42, moe: 53.5 };
  const { stage } = await compared({}, { layer: { us } });
  expect(stage.uniform).toMatchObject({ of: 5 });
  expect(stage.uniform!.kernels).toHaveLength(4);
  expect(stage.verdict.text).toMatch(/4 of 5 kernels take about 7\.0% longer: clock or power/);
  const own = stage.kernels.filter(({ explainedBy }) => explainedBy === null);
  expect(own.filter(({ change }) => change === "slower").map(({ before }) => before!.name)).toEqual(
    [ATTENTION.replace("void ", "").replace("(x)", "")],
  );
});

test("mixed steps that mostly prefill are compared per token", async () => {
  const us = { gemm: 58, moe: 98, attention: 48 };
  const { diff, stage } = await compared(
    { label: "execute_context_1(1900)_generation_30(30)" },
    { label: "execute_context_1(3900)_generation_30(30)", layer: { us } },
  );
  expect(codes(diff)).toEqual(["diff/tokens", "diff/chunk"]);
  expect(stage.perToken!.pct).toBeCloseTo(-8.6, 0);
});

test("what contradicts itself in a recording is told, and makes a pair doubtful where it stays", async () => {
  const report = await reportOf(tracePath("sound"));
  const finding = (kind: "repeated-events" | "launches-without-records") => ({
    ...{ kind, count: 3, us: 0, where: "somewhere", remedy: "record again" },
  });
  const withHealth = (kind: Parameters<typeof finding>[0], trusted: boolean) =>
    diffOf(report, { ...report, health: { findings: [finding(kind)], trusted } });
  const repaired = withHealth("repeated-events", true);
  expect([repaired.before.health, repaired.doubtful]).toEqual([[], false]);
  expect(repaired.after.health).toEqual([
    expect.stringMatching(/recorded twice.*: 3 \(somewhere\)/),
  ]);
  const broken = withHealth("launches-without-records", false);
  expect(codes(broken)).toEqual(["diff/health"]);
  expect(broken.verdict.text).toMatch(/^Doubtful: after: the recording contradicts itself/);
});
