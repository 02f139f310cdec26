import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { analyze } from "../../../src/commands/triage.ts";
import { type AnalyzeOptions, DEFAULT_ANALYZE_OPTIONS } from "../../../src/model/options.ts";
import { chooseCaptures } from "../../../src/pipeline/inputs/lenders.ts";
import { mappingFormalPair } from "../../support/synth/pairs.ts";
import type { SynthTrace } from "../../support/synth/trace.ts";
import { writeTrace } from "../../support/synth/write.ts";

const pair = mappingFormalPair({ gpu: "h100" });

/** A run directory with one trace, and server args when given. */
function run(trace: SynthTrace, serverArgs: Record<string, unknown> | null = null): string {
  const folder = mkdtempSync(join(tmpdir(), "run-"));
  writeTrace(trace, join(folder, "1-TP-0-DECODE.trace.json.gz"));
  if (serverArgs !== null)
    writeFileSync(join(folder, "server_args.json"), JSON.stringify(serverArgs));
  return folder;
}

function triage(mapping: string | null, formal: string, more: Partial<AnalyzeOptions> = {}) {
  return analyze({
    ...DEFAULT_ANALYZE_OPTIONS,
    inputs: mapping === null ? [formal] : [],
    mapping: mapping === null ? [] : [mapping],
    formal: mapping === null ? [] : [formal],
    rulesPath: "rules",
    ...more,
  });
}

test("a mapping trace locates the graph replays of the formal one, and the report says how", async () => {
  const { reports } = await triage(run(pair.mapping), run(pair.formal));
  const [report] = reports;
  expect(report!.mode).toBe("mapping-formal");
  expect(report!.traces.map(({ role }) => role)).toEqual(["input", "mapping"]);
  expect(report!.located.byMethod["mapping-sequence"]).toBeGreaterThan(90);
  const remark = report!.diagnostics.find(({ code }) => code === "graph/located");
  expect(remark?.message).toMatch(/\d+ of \d+ replayed kernels aligned with \d+ launches/);
  const located = report!.stages[0]!.kernels.flatMap(({ sites }) => sites.map(({ via }) => via));
  expect(located).toContain("mapping-sequence");
});

test("without a mapping trace the report says what to record", async () => {
  const { reports } = await triage(null, run(pair.formal));
  expect(reports[0]!.located.pct).toBeLessThan(10);
  const remark = reports[0]!.diagnostics.find(({ code }) => code === "graph/not-located");
  expect(remark?.message).toContain("--mapping-input");
});

test.each([
  [
    { model_path: "a", tp_size: 1 },
    { model_path: "b", tp_size: 1 },
    "model a in the mapping trace, b",
  ],
  [{ model_path: "a", tp_size: 2 }, { model_path: "a", tp_size: 1 }, "tensor-parallel size 2"],
])("a mapping trace of another run is refused: %o against %o", async (lent, asked, reason) => {
  const [mapping, formal] = [run(pair.mapping, lent), run(pair.formal, asked)];
  await expect(triage(mapping, formal)).rejects.toMatchObject({
    code: "mapping/mismatch",
    exit: 6,
    message: expect.stringContaining(reason),
  });
  const forced = await triage(mapping, formal, { force: true });
  expect(forced.reports[0]!.located.byMethod["mapping-sequence"]).toBeGreaterThan(90);
  expect(forced.reports[0]!.diagnostics.map(({ code }) => code)).toContain("mapping/mismatch");
});

test("another GPU is another run", async () => {
  const other = mappingFormalPair({ gpu: "b200" });
  await expect(triage(run(other.mapping), run(pair.formal))).rejects.toMatchObject({
    code: "mapping/mismatch",
  });
});

test("of several captures only those that the steps' batch can have run are read", () => {
  const files = [8, 16, 32, 64].map((batchSize) => ({ batchSize }));
  expect(chooseCaptures(files, [13])).toEqual([{ batchSize: 16 }]);
  expect(chooseCaptures(files, [13, 64])).toEqual([{ batchSize: 16 }, { batchSize: 64 }]);
  expect(chooseCaptures(files, [null])).toEqual(files);
  expect(chooseCaptures([...files, { batchSize: null }], [13])).toHaveLength(5);
});
