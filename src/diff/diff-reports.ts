import {
  DIFF_SCHEMA_VERSION,
  type Diff,
  type DiffSide,
  type DiffWarning,
  type Thresholds,
} from "../model/diff.ts";
import { STAGES } from "../model/framework.ts";
import type { Report, StageReport } from "../model/report.ts";
import { diffStage } from "./diff-stage.ts";
import { judgeAll } from "./verdict.ts";

/**
 * Two reports compared, stage by stage. Rows that one of them hides are compared with nothing, so
 * both are cut at the larger of their limits. Pure and symmetric.
 */
export function diffReports(
  before: Report,
  after: Report,
  thresholds: Thresholds,
): Omit<Diff, "tool" | "budgets"> {
  const minSharePct = Math.max(before.minSharePct, after.minSharePct);
  const stageOf = ({ stages }: Report, name: string): StageReport | undefined =>
    stages.find(({ stage }) => stage === name);
  const stages = STAGES.flatMap((name) => {
    const [one, other] = [stageOf(before, name), stageOf(after, name)];
    if (one === undefined || other === undefined) return [];
    const pair = { before: cut(one, minSharePct), after: cut(other, minSharePct) };
    return [diffStage(pair, thresholds, minSharePct)];
  });
  const only = (mine: Report, theirs: Report) =>
    STAGES.filter((name) => stageOf(mine, name) && !stageOf(theirs, name));
  const onlyBefore = only(before, after);
  const onlyAfter = only(after, before);
  return {
    schemaVersion: DIFF_SCHEMA_VERSION,
    before: sideOf(before),
    after: sideOf(after),
    warnings: warningsOf(before, after),
    minSharePct,
    thresholds,
    verdict: judgeAll(stages, onlyBefore, onlyAfter),
    onlyBefore,
    onlyAfter,
    stages,
  };
}

function cut(stage: StageReport, minSharePct: number): StageReport {
  const isShown = ({ sharePct }: { readonly sharePct: number }): boolean => sharePct >= minSharePct;
  return { ...stage, kernels: stage.kernels.filter(isShown), fuse: stage.fuse.filter(isShown) };
}

function sideOf({ traces, framework, model, gpu, rules }: Report): DiffSide {
  return {
    traces: traces.filter(({ role }) => role !== "capture").map(({ path }) => path),
    framework,
    model,
    gpu: gpu.name ?? gpu.arch,
    rulesDigest: rules.digest,
  };
}

/** What differs in the heads of the reports, or is wrong with either. */
function warningsOf(before: Report, after: Report): readonly DiffWarning[] {
  const facts: readonly (readonly [string, string, (report: Report) => unknown])[] = [
    ["gpu", "another GPU", ({ gpu }) => gpu.name ?? gpu.arch],
    ["gpu-count", "another number of GPUs", ({ gpu }) => gpu.count],
    ["framework", "another framework", ({ framework }) => framework],
    ["model", "another model", ({ model }) => model],
    ["tp", "another tensor-parallel size", ({ parallel }) => parallel.tp],
    ["pp", "another pipeline-parallel size", ({ parallel }) => parallel.pp],
    ["dp", "another data-parallel size", ({ parallel }) => parallel.dp],
    ["ep", "another expert-parallel size", ({ parallel }) => parallel.ep],
    [
      "rules",
      "other rules: states may differ by the rules alone",
      ({ rules }) => rules.digest.slice(0, 12),
    ],
    ["tool", "another version of the program", ({ tool }) => tool.version],
    ["mode", "another mode", ({ mode }) => mode],
    ["rank", "another rank", ({ traces }) => traces[0]?.rank ?? null],
  ];
  const partial = (side: string, { traces }: Report): DiffWarning[] =>
    traces
      .filter(({ complete }) => !complete)
      .map(({ path }) => ({
        code: "diff/incomplete",
        message: `${side}: ${path} is damaged, only a part of it was read`,
      }));
  return [
    ...facts.flatMap(([code, words, of]): DiffWarning[] => {
      const [one, other] = [of(before), of(after)];
      if (one === other) return [];
      const told = (value: unknown): string => (value === null ? "unknown" : String(value));
      return [{ code: `diff/${code}`, message: `${words}: ${told(one)} → ${told(other)}` }];
    }),
    ...partial("before", before),
    ...partial("after", after),
  ];
}
