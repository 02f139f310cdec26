import { describe, expect, test } from "vitest";
import { analyze } from "../../src/commands/triage.ts";
import type { OverlapRow } from "../../src/model/contracts/report.ts";
import { DEFAULT_ANALYZE_OPTIONS } from "../../src/model/options.ts";
import { hasSharedTraces, SHARED_TRACES } from "../support/shared-traces.ts";

/** Rows of overlap rules, rows that the policy makes by kernel left out. */
async function ruleRows(path: string): Promise<OverlapRow[]> {
  const { reports } = await analyze({
    ...DEFAULT_ANALYZE_OPTIONS,
    inputs: [path],
    rulesPath: "rules",
    minSharePct: 0,
  });
  return reports
    .flatMap((report) => report.stages)
    .flatMap((stage) => stage.overlap)
    .filter((row) => row.rule !== null);
}

test("the combine runs beside the shared expert, and nothing beside the dispatch", async () => {
  const rows = await ruleRows("examples/two-stream-overlap");
  expect(rows.map(({ rule, verdict }) => [rule, verdict])).toEqual([
    ["sgl-sbo-combine-shared", "overlapped"],
  ]);
  const [row] = rows;
  expect(row!.kernel).toMatch(/intranode::combine.*sm90_fp8_gemm/);
  // Six layers of one combine (212.5us) and the larger product under it (92us).
  expect(row!.totalUs).toBeCloseTo(6 * (212.5 + 92), 0);
  expect(row!.rationale).toContain("6x");
}, 60_000);

test.each(["examples/sglang-tp2-decode", "examples/vllm-eager"])(
  "%s runs on one stream, and no known overlap is missing",
  async (path) => {
    expect(await ruleRows(path)).toEqual([]);
  },
  60_000,
);

describe.skipIf(!hasSharedTraces)(
  "overlap rules on real traces (skipped: no ../shared/traces)",
  () => {
    // The second stream of the one prepares the next batch; the other hides NCCL in training.
    test.each(["sglang-b300-decode", "train-a100-multistream"])(
      "%s has two streams, and no serving overlap",
      async (path) => {
        expect(await ruleRows(`${SHARED_TRACES}/${path}`)).toEqual([]);
      },
      60_000,
    );
  },
);
