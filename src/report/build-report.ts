import { compareText } from "../base/compare-text.ts";
import type { Action } from "../model/contracts/action.ts";
import { withoutHolesUs } from "../model/contracts/launch-bound.ts";
import {
  type KernelRow,
  type KernelSite,
  type OverlapRow,
  type Report,
  SCHEMA_VERSION,
  type StageReport,
} from "../model/contracts/report.ts";
import { STAGE_TITLE, STAGES, type StageName } from "../model/framework.ts";
import { percent } from "../model/trace/units.ts";
import { summarize } from "./summary.ts";

/** A report before shaping: every row the engine found; overlap and fuse rows in the policy's order. */
export type ReportDraft = Omit<Report, "schemaVersion" | "minSharePct" | "summary" | "hiddenRows">;

interface ReportCut {
  /** Rows below this percentage of the stage's GPU time are hidden and counted; 0 keeps every row. */
  readonly minSharePct: number;
  /** The one stage asked for, null for all. */
  readonly stage: StageName | null;
}

/** Orders stages and kernels, cuts what is small and sums up what the engine found. Pure. */
export function buildReport(draft: ReportDraft, { minSharePct, stage }: ReportCut): Report {
  const wanted = draft.stages.filter((one) => stage === null || one.stage === stage);
  const whole = [...wanted]
    .sort((a, b) => STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage))
    .map(orderStage);
  const actions = draft.actions
    .filter((one) => stage === null || one.stage === stage)
    .sort(bySaving);
  const stages = whole.map((one) => cutStage(one, minSharePct));
  return {
    ...draft,
    schemaVersion: SCHEMA_VERSION,
    minSharePct,
    actions: actions.slice(0, SHOWN_ACTIONS),
    stages,
    // Shares of categories need every kernel; findings are told only when they have a row.
    summary: summarize(
      stages.map((one, i) => ({ ...one, kernels: whole[i]!.kernels })),
      actions,
    ),
    hiddenRows: {
      kernels: rows(whole, "kernels") - rows(stages, "kernels"),
      overlap: rows(whole, "overlap") - rows(stages, "overlap"),
      fuse: rows(whole, "fuse") - rows(stages, "fuse"),
      actions: Math.max(0, actions.length - SHOWN_ACTIONS),
    },
    diagnostics: [...draft.diagnostics, ...missingStage(draft, stage)].sort(byDiagnostic),
  };
}

/** What an engineer can take in at once. */
const SHOWN_ACTIONS = 5;

/** What may be believed first, then what likely saves most, whatever the stage. */
function bySaving(a: Action, b: Action): number {
  const first = Number(b.kind === "recording") - Number(a.kind === "recording");
  if (first !== 0) return first;
  return b.likelyUs - a.likelyUs || compare(a.id, b.id);
}

function orderStage(stage: StageReport): StageReport {
  const kernels = stage.kernels.map((row) => ({ ...row, sites: [...row.sites].sort(bySite) }));
  return { ...stage, kernels: kernels.sort(byKernel) };
}

function cutStage(stage: StageReport, minSharePct: number): StageReport {
  const isShown = ({ sharePct }: { readonly sharePct: number }): boolean => sharePct >= minSharePct;
  const fuse = stage.fuse.filter(isShown);
  const rules = new Set(fuse.map(({ rule }) => rule));
  const { excerpt } = stage;
  return {
    ...stage,
    kernels: stage.kernels.filter(isShown),
    overlap: stage.overlap.filter((row) => isShown(row) && isWorthIt(row, stage, minSharePct)),
    fuse,
    excerpt: excerpt && { ...excerpt, fuse: excerpt.fuse.filter(({ rule }) => rules.has(rule)) },
  };
}

/** A row that asks for something brings at least the cut; one that says "nothing to do" may stay. */
function isWorthIt(
  { priority, saveAtMostUs }: OverlapRow,
  { timeline }: StageReport,
  minSharePct: number,
): boolean {
  return priority === null || percent(saveAtMostUs, withoutHolesUs(timeline)) >= minSharePct;
}

type TableName = "kernels" | "overlap" | "fuse";

function rows(
  stages: readonly Readonly<Record<TableName, readonly unknown[]>>[],
  table: TableName,
): number {
  return stages.reduce((sum, stage) => sum + stage[table].length, 0);
}

function missingStage(draft: ReportDraft, stage: StageName | null): Report["diagnostics"] {
  if (stage === null || draft.stages.some((one) => one.stage === stage)) return [];
  const found = draft.stages.map((one) => STAGE_TITLE[one.stage]).join(", ");
  return [
    {
      severity: "warning",
      code: "report/no-such-stage",
      message: `No ${STAGE_TITLE[stage]} stage in this trace; found: ${found === "" ? "none" : found}.`,
      path: null,
    },
  ];
}

/** By code unit, as everywhere; null after every text. */
function compare(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return compareText(a, b);
}

function byKernel(a: KernelRow, b: KernelRow): number {
  return b.totalUs - a.totalUs || compare(a.name, b.name);
}

function bySite(a: KernelSite, b: KernelSite): number {
  return (
    b.totalUs - a.totalUs ||
    compare(a.location, b.location) ||
    compare(a.function, b.function) ||
    compare(a.module, b.module) ||
    compare(a.cpuOp, b.cpuOp) ||
    compare(a.via, b.via)
  );
}

const SEVERITIES = ["error", "warning", "info"] as const;

function byDiagnostic(a: Report["diagnostics"][number], b: Report["diagnostics"][number]): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    compare(a.path, b.path) ||
    compare(a.code, b.code) ||
    compare(a.message, b.message)
  );
}
