import { analyze } from "../../src/commands/triage.ts";
import { diffReports } from "../../src/diff/diff-reports.ts";
import { DEFAULT_THRESHOLDS } from "../../src/diff/noise.ts";
import type { Diff } from "../../src/model/contracts/diff.ts";
import type { Report } from "../../src/model/contracts/report.ts";
import { DEFAULT_ANALYZE_OPTIONS } from "../../src/model/options.ts";
import { type TraceSpec, traceSpec } from "../support/synth/spec.ts";
import { synthesise } from "../support/synth/synthesise.ts";
import { writeTrace } from "../support/synth/write.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const STEP = { stage: "decode", batchSize: 32, tokens: 32, mode: "graph" } as const;

/** Five decode steps of a small MoE model as graph replays, every time scattered by ±3 %. */
export const SPEC: TraceSpec = traceSpec({
  engine: "sglang",
  tp: 2,
  layers: 8,
  steps: Array(5).fill(STEP),
  features: ["fused-allreduce-norm"],
  timing: { jitter: 0.03 },
});

/** Attention 20 % slower, the all-reduce without its norm, and a dearer graph launch. */
export const WORSE: Partial<TraceSpec> = {
  slower: { attention: 1.2 },
  features: [],
  timing: { jitter: 0.03, graphLaunchNs: 900_000 },
};

/** Path of the trace of a spec; gone after the test that asks first. */
export function tracePath(name: string, part: Partial<TraceSpec> = {}): string {
  const path = `${temporaryFolder({})}/${name}.json`;
  writeTrace(synthesise({ ...SPEC, ...part }), path);
  return path;
}

export async function reportOf(
  input: string,
  rulesPath = "rules",
  minSharePct = 0,
): Promise<Report> {
  const options = { ...DEFAULT_ANALYZE_OPTIONS, inputs: [input], rulesPath, minSharePct };
  return (await analyze(options)).reports[0]!;
}

export function diffOf(before: Report, after: Report): Omit<Diff, "tool" | "budgets"> {
  return diffReports(before, after, DEFAULT_THRESHOLDS);
}

/** What a diff says happened, without numbers. */
export function news({ stages }: Pick<Diff, "stages">) {
  const quiet = new Set(["within-noise", "negligible", "inconclusive"]);
  return stages.map(({ metrics, kernels, positions, rules }) => ({
    metrics: metrics
      .filter(({ change }) => !quiet.has(change))
      .map(({ metric, change }) => `${metric} ${change}`),
    kernels: kernels
      .filter(({ change }) => !quiet.has(change))
      .map(({ change, before, after, explainedBy }) =>
        [(before ?? after!).shortName.slice(0, 40), change, explainedBy ?? ""].join("|").trim(),
      ),
    positions: positions
      .filter(({ change }) => !quiet.has(change))
      .map(({ change, before, after }) => `${before?.position} → ${after?.position} ${change}`),
    rules: rules.map(({ rule, change }) => `${rule} ${change}`),
  }));
}
