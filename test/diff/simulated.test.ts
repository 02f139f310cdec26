import { describe, expect, test } from "vitest";
import type { Diff, StageDiff } from "../../src/model/contracts/diff.ts";
import { simulate, type Work } from "../support/synth/ranks/simulate.ts";
import { rankText } from "../support/synth/ranks/write.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { diffOf, reportOf } from "./pairs.ts";

const NORM = "void flashinfer::norm::FusedAddRMSNormKernel<8u, __nv_bfloat16>(x)";
const GEMM = "nvjet_tst_128x64_64x8_2x1_v_bz_TNT";
const ATTENTION = "void flash::flash_fwd_splitkv_kernel<Flash_fwd_kernel_traits<128>>(x)";
const ACTIVATION = "void flashinfer::activation::act_and_mul_kernel<__nv_bfloat16, silu>(x)";
const MOE = "fused_moe_kernel";

interface Layer {
  readonly norm?: string;
  readonly us?: Partial<Record<"norm" | "gemm" | "attention" | "activation" | "moe", number>>;
}

/** µs of a launch, scattered a little so that no two agree by chance. */
const scattered = (us: number, seed: number): number => us * (1 + (((seed * 37) % 11) - 5) / 1000);

function layerOf({ norm = NORM, us = {} }: Layer, seed: number): Work[] {
  const kernels = [
    [norm, us.norm ?? 4],
    [GEMM, us.gemm ?? 30],
    [ATTENTION, us.attention ?? 25],
    [ACTIVATION, us.activation ?? 6],
    [MOE, us.moe ?? 50],
  ] as const;
  return kernels.map(([name, time], at) => ({
    do: "kernel",
    name,
    us: scattered(time, seed + at),
  }));
}

interface Run {
  readonly layers?: number;
  readonly steps?: number;
  readonly layer?: Layer;
  readonly label?: string;
  readonly first?: readonly Work[];
  /** Launched and waited for before every step. */
  readonly before?: readonly Work[];
  readonly lastLayers?: number;
  readonly settings?: Readonly<Record<string, unknown>>;
}

function folderOf(run: Run): string {
  const { layers = 6, steps = 8, layer = {}, label = "step[DECODE bs=16]" } = run;
  const [rank] = simulate(1, steps, (_, step) => [
    ...(step === 0 ? (run.first ?? []) : []),
    ...(run.before ?? []),
    ...Array.from({ length: step === steps - 1 ? (run.lastLayers ?? layers) : layers }, (__, at) =>
      layerOf(layer, step * 100 + at),
    ).flat(),
  ]);
  return temporaryFolder({
    "TP-0.trace.json": rankText(rank!, { world: 1, label: () => label }),
    ...(run.settings === undefined
      ? {}
      : { "server_args.json": JSON.stringify({ model_path: "m", ...run.settings }) }),
  });
}

async function compared(before: Run, after: Run) {
  const diff = diffOf(await reportOf(folderOf(before)), await reportOf(folderOf(after)));
  return { diff, stage: diff.stages[0]! };
}

const news = (stage: StageDiff) =>
  stage.kernels
    .filter(({ change }) => !["within-noise", "negligible", "inconclusive"].includes(change))
    .map(({ change, before, after }) => `${change} ${(before ?? after!).name.slice(0, 12)}`);
const codes = ({ warnings }: Pick<Diff, "warnings">) => warnings.map(({ code }) => code);

describe("noise", () => {
  test("runs alike are within noise", async () => {
    const { diff, stage } = await compared({}, {});
    expect(news(stage)).toEqual([]);
    expect(["within-noise", "identical"]).toContain(stage.verdict.change);
    expect(diff.doubtful).toBe(false);
  });

  test("25 % of one kernel are found beside a first step of 50 ms more and half a last step", async () => {
    const cold: Run = { first: [{ do: "kernel", name: GEMM, us: 50_000 }], lastLayers: 3 };
    const { stage } = await compared(cold, { ...cold, layer: { us: { attention: 31.25 } } });
    expect(news(stage)).toEqual([`slower ${ATTENTION.replace("void ", "").slice(0, 12)}`]);
    expect(stage.verdict.change).toBe("slower");
    expect(stage.verdict.deltaUs).toBeCloseTo(6 * 6.25, -1);
  });

  test("a cold first step on one side is no news", async () => {
    const { stage } = await compared({ first: [{ do: "kernel", name: GEMM, us: 50_000 }] }, {});
    expect(news(stage)).toEqual([]);
    expect(stage.verdict.change).toBe("within-noise");
  });
});

describe("one cause is one line", () => {
  test("every kernel 7 % longer is clock or power", async () => {
    const us = { norm: 4.28, gemm: 32.1, attention: 26.75, activation: 6.42, moe: 53.5 };
    const { stage } = await compared({}, { layer: { us } });
    expect(stage.uniform!.pct).toBeCloseTo(7, 0);
    expect(stage.verdict.text).toMatch(/every kernel takes about 7\.0% longer: clock or power/);
    expect(stage.verdict.text).not.toMatch(/slower \(\+/);
  });

  test("one kernel of 7 % is its own", async () => {
    const { stage } = await compared({}, { layer: { us: { moe: 53.5 } } });
    expect(stage.uniform).toBeNull();
    expect(news(stage)).toEqual(["slower fused_moe_ke"]);
  });

  test("reasons come by measured change", async () => {
    const { stage } = await compared({}, { layer: { us: { moe: 60, gemm: 33, norm: 9 } } });
    const places = ["fused_moe", "FusedAddRMSNorm", "nvjet"].map((word) =>
      stage.verdict.text.indexOf(word),
    );
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(Math.min(...places)).toBeGreaterThan(0);
  });
});

describe("what a step holds", () => {
  test.each([
    ["batch", { label: "step[DECODE bs=16]" }, { label: "step[DECODE bs=32]" }, ["diff/batch"]],
    ["phase", { label: "step[DECODE bs=16]" }, { label: "step[VERIFY bs=16]" }, ["diff/phase"]],
    ["layers", {}, { layers: 8 }, ["diff/layers"]],
    [
      "settings",
      { settings: { chunked_prefill_size: 8192, port: 1, random_seed: 3 } },
      { settings: { chunked_prefill_size: 4096, port: 2, random_seed: 4 } },
      ["diff/settings"],
    ],
  ] as readonly [string, Run, Run, string[]][])(
    "another %s makes the pair doubtful",
    async (_, before, after, expected) => {
      const { diff } = await compared(before, after);
      expect(codes(diff)).toEqual(expected);
      expect(diff.doubtful).toBe(true);
      expect(diff.verdict.text).toMatch(/^Doubtful: /);
    },
  );

  test("times per layer where depth differs", async () => {
    const { stage } = await compared({}, { layers: 9 });
    expect(stage.perLayer!.pct).toBeCloseTo(0, 0);
    expect(stage.verdict.text).toMatch(/Per layer: /);
  });

  test("times per token where prefills differ", async () => {
    const { diff, stage } = await compared(
      { label: "step[EXTEND bs=2 toks=1000]" },
      {
        label: "step[EXTEND bs=2 toks=2000]",
        layer: { us: { gemm: 60, attention: 50, moe: 100 } },
      },
    );
    expect(codes(diff)).toEqual(["diff/tokens"]);
    expect(Math.abs(stage.perToken!.pct!)).toBeLessThan(6);
  });

  test("neither per token nor per layer where nothing differs", async () => {
    const { stage } = await compared({}, {});
    expect([stage.perToken, stage.perLayer]).toEqual([null, null]);
  });
});

describe("pairing", () => {
  test("a kernel of unknown name is paired by its place, and rules about it are not judged", async () => {
    const { stage } = await compared({}, { layer: { norm: "zk_31b7", us: { norm: 9 } } });
    const replaced = stage.kernels.find(({ change }) => change === "replaced");
    expect(replaced?.after?.name).toBe("zk_31b7");
    expect(stage.rules.map(({ change }) => change)).not.toContain("lost");
  });

  test("work outside the steps is no work of a step", async () => {
    const { stage } = await compared({}, { first: [{ do: "side-copy", us: 9000 }] });
    expect(stage.verdict.change).not.toBe("slower");
  });
});

test("copies to the host that vanish are told with the idle time they made", async () => {
  const synced: Run = {
    before: [
      { do: "kernel", name: "Memcpy DtoH (Device -> Pageable)", us: 3 },
      { do: "late-host", us: 80 },
    ],
  };
  const { stage } = await compared(synced, {});
  expect(stage.verdict.change).toBe("faster");
  expect(stage.verdict.text).toMatch(/idle −8\d\.\d µs a step.*copies to the host.* 1 → 0/);
});

test("the percentage is of before, of the metric the table shows", async () => {
  const { stage } = await compared({}, { layer: { us: { moe: 75 } } });
  const metric = stage.metrics.find(({ metric: name }) => name === stage.verdict.by)!;
  expect(stage.verdict.pct).toBe(metric.pct);
  expect(metric.pct).toBeCloseTo((100 * metric.deltaUs) / metric.before.medianUs, 6);
});
