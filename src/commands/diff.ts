import { statSync } from "node:fs";
import { readSideText } from "../base/files/side-file.ts";
import { mayRead } from "../base/reading-wall.ts";
import { firstBytes } from "../base/regular-file.ts";
import { toolVersion } from "../base/version.ts";
import { type Budget, judgeBudget } from "../diff/budgets.ts";
import { diffReports } from "../diff/diff-reports.ts";
import { judgeDiffGate } from "../diff/gates.ts";
import type { Diff, Thresholds } from "../model/contracts/diff.ts";
import type { GateText } from "../model/contracts/gate-text.ts";
import type { Report } from "../model/contracts/report.ts";
import { EXIT, TriageError } from "../model/errors.ts";
import type { AnalyzeOptions, Gate } from "../model/options.ts";
import { asContract } from "../report/document/json.ts";
import { looksLikeReport, readReports } from "../report/read-report.ts";
import { analyze } from "./triage.ts";

interface DiffOptions {
  /** Trace, folder of traces, or JSON report. */
  readonly before: string;
  readonly after: string;
  /** How traces are read. */
  readonly analyze: Omit<AnalyzeOptions, "inputs" | "mapping" | "formal">;
  readonly thresholds: Thresholds;
  readonly budgets: readonly Budget[];
  readonly gates: readonly GateText[];
}

/**
 * Opens both sides (traces are triaged, reports read), compares them and judges budgets and gates.
 *
 * @throws {TriageError} for a side that is neither trace nor report of this version (exit 3)
 */
export async function diffSides(
  options: DiffOptions,
): Promise<{ readonly diff: Diff; readonly gates: readonly Gate[] }> {
  const before = await openSide(options.before, options);
  const after = await openSide(options.after, options);
  const compared = diffReports(before, after, options.thresholds);
  const budgets = options.budgets.map((budget) => judgeBudget(budget, compared));
  const diff: Diff = { ...compared, tool: toolVersion(), budgets };
  return { diff, gates: options.gates.map((gate) => judgeDiffGate(gate, diff)) };
}

/** Bytes; a report of every kernel of a large trace has some megabytes. */
const LARGEST_REPORT = 256 << 20;

async function openSide(path: string, { analyze: options }: DiffOptions): Promise<Report> {
  if (isReport(path))
    return oneRank(readReports(readSideText(path, LARGEST_REPORT), path), path, options);
  const { reports } = await analyze({ ...options, inputs: [path], mapping: [], formal: [] });
  // Through the contract, so that a trace and its report give the same numbers to the last digit.
  return asContract(reports[0]!, "report") as Report;
}

function isReport(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
  // Whoever opens it as a trace says so.
  if (!mayRead(path)) return false;
  return looksLikeReport(firstBytes(path, 512).toString("utf8"));
}

/** The rank asked for, else the first, as with traces. */
function oneRank(
  reports: readonly Report[],
  path: string,
  { rank, stage }: Pick<AnalyzeOptions, "rank" | "stage">,
): Report {
  const found = reports.find(({ traces }) => rank === null || traces[0]?.rank === rank);
  if (found === undefined)
    throw new TriageError({
      code: "report/no-such-rank",
      exit: EXIT.usage,
      message: rank === null ? "The list of reports is empty." : `No report of rank ${rank}.`,
      place: path,
      hint: "Leave --rank out, or give a report of that rank.",
    });
  if (stage === null) return found;
  return { ...found, stages: found.stages.filter((one) => one.stage === stage) };
}
