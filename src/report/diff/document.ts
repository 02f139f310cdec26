import type { Diff, DiffSide, KernelDiff, StageDiff } from "../../model/contracts/diff.ts";
import { MOSTLY_IDLE_PCT } from "../../model/contracts/launch-bound.ts";
import { STAGE_TITLE } from "../../model/framework.ts";
import { type Block, list, section, table } from "../document/block.ts";
import type { PageOptions } from "../document/format.ts";
import { formatsOf } from "../document/formats.ts";
import { counted, timeInWords } from "../numbers.ts";
import { type Line, type Span, span } from "../table.ts";
import { kernelTable, metricTable, phaseTable, positionTable, ruleTable } from "./tables.ts";

interface DiffOptions extends PageOptions {
  /** Gates that failed, in words. */
  readonly failures: readonly string[];
}

/** Every format of `triage diff`. */
export const DIFF_FORMATS = formatsOf("diff", diffDocument);

/** Warnings first, then the verdict, then each stage: its times, what changed, what cannot be told. */
function diffDocument(diff: Diff, { failures }: DiffOptions): readonly Block[] {
  const lines = (title: string, found: readonly Line[]): readonly Block[] =>
    section([span(title)], ...list(...found));
  return [
    { kind: "title", text: `${diff.tool.name} ${diff.tool.version} diff` },
    ...list(sideLine("Before", diff.before), sideLine("After", diff.after)),
    ...lines("Health", [
      ...healthLines("before", diff.before),
      ...healthLines("after", diff.after),
    ]),
    ...lines(
      "Warnings",
      diff.warnings.map(({ message }) => [span(message, "warn")]),
    ),
    ...lines("Verdict", [verdictLine(diff)]),
    ...lines(
      "Failed",
      failures.map((text) => [span(text, "bad")]),
    ),
    ...lines(
      "Budgets",
      diff.budgets.map(({ budget, failed, reason }) => [
        span(failed ? "failed " : "kept ", failed ? "bad" : "good"),
        span(budget, "code"),
        span(`: ${reason}`),
      ]),
    ),
    ...diff.stages.flatMap(stageBlocks),
    ...list(...cutLine(diff)),
  ];
}

function sideLine(title: string, { traces, framework, model, gpu }: DiffSide): Line {
  const facts = [framework, model, gpu].filter((fact) => fact !== null).join(", ");
  return [span(`${title}: `, "dim"), span(traces.join(", "), "code"), span(` (${facts})`, "dim")];
}

function healthLines(side: string, { health }: DiffSide): readonly Line[] {
  return health.map((words) => [span(`${side}: `, "dim"), span(words, "warn")]);
}

function verdictLine({ verdict }: Diff): Line {
  const tones: Readonly<Record<string, Span["tone"]>> = {
    slower: "bad",
    faster: "good",
    mixed: "warn",
  };
  return [
    span(`${verdict.change.replace("-", " ")}: `, tones[verdict.change] ?? "strong"),
    span(verdict.text),
  ];
}

function stageBlocks(stage: StageDiff): readonly Block[] {
  if (stage.verdict.change === "identical") return [];
  const { before, after } = stage.steps;
  const tables = [
    metricTable(stage),
    phaseTable(stage),
    kernelTable(stage),
    positionTable(stage),
    ruleTable(stage),
  ];
  return section(
    [span(`${STAGE_TITLE[stage.stage]} (${counted(before, "step")} → ${counted(after, "step")})`)],
    ...tables.filter(({ rows }, at) => at === 0 || rows.length > 0).map(table),
    ...list(...stageNotes(stage)),
  );
}

function stageNotes(stage: StageDiff): readonly Line[] {
  const { kernels, idleCauses, hostIdlePct, launchRatio } = stage;
  const count = (change: KernelDiff["change"]): number =>
    kernels.filter((row) => row.change === change).length;
  const quiet = [
    `${count("within-noise")} within noise`,
    `${count("negligible")} with a negligible change`,
    `${count("inconclusive")} inconclusive`,
  ];
  const idle = idleCauses.map(
    ({ cause, beforeUs, afterUs }) => `${cause} ${timeInWords(beforeUs)} → ${timeInWords(afterUs)}`,
  );
  const notes = [`Other kernels: ${quiet.join(", ")}.`];
  // What ran outside the steps fills the stage's idle time, and causes are told of the stage.
  const isBeside = kernels.some(({ before, after }) =>
    [before, after].some((side) => side !== null && side.launchesPerStep === 0),
  );
  if (idle.length > 0 && !isBeside)
    notes.push(`Idle of a step by cause, mean: ${idle.join(", ")}.`);
  if (hostIdlePct.before >= MOSTLY_IDLE_PCT !== hostIdlePct.after >= MOSTLY_IDLE_PCT)
    notes.push(
      `The stage ${hostIdlePct.after >= MOSTLY_IDLE_PCT ? "became" : "no longer is"} launch-bound: the GPU waits for the host ${hostIdlePct.before.toFixed(1)}% → ${hostIdlePct.after.toFixed(1)}% of the time.`,
    );
  const { before: was, after: is } = stage.timesFloor;
  if (was !== null && is !== null)
    notes.push(
      `Kernels whose work is known took ${was.toFixed(1)} → ${is.toFixed(1)} times what their machine needs at least.`,
    );
  if (Math.abs(launchRatio - 1) > 0.02)
    notes.push(
      `A step has ${launchRatio.toFixed(2)} times the launches it had; kernels are compared as if it had not.`,
    );
  return notes.map((text) => [span(text, "dim")]);
}

function cutLine({ minSharePct }: Diff): readonly Line[] {
  if (minSharePct === 0) return [];
  const text = `Rows below ${minSharePct}% of a stage's GPU time were not compared; write reports with --min-share 0 to have them.`;
  return [[span(text, "dim")]];
}
