import { join } from "node:path";
import { expect, test } from "vitest";
import { ranksSideBySide } from "../../src/commands/ranks.ts";
import { analyze } from "../../src/commands/triage.ts";
import type { StageReport } from "../../src/model/contracts/report.ts";
import { DEFAULT_ANALYZE_OPTIONS } from "../../src/model/options.ts";
import { mergeRanks, rankLabel } from "../support/synth/merge.ts";
import { record } from "../support/synth/record.ts";
import { traceText } from "../support/synth/serialise.ts";
import { traceSpec } from "../support/synth/spec.ts";
import { ENGINES, scene } from "../support/synth/synthesise.ts";
import { isGpuEvent, type SynthTrace } from "../support/synth/trace.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** Equal ids mean other kernels on the other rank: whoever mixes them up puts them elsewhere. */
const ranks = [["fused-allreduce-norm"], []].map((features, rank) => {
  const spec = traceSpec({ engine: "sglang", tp: 2, layers: 2, features });
  return record(scene(spec, rank, ENGINES.sglang.session(spec)));
});

function fileOf(trace: SynthTrace, name: string): string {
  return join(temporaryFolder({ [name]: traceText(trace) }), name);
}

async function stagesOf(
  path: string,
  pidSubstring: string | null,
): Promise<readonly StageReport[]> {
  const { reports } = await analyze({
    ...DEFAULT_ANALYZE_OPTIONS,
    inputs: [path],
    rulesPath: "rules",
    minSharePct: 0,
    pidSubstring,
  });
  return reports[0]!.stages;
}

test("ids of different ranks in one file are equal, so this test tests something", () => {
  const correlations = ranks.map(
    ({ events }) => new Set(events.filter(isGpuEvent).map(({ args }) => args!.correlation)),
  );
  expect([...correlations[0]!].filter((id) => correlations[1]!.has(id)).length).toBeGreaterThan(20);
});

test.each([0, 1])(
  "rank %s of a merged trace has the kernel table of its own file",
  async (rank) => {
    const alone = await stagesOf(fileOf(ranks[rank]!, `1-TP-${rank}.trace.json`), null);
    const merged = await stagesOf(
      fileOf(mergeRanks(ranks), "merged-1.trace.json"),
      rankLabel(rank),
    );
    expect(merged.map(({ stage }) => stage)).toEqual(alone.map(({ stage }) => stage));
    expect(merged.map(({ kernels }) => kernels)).toEqual(alone.map(({ kernels }) => kernels));
    expect(alone[0]!.kernels.some(({ sites }) => sites.some(({ via }) => via === "direct"))).toBe(
      true,
    );
  },
);

test("ranks of a merged trace are not compared: what to do instead is said", async () => {
  const path = fileOf(mergeRanks(ranks), "merged-1.trace.json");
  const options = { ...DEFAULT_ANALYZE_OPTIONS, inputs: [path], rulesPath: "rules" };
  await expect(ranksSideBySide(options)).rejects.toMatchObject({
    code: "ranks/merged-trace",
    exit: 2,
    message: expect.stringMatching(/\[TP00\] 0, \[TP01\] 1/),
    hint: expect.stringContaining("--pid-substring"),
  });
});
