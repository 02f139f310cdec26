import {
  DIFF_SCHEMA_VERSION,
  type Diff,
  type DiffSide,
  type Thresholds,
} from "../model/contracts/diff.ts";
import { healthInWords } from "../model/contracts/health.ts";
import type { Report, StageReport } from "../model/contracts/report.ts";
import { STAGES } from "../model/framework.ts";
import { diffStage } from "./diff-stage.ts";
import { doubtsOf, otherWork } from "./doubts.ts";
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
  const warnings = doubtsOf(before, after);
  const stageOf = ({ stages }: Report, name: string): StageReport | undefined =>
    stages.find(({ stage }) => stage === name);
  const stages = STAGES.flatMap((name) => {
    const [one, other] = [stageOf(before, name), stageOf(after, name)];
    if (one === undefined || other === undefined) return [];
    const pair = { before: cut(one, minSharePct), after: cut(other, minSharePct) };
    return [diffStage(pair, thresholds, minSharePct, otherWork(warnings, name))];
  });
  const only = (mine: Report, theirs: Report) =>
    STAGES.filter((name) => stageOf(mine, name) && !stageOf(theirs, name));
  const onlyBefore = only(before, after);
  const onlyAfter = only(after, before);
  return {
    schemaVersion: DIFF_SCHEMA_VERSION,
    before: sideOf(before),
    after: sideOf(after),
    warnings,
    doubtful: warnings.length > 0,
    minSharePct,
    thresholds,
    verdict: judgeAll(stages, onlyBefore, onlyAfter, warnings),
    onlyBefore,
    onlyAfter,
    stages,
  };
}

function cut(stage: StageReport, minSharePct: number): StageReport {
  const isShown = ({ sharePct }: { readonly sharePct: number }): boolean => sharePct >= minSharePct;
  return { ...stage, kernels: stage.kernels.filter(isShown), fuse: stage.fuse.filter(isShown) };
}

function sideOf({ traces, framework, model, gpu, rules, health }: Report): DiffSide {
  return {
    traces: traces.filter(({ role }) => role !== "capture").map(({ path }) => path),
    framework,
    model,
    gpu: gpu.name ?? gpu.arch,
    rulesDigest: rules.digest,
    health: health.findings.map(healthInWords),
  };
}
