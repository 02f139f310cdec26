import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { explainRow } from "../../src/commands/explain.ts";
import { perfettoTrace } from "../../src/commands/perfetto.ts";
import { ranksSideBySide } from "../../src/commands/ranks.ts";
import { diffReports } from "../../src/diff/diff-reports.ts";
import { DEFAULT_THRESHOLDS } from "../../src/diff/noise.ts";
import { eventLimit } from "../../src/engine/limits/event-limit.ts";
import type { Report } from "../../src/model/contracts/report.ts";
import { TriageError } from "../../src/model/errors.ts";
import { DEFAULT_ANALYZE_OPTIONS } from "../../src/model/options.ts";
import type { TraceSpans } from "../../src/model/trace/trace-spans.ts";
import { analyzeRun } from "../../src/pipeline/analyze-run.ts";
import type { openInputs } from "../../src/pipeline/inputs/index.ts";
import { meansOf } from "../../src/pipeline/inputs/means.ts";
import { loadRuleBase } from "../../src/pipeline/inputs/rule-base.ts";
import { openRuns } from "../../src/pipeline/inputs/runs.ts";
import { DIFF_FORMATS } from "../../src/report/diff/document.ts";
import { EXPLANATION_FORMATS } from "../../src/report/explanation/document.ts";
import { RANKS_FORMATS } from "../../src/report/ranks/document.ts";
import { mutated, ODD_SETTINGS, pipelineDocuments } from "./hostile-traces.ts";
import { Disagreement } from "./judge.ts";
import { ALIVE, inertInEveryFormat, savingsWithinStage, withinWindow } from "./promises.ts";
import { caseSeed, Random } from "./random.ts";
import type { Failure, FuzzResult } from "./run.ts";

/** Bounds of one case: its commands together, and what the process ever held. */
const SLOW_MS = 20_000;
const MOST_BYTES = 2 ** 30;
const OPTIONS = { ...DEFAULT_ANALYZE_OPTIONS, rulesPath: "rules", minSharePct: 0, spans: true };
const PAGE = { width: 100, color: false };

/** What a case ran, so that the counts tell how often each was tried. */
type Tell = (what: "report" | "perfetto" | "diff" | "explain" | "ranks") => void;

/**
 * Whole runs over mutated traces with hostile texts: report, Perfetto trace, the diff with the case
 * before, the explanation of a row and, of every fourth, two ranks side by side. What comes out is
 * a page in every format, or a TriageError; nothing hostile is alive in it, nothing saves more than
 * there is, and nothing takes long or much.
 */
export async function fuzzPipeline(options: {
  readonly cases: number;
  readonly seed: number;
  readonly from?: number;
  readonly onProgress?: (done: number) => void;
}): Promise<FuzzResult> {
  const rules = await loadRuleBase(OPTIONS);
  const open: typeof openInputs = async (given, _, runsOf = openRuns) => ({
    ...meansOf(rules, given),
    runs: await runsOf(given.inputs, given),
  });
  const documents = pipelineDocuments();
  const folder = mkdtempSync(join(tmpdir(), "fuse-triage-"));
  const path = join(folder, "trace-TP-0.json");
  const endings: Record<string, number> = {};
  const ran: Record<string, number> = {};
  const tell: Tell = (what) => {
    ran[what] = (ran[what] ?? 0) + 1;
  };
  const failures: Failure[] = [];
  /** Of the case before: what a report is compared with. */
  let before: Report | null = null;
  const first = options.from ?? 0;
  for (let index = first; index < first + options.cases; index++) {
    const random = new Random(caseSeed(options.seed, index));
    writeFileSync(path, mutated(random.pick(documents), random));
    writeFileSync(join(folder, "server_args.json"), random.pick(ODD_SETTINGS));
    const start = process.cpuUsage();
    let ending = "report";
    try {
      const reports = await reportsOf(path, open, random, tell);
      for (const report of reports) {
        if (before !== null) diffPages(before, report, tell);
        before = report;
      }
      await explained(path, random.pick(namesIn(reports)), open, tell);
      if (random.chance(0.25)) {
        writeFileSync(join(folder, "trace-TP-1.json"), mutated(random.pick(documents), random));
        await ranksPages(folder, open, tell);
      }
      withinBounds(start);
    } catch (error) {
      if (error instanceof TriageError) ending = error.code;
      else {
        ending = "failed";
        const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
        if (failures.length < 20) failures.push({ kind: "pipeline", index, message, input: path });
      }
    } finally {
      rmSync(join(folder, "trace-TP-1.json"), { force: true });
    }
    endings[ending] = (endings[ending] ?? 0) + 1;
    options.onProgress?.(index - first + 1);
  }
  rmSync(folder, { recursive: true });
  return { counts: { pipeline: endings, "of which": ran }, failures };
}

/** Every number is from the process itself: a busy machine changes none. */
function withinBounds(start: NodeJS.CpuUsage): void {
  const ms = process.cpuUsage(start).user / 1000;
  if (ms > SLOW_MS) throw new Disagreement(`took ${Math.round(ms)} ms`);
  const bytes = process.resourceUsage().maxRSS * 1024;
  if (bytes > MOST_BYTES) throw new Disagreement(`held ${Math.round(bytes / 1e6)} MB`);
}

async function reportsOf(
  path: string,
  open: typeof openInputs,
  random: Random,
  tell: Tell,
): Promise<Report[]> {
  const nearMisses = random.chance(0.1);
  const { runs, ...means } = await open({ ...OPTIONS, inputs: [path], nearMisses });
  const reports: Report[] = [];
  for (const run of runs) {
    const { report, findings } = await analyzeRun(run, means);
    const spans = findings.map(
      ({ graph, spans: stages, limits }): TraceSpans => ({
        graph,
        stages,
        limitOf: (row) => eventLimit(limits, row),
      }),
    );
    inertInEveryFormat(report);
    withinWindow(report, readFileSync(path, "latin1"));
    savingsWithinStage(report);
    reports.push(report);
    tell("report");
    let text = "";
    for await (const piece of perfettoTrace({ spans }, false)) text += piece;
    JSON.parse(text);
    inert("perfetto", text);
    tell("perfetto");
  }
  return reports;
}

function inert(page: string, text: string): void {
  const found = ALIVE.exec(text);
  if (found !== null)
    throw new Disagreement(`${page} holds U+${found[0].codePointAt(0)!.toString(16)}`);
}

function diffPages(before: Report, after: Report, tell: Tell): void {
  const tool = { name: "triage", version: "0" };
  const diff = { ...diffReports(before, after, DEFAULT_THRESHOLDS), tool, budgets: [] };
  for (const [format, render] of Object.entries(DIFF_FORMATS))
    inert(`diff ${format}`, render(diff, { ...PAGE, failures: [] }));
  tell("diff");
}

/** What a user may ask about: kernels, rules, actions. */
function namesIn(reports: readonly Report[]): string[] {
  const names = reports.flatMap(({ stages, actions }) => [
    ...actions.map(({ id }) => id),
    ...stages.flatMap(({ kernels, fuse }) => [
      ...kernels.map(({ name }) => name),
      ...fuse.map(({ rule }) => rule),
    ]),
  ]);
  return names.length === 0 ? ["gemm"] : names;
}

async function explained(
  path: string,
  row: string,
  open: typeof openInputs,
  tell: Tell,
): Promise<void> {
  const explanation = await explainRow(row, 3, { ...OPTIONS, inputs: [path] }, open);
  for (const [format, render] of Object.entries(EXPLANATION_FORMATS))
    inert(`explain ${format}`, render(explanation, PAGE));
  tell("explain");
}

async function ranksPages(folder: string, open: typeof openInputs, tell: Tell): Promise<void> {
  const ranks = await ranksSideBySide({ ...OPTIONS, spans: false, inputs: [folder] }, open);
  for (const [format, render] of Object.entries(RANKS_FORMATS))
    inert(`ranks ${format}`, render(ranks, PAGE));
  tell("ranks");
}
