import { describe, expect, test } from "vitest";
import { analyze } from "../../src/commands/triage.ts";
import type { FuseRow } from "../../src/model/contracts/report.ts";
import { DEFAULT_ANALYZE_OPTIONS } from "../../src/model/options.ts";
import { hasSharedTraces, SHARED_TRACES } from "../support/shared-traces.ts";

/** Fusion rows of the only stage of a trace, by rule. */
async function fuseRows(path: string): Promise<Map<string, FuseRow>> {
  const { reports } = await analyze({
    ...DEFAULT_ANALYZE_OPTIONS,
    inputs: [`${SHARED_TRACES}/${path}`],
    rulesPath: "rules",
    minSharePct: 0,
  });
  const [report] = reports;
  expect(report!.stages).toHaveLength(1);
  return new Map(report!.stages[0]!.fuse.map((row) => [row.rule, row]));
}

/** State, how often, share in percent, and launches per step. */
function brief(row: FuseRow | undefined) {
  if (row === undefined) return null;
  const launches = new Map<string, number>();
  for (const { step, launches: count } of row.evidence)
    launches.set(step, (launches.get(step) ?? 0) + count);
  const { active, partial, split } = row.counts;
  return {
    state: row.state,
    counts: [active, partial, split],
    sharePct: Math.round(row.sharePct * 10) / 10,
    launches: Object.fromEntries(launches),
  };
}

/** What an expert reads off these traces, kernel by kernel. */
describe.skipIf(!hasSharedTraces)(
  "rules for vLLM on real traces (skipped: no ../shared/traces)",
  () => {
    test("gpt-oss prefill on B200: collectives, cache write and padding apart", async () => {
      const rows = await fuseRows("vllm-b200-tp8-eager/eager_trace.json.gz");
      expect(brief(rows.get("vllm-allreduce-rmsnorm"))).toEqual({
        state: "split",
        counts: [0, 0, 72],
        sharePct: 26.7,
        launches: { stage_in: 72, ar: 72, stage_out: 72, norm: 72 },
      });
      expect(rows.get("vllm-allreduce-rmsnorm")!.alsoMatched).toContain("vllm-fused-add-rms-norm");
      expect(brief(rows.get("rope-fp8-quant-kv-write"))).toEqual({
        state: "split",
        counts: [0, 0, 36],
        sharePct: 4.5,
        launches: { rope: 36, copy: 36, quantise: 36, write: 36 },
      });
      expect(brief(rows.get("pad-mxfp8-quantize"))).toEqual({
        state: "split",
        counts: [0, 0, 36],
        sharePct: 4.6,
        launches: { fill: 36, copy: 36, quantise: 36 },
      });
    }, 60_000);

    test("gpt-oss decode on MI300X: token sort and cache write apart, SwiGLU inside", async () => {
      const rows = await fuseRows("vllm-mi300x-gptoss-decode");
      expect(brief(rows.get("moe-routing-sort"))).toEqual({
        state: "split",
        counts: [0, 0, 24],
        sharePct: 5.9,
        launches: { topk: 24, sort: 72, finalize: 24 },
      });
      // The first layer has no cast of its own.
      expect(brief(rows.get("vllm-rope-kvcache"))).toEqual({
        state: "split",
        counts: [0, 0, 24],
        sharePct: 5.4,
        launches: { cast: 23, rope: 24, write: 24 },
      });
      expect(brief(rows.get("vllm-triton-kernels-moe"))).toMatchObject({ counts: [24, 0, 0] });
      expect(rows.get("vllm-fused-add-rms-norm")?.state).toBe("active");
    }, 60_000);

    test("no rule takes a number format in a name for quantisation", async () => {
      const rows = await fuseRows("vllm-mi300x-gptoss-decode");
      const kernels = [...rows.values()].flatMap(({ evidence }) => evidence);
      const quantisers = kernels.filter(({ step }) => step.startsWith("quantise"));
      expect(quantisers).toEqual([]);
    }, 60_000);
  },
);
