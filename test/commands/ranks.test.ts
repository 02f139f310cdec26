import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { ranksSideBySide } from "../../src/commands/ranks.ts";
import type { RanksReport, RanksStage } from "../../src/model/contracts/ranks.ts";
import { type AnalyzeOptions, DEFAULT_ANALYZE_OPTIONS } from "../../src/model/options.ts";
import { RANKS_FORMATS } from "../../src/report/ranks/document.ts";
import { cutAt } from "../support/synth/damage.ts";
import { record } from "../support/synth/record.ts";
import { traceText } from "../support/synth/serialise.ts";
import { type TraceSpec, traceSpec } from "../support/synth/spec.ts";
import { ENGINES, scene, synthesiseRanks } from "../support/synth/synthesise.ts";
import { endOf, isGpuEvent, type SynthTrace } from "../support/synth/trace.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const schema = JSON.parse(readFileSync("references/ranks.schema.json", "utf8"));
const validate = new Ajv2020({ strict: true, strictTypes: false, allErrors: true }).compile(schema);

const STEP = { stage: "decode", batchSize: 32, tokens: 32, mode: "graph" } as const;
const SLOW = 2;

function spec(part: Partial<TraceSpec> = {}): TraceSpec {
  return traceSpec({
    engine: "sglang",
    tp: 4,
    layers: 2,
    steps: [STEP, STEP, STEP],
    timing: { jitter: 0 },
    stacks: false,
    shapes: false,
    ...part,
  });
}

/** Rank 2's expert GEMM takes a tenth longer. */
const even = synthesiseRanks(spec());
const uneven = synthesiseRanks(spec({ slowerByRank: [{}, {}, { experts_up: 1.1 }] }));

function folderOf(traces: readonly (SynthTrace | string)[]): string {
  return temporaryFolder(
    Object.fromEntries(
      traces.map((trace, rank) => [
        `1-TP-${rank}-DECODE.trace.json`,
        typeof trace === "string" ? trace : traceText(trace),
      ]),
    ),
  );
}

let ofUneven: Promise<RanksReport> | null = null;

/** What several tests look at. */
function comparedUneven(): Promise<RanksReport> {
  ofUneven ??= compared(uneven);
  return ofUneven;
}

async function compared(
  traces: readonly (SynthTrace | string)[],
  more: Partial<AnalyzeOptions> = {},
): Promise<RanksReport> {
  const inputs = [folderOf(traces)];
  const options = { ...DEFAULT_ANALYZE_OPTIONS, inputs, rulesPath: "rules", allRanks: true };
  return ranksSideBySide({ ...options, ...more });
}

function decodeOf({ stages }: RanksReport): RanksStage {
  return stages.find(({ stage }) => stage === "decode")!;
}

function gpuTimeOf(trace: SynthTrace, role: string): number {
  return trace.truth.kernels
    .filter((kernel) => kernel.role === role)
    .reduce((sum, { event }) => sum + event.dur!, 0);
}

test("ranks alike: nobody is slow and nobody waits", async () => {
  const report = await compared(even);
  const { stragglers, ranks, collectives } = decodeOf(report);
  expect(stragglers).toEqual([]);
  expect(ranks.map(({ steps, waitingUs }) => [steps, waitingUs])).toEqual([
    [3, 0],
    [3, 0],
    [3, 0],
    [3, 0],
  ]);
  expect(collectives.flatMap(({ ranks: rows }) => rows.map(({ last }) => last))).toEqual(
    collectives.flatMap(() => [0, 0, 0, 0]),
  );
});

test("a slow GEMM names its rank and kernel, and the others wait exactly as long as it costs", async () => {
  const { stragglers, ranks, collectives } = decodeOf(await comparedUneven());
  const injectedUs =
    (gpuTimeOf(uneven[SLOW]!, "experts_up") - gpuTimeOf(even[SLOW]!, "experts_up")) / 1000;
  expect(injectedUs).toBeGreaterThan(10);
  expect(stragglers.map(({ label }) => label)).toEqual(["2"]);
  const [slow] = stragglers;
  expect(slow!.slowerByUs).toBeCloseTo(injectedUs / 3, 2);
  expect(slow!.losses.map(({ us }) => us)[0]).toBeCloseTo(injectedUs / 3, 2);
  const kernel = uneven[SLOW]!.truth.kernels.find(({ role }) => role === "experts_up")!.event.name;
  expect(slow!.losses[1]!.kernel).toBe(kernel);
  for (const { label, waitingUs } of ranks)
    expect(waitingUs).toBeCloseTo(label === "2" ? 0 : injectedUs, 2);
  const moved = collectives.reduce((sum, { movingUs }) => sum + movingUs, 0);
  const alone = collectives.map(({ ranks: rows }) => rows[SLOW]!);
  expect(alone.reduce((sum, { totalUs }) => sum + totalUs, 0)).toBeCloseTo(moved, 3);
  expect(alone.some(({ last }) => last > 0)).toBe(true);
  expect(collectives.flatMap(({ ranks: [first] }) => first!.last)).toEqual(
    collectives.map(() => 0),
  );
});

test("clocks that do not agree change nothing", async () => {
  const skewed = uneven.map((trace, rank) => ({ ...trace, baseUs: trace.baseUs + 37_000 * rank }));
  expect((await compared(skewed)).stages).toEqual((await comparedUneven()).stages);
});

test("a rank that is not here is named, with what that means for the others", async () => {
  const report = await compared([uneven[0]!, uneven[1]!]);
  expect(report.remarks.map(({ code, message }) => `${code} ${message}`)).toContainEqual(
    expect.stringMatching(/^ranks\/missing no measurements of rank 2, 3 of 4/),
  );
});

test("a truncated rank is matched as far as it goes, and neither judged nor compared with", async () => {
  const text = traceText(uneven[1]!);
  const lastKernel = Math.max(...uneven[1]!.events.filter(isGpuEvent).map(endOf));
  expect(lastKernel).toBeGreaterThan(0);
  const report = await compared([uneven[0]!, cutAt(text, 0.8), uneven[2]!, uneven[3]!]);
  expect(report.ranks.map(({ state }) => state)).toEqual([
    "complete",
    "partial",
    "complete",
    "complete",
  ]);
  const { stragglers, collectives, leftOut } = decodeOf(report);
  expect(stragglers.map(({ label }) => label)).toEqual(["2"]);
  expect(leftOut.length).toBeGreaterThan(0);
  for (const { matched, ranks } of collectives)
    expect(matched).toBe(Math.min(...ranks.map(({ launches }) => launches)));
  // The shortest is still the slow rank's, launch by launch.
  expect(collectives.flatMap(({ ranks }) => ranks[SLOW]!.waitingUs)).toEqual(
    collectives.map(() => 0),
  );
});

test("a rank that cannot be read does not lose the others", async () => {
  const report = await compared([uneven[0]!, '{"traceEvents": [', uneven[2]!, uneven[3]!]);
  expect(report.ranks.map(({ state }) => state)).toEqual([
    "complete",
    "unreadable",
    "complete",
    "complete",
  ]);
  expect(decodeOf(report).stragglers.map(({ label }) => label)).toEqual(["2"]);
  expect(report.remarks[0]!.code).toBe("ranks/unreadable");
});

test("a rank with one step more is laid where its collectives end with the others'", async () => {
  const [more] = [spec({ steps: [STEP, STEP, STEP, STEP] })];
  const longer = record(scene(more, 0, ENGINES.sglang.session(more)));
  const { ranks, collectives, leftOut } = decodeOf(
    await compared([longer, even[1]!, even[2]!, even[3]!]),
  );
  expect(ranks.map(({ steps }) => steps)).toEqual([4, 3, 3, 3]);
  for (const { matched, ranks: rows } of collectives) {
    expect(rows.map(({ launches }) => launches * 3)).toEqual([
      matched * 4,
      ...Array(3).fill(matched * 3),
    ]);
  }
  expect(leftOut).toHaveLength(collectives.length);
  expect(ranks.map(({ waitingUs }) => waitingUs)).toEqual([0, 0, 0, 0]);
});

test("one rank is nothing to compare, and two of one rank are no job", async () => {
  await expect(compared([even[0]!])).rejects.toMatchObject({ code: "ranks/too-few", exit: 2 });
  const folder = folderOf(even.slice(0, 2));
  const file = join(folder, "1-TP-0-DECODE.trace.json");
  const options = { ...DEFAULT_ANALYZE_OPTIONS, rulesPath: "rules" };
  await expect(ranksSideBySide({ ...options, inputs: [file, file] })).rejects.toMatchObject({
    code: "ranks/twice",
  });
});

test("JSON fits its schema, and every format ends with one newline", async () => {
  const report = await compared([uneven[0]!, '{"traceEvents": [', uneven[2]!, uneven[3]!]);
  const options = { width: 100, color: false };
  const json = RANKS_FORMATS.json(report, options);
  expect(validate(JSON.parse(json)), JSON.stringify(validate.errors)).toBe(true);
  const { summary: _, ...short } = JSON.parse(json);
  expect(validate(short)).toBe(false);
  expect(
    RANKS_FORMATS.json(
      await compared([uneven[0]!, '{"traceEvents": [', uneven[2]!, uneven[3]!]),
      options,
    ).replace(/fuse-triage-\w+/g, ""),
  ).toBe(json.replace(/fuse-triage-\w+/g, ""));
  for (const format of [RANKS_FORMATS.text, RANKS_FORMATS.markdown, RANKS_FORMATS.html]) {
    const text = format(report, options);
    expect(text).toMatch(/[^\n]\n$/);
    expect(text).toMatch(/rank 2 is .* a step slower than the others/s);
  }
});
