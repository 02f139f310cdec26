import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { analyze } from "../src/commands/triage.ts";
import type { Report } from "../src/model/contracts/report.ts";
import type { WorkRow } from "../src/model/contracts/work-row.ts";
import { type AnalyzeOptions, DEFAULT_ANALYZE_OPTIONS } from "../src/model/options.ts";
import { hasSharedTraces, sharedTraces } from "./support/shared-traces.ts";

const SHARED = "../shared";
const LIMITS = join(SHARED, "limits");
const TRACES = join(SHARED, "traces");
const ROLES = join(SHARED, "roles");

async function reportsOf(
  inputs: readonly string[],
  more: Partial<AnalyzeOptions> = {},
): Promise<readonly Report[]> {
  const given = { ...DEFAULT_ANALYZE_OPTIONS, inputs, rulesPath: "rules", minSharePct: 0 };
  return (await analyze({ ...given, ...more })).reports;
}

const reportOf = async (trace: string, more: Partial<AnalyzeOptions> = {}): Promise<Report> =>
  (await reportsOf([join(TRACES, trace)], more))[0]!;

const workOf = ({ stages }: Report): readonly WorkRow[] => stages.flatMap(({ work }) => work);

function tsv(path: string): Record<string, string>[] {
  const [head = "", ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  const keys = head.split("\t");
  return lines.map((line) =>
    Object.fromEntries(line.split("\t").map((value, at) => [keys[at]!, value])),
  );
}

interface Told {
  readonly us: number;
  readonly count: number;
  readonly flop: number;
  readonly bytes: number;
}

/** Rows of the independent tool that have a figure. */
const toldIn = (trace: string): Told[] =>
  tsv(join(LIMITS, `${trace}.tsv`))
    .filter(({ gflop, moved_mib }) => gflop !== "" || moved_mib !== "")
    .map((row) => ({
      us: Number(row.kernel_us_sum),
      count: Number(row.count),
      flop: Number(row.gflop ?? 0) * 1e9,
      bytes: Number(row.moved_mib ?? 0) * 2 ** 20,
    }));

const isNear = (a: number, b: number, share: number): boolean => Math.abs(a - b) <= share * b + 1;

/** Our row of the same calls: their kernel time, else their operations. */
function pairOf(rows: readonly WorkRow[], told: Told): WorkRow | undefined {
  const byTime = rows.filter(
    (row) =>
      isNear(row.kernelUs, told.us, 0.03) && (told.flop === 0 || isNear(row.flop, told.flop, 0.06)),
  );
  const found =
    byTime.length > 0
      ? byTime
      : rows.filter((row) => row.count >= told.count && isNear(row.flop, told.flop, 0.01));
  return found.toSorted(
    (a, b) => Math.abs(a.kernelUs - told.us) - Math.abs(b.kernelUs - told.us),
  )[0];
}

describe.skipIf(!existsSync(LIMITS))(
  "against an independent tool (skipped without ../shared/limits)",
  () => {
    const reports = new Map<string, Report>();
    const traces = existsSync(LIMITS)
      ? readdirSync(LIMITS).map((name) => name.replace(/\.tsv$/, ""))
      : [];
    beforeAll(async () => {
      for (const trace of traces) reports.set(trace, await reportOf(trace));
    }, 120_000);

    test.each(traces)(
      "%s: operations of a call agree, in kernel time all but two hundredths",
      (trace) => {
        const rows = workOf(reports.get(trace)!);
        const told = toldIn(trace);
        const agree = told.filter((one) => {
          const row = pairOf(rows, one);
          return row !== undefined && isNear(row.flop, one.flop, 0.05);
        });
        const us = (all: readonly Told[]) => all.reduce((sum, one) => sum + one.us, 0);
        expect(us(agree) / us(told)).toBeGreaterThan(0.98);
      },
    );

    /**
     * Kernel time over floor by an independent estimate, over the rows that its tool has a figure for.
     * Over all that is modelled here the figure is another one: the tool leaves softmax, subtractions
     * and cosines out, which are further from their limits.
     */
    test.each([
      ["sglang-mi300x-qwen3-8b-decode", 2.5],
      ["sglang-mi300x-qwen3-8b-extend", 2.6],
      ["vllm-mi300x-gptoss-decode", 3.2],
      ["hf-h100-qwen1.5-0.5b", 1.8],
      ["hf-h100-owlv2", 3.1],
    ])("%s: on the rows of the tool about %d times the floor", (trace, times) => {
      const rows = workOf(reports.get(trace)!);
      let us = 0;
      let floorUs = 0;
      for (const one of toldIn(trace)) {
        const row = pairOf(rows, one)!;
        us += one.us;
        floorUs += (row.floorUs! * one.us) / row.kernelUs;
      }
      expect(Math.abs(us / floorUs / times - 1)).toBeLessThan(0.05);
    });

    test("the dense products of a decode step, by their median call", () => {
      const rows = workOf(reports.get("sglang-mi300x-qwen3-8b-decode")!);
      const products = rows.filter(({ op, count }) => op === "aten::mm" && count === 36);
      // The third has one launch of 149 us among 36 of 21: by the sum it is at 38 %.
      expect(products.map(({ usualPctOfLimit }) => Math.round(usualPctOfLimit!))).toEqual([
        58, 46, 45, 38,
      ]);
      expect(Math.round(products[2]!.pctOfLimit!)).toBe(38);
    });

    test("both products of the experts have a figure", () => {
      const rows = workOf(reports.get("vllm-mi300x-gptoss-decode")!);
      const experts = rows.filter(({ model }) => /^moe-forward-matmul/.test(model ?? ""));
      expect(experts.map(({ pctOfLimit }) => Math.round(pctOfLimit!)).sort()).toEqual([17, 40]);
    });
  },
);

const DENSE = {
  hidden_size: 4096,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  head_dim: 128,
  intermediate_size: 14_336,
  vocab_size: 128_256,
  hidden_act: "silu",
  torch_dtype: "bfloat16",
};
const EXPERTS = {
  ...DENSE,
  hidden_size: 2048,
  num_hidden_layers: 48,
  num_key_value_heads: 4,
  intermediate_size: 6144,
  vocab_size: 151_936,
  moe_intermediate_size: 768,
  num_experts: 128,
  num_experts_per_tok: 8,
};

describe.skipIf(!existsSync(ROLES))(
  "replays without shapes (skipped without ../shared/roles)",
  () => {
    test.each([
      ["sglang-b300-decode", DENSE],
      ["sglang-mi300x-qwen3-30b-a3b-decode", EXPERTS],
    ])(
      "%s: with a configuration each product is the recorded one, and none above 100 %%",
      async (trace, config) => {
        const folder = mkdtempSync(join(tmpdir(), "limits-"));
        writeFileSync(join(folder, "config.json"), JSON.stringify(config));
        const report = await reportOf(trace, { modelConfig: folder, tp: 1 });
        const rows = workOf(report).filter(({ shapesFrom }) => shapesFrom === "model-config");
        expect(report.stages[0]!.limits.modelledPct).toBeGreaterThan(97);
        expect(rows.filter(({ pctOfLimit }) => pctOfLimit! > 100)).toEqual([]);
        for (const { assuming } of rows) expect(assuming.length).toBeGreaterThan(0);
        // One row of the truth a kernel; the second kernel of a split product has the same.
        const truth = new Set(
          tsv(join(ROLES, `${trace}.tsv`)).flatMap(({ op, input_dims = "" }) => {
            const [, m, k, n] = /^\(\((\d+), (\d+)\), \(\d+, (\d+)\)\)$/.exec(input_dims) ?? [];
            return op === "aten::mm" && n !== undefined
              ? [2 * Number(m) * Number(k) * Number(n)]
              : [];
          }),
        );
        const products = rows.filter(({ op }) => op === "aten::mm").map(({ flop }) => flop);
        expect(truth.size).toBeGreaterThan(2);
        for (const flop of truth) expect(products).toContain(flop);
      },
    );

    test.each(["sglang-b300-decode", "sglang-mi300x-qwen3-30b-a3b-decode"])(
      "%s: without one line says what would tell",
      async (trace) => {
        const [stage] = (await reportOf(trace)).stages;
        expect(stage!.limits.unmodelled[0]!.why).toMatch(/--model-config config\.json/);
      },
    );
  },
);

/** Unpacks quickly enough for a test. */
const SMALL_BYTES = 2_500_000;

describe.skipIf(!hasSharedTraces)("on every real trace (skipped without ../shared/traces)", () => {
  const small = sharedTraces().filter(
    (path) => statSync(path).size < SMALL_BYTES && !path.includes("cpu-only"),
  );

  /** The same recording with all arguments of ops and collectives gone: names are all that is left. */
  function withoutArguments(path: string): string {
    const text = gunzipSync(readFileSync(path)).toString("utf8");
    const nameless = text.replace(
      /"(Input Dims|Concrete Inputs|Collective name|bytes)"/g,
      '"was $1"',
    );
    const file = join(mkdtempSync(join(tmpdir(), "limits-")), "names-alone.json");
    writeFileSync(file, nameless);
    return file;
  }

  test("there are such traces", () => {
    expect(small.length).toBeGreaterThan(20);
  });

  test.each(small)("%s: no figure rests on a kernel's name alone", async (path) => {
    const [own, bare] = [await reportsOf([path]), await reportsOf([withoutArguments(path)])];
    expect(bare.flatMap(workOf)).toEqual([]);
    for (const { stages } of bare)
      for (const { limits, timeline } of stages)
        if (timeline.gpuTimeUs > 0) expect(limits.unmodelled.length).toBeGreaterThan(0);
    for (const row of own.flatMap(workOf)) {
      // Arguments of an op and a model of it, or what copies and collectives say themselves.
      const isOwn = /^\d+(\.\d+)? B(, \d+ GPUs)?$/.test(row.dims);
      expect(row.model === null ? isOwn : row.dims.startsWith("["), `${row.op} ${row.dims}`).toBe(
        true,
      );
    }
  });

  test("a mapping of the same model without graphs tells replays what each layer computes", async () => {
    const plain = await reportOf("train-rtx3060-a");
    const mapping = [join(TRACES, "train-rtx3060-a")];
    const mapped = await reportOf("train-rtx3060-b", { mapping });
    const times = ({ stages }: Report) => stages[0]!.limits.timesFloor!;
    expect(Math.abs(times(mapped) / times(plain) - 1)).toBeLessThan(0.1);
    expect(mapped.stages[0]!.limits.modelledPct).toBeGreaterThan(65);
  });

  /** Asked for: 97 % of GPU time on serving traces with shapes, 90 % on others. */
  test.each([
    ["sglang-mi300x-qwen3-8b-decode", 97],
    ["sglang-mi300x-qwen3-8b-extend", 97],
    ["vllm-mi300x-gptoss-decode", 97],
    ["vllm-b200-tp8-eager", 97],
    ["hf-h100-qwen1.5-0.5b", 90],
    ["hf-h100-timesformer", 90],
    ["moe-b200-ep-before", 90],
    ["moe-b200-ep-after", 90],
    ["train-a100-multistream", 90],
    ["train-rtx3060-a", 90],
    ["triton-mi300x-small", 90],
  ])("%s: at least %d %% of GPU time is modelled", async (trace, least) => {
    const { stages } = await reportOf(trace);
    for (const { limits } of stages) expect(limits.modelledPct).toBeGreaterThan(least);
  });

  test.each([
    ["train-v100-4ranks", /^the recording holds no shapes of ops/],
    ["gpu-only-mi210", /^the recording holds no ops/],
  ])("%s: one line says what the recording lacks", async (trace, why) => {
    const [stage] = (await reportOf(trace)).stages;
    expect(stage!.limits.unmodelled).toHaveLength(1);
    expect(stage!.limits.unmodelled[0]!.why).toMatch(why);
  });
});
