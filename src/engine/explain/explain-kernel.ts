import { compareText } from "../../base/compare-text.ts";
import { groupBy } from "../../base/group-by.ts";
import type { Action } from "../../model/contracts/action.ts";
import type { KernelRow, OverlapRow, StageReport } from "../../model/contracts/report.ts";
import type { ExplainedSite, KernelExplanation } from "../../model/contracts/row-explanation.ts";
import type { RuleOutcome } from "../../model/finding.ts";
import type { FrameworkProfile } from "../../model/framework.ts";
import type { RuleSet } from "../../model/rule.ts";
import { type KernelGraph, type StageGraph, VIA } from "../../model/trace/kernel-graph.ts";
import { kernelNameAt, text } from "../../model/trace/trace.ts";
import { type Row, toUs } from "../../model/trace/units.ts";
import type { Limits } from "../limits/index.ts";
import { kernelId } from "../tables/kernel-id.ts";
import { distributionOf } from "./distribution.ts";
import { explainWork } from "./explain-work.ts";
import { stackFrames } from "./stack-frames.ts";
import { besideOf, neighboursOf } from "./surroundings.ts";
import { type Describe, vocabularyAnswers } from "./vocabulary-answers.ts";

export interface ExplainInput {
  readonly ruleSet: RuleSet;
  readonly graph: KernelGraph;
  readonly stage: StageGraph;
  /** The stage's tables. */
  readonly report: StageReport;
  /** Of this stage or of all. */
  readonly outcomes: readonly RuleOutcome[];
  readonly profile: FrameworkProfile;
  /** What to do first, of this stage or of all. */
  readonly actions: readonly Action[];
  readonly describe: Describe;
  readonly limits: Limits;
}

/** Everything known of one kernel in one stage; null where the stage has none of that name. */
export function explainKernel(input: ExplainInput, name: string): KernelExplanation | null {
  const { ruleSet, graph, stage, report } = input;
  const { gpu, origin, streams } = graph.trace;
  const entries = [...stage.events.keys()].filter(
    (entry) => kernelNameAt(graph.trace, stage.events[entry]!).demangled === name,
  );
  const rows = entries.map((entry) => stage.events[entry]!);
  const row = report.kernels.find((one) => one.name === name);
  if (row === undefined) return null;
  const starts = rows.map((one) => gpu.start[one]!);
  const raw = new Set(rows.map((one) => kernelNameAt(graph.trace, one).raw));
  return {
    path: origin.path,
    stage: stage.stage,
    name,
    shortName: row.shortName,
    rawNames: [...raw].sort(),
    totalUs: row.totalUs,
    sharePct: row.sharePct,
    launches: row.launches,
    named: vocabularyAnswers(ruleSet, graph, rows, input.describe),
    durations: distributionOf(rows.map((one) => gpu.duration[one]!)),
    streams: counted(rows, (one) => gpu.stream[one]!).map(([stream, mine]) => ({
      device: streams[stream]!.device,
      stream: streams[stream]!.stream,
      launches: mine.length,
      totalUs: toUs(mine.reduce((sum, one) => sum + gpu.duration[one]!, 0)),
    })),
    firstStartUs: toUs(starts.reduce((a, b) => Math.min(a, b))),
    lastStartUs: toUs(starts.reduce((a, b) => Math.max(a, b))),
    launchApis: counted(rows, (one) => apiOf(graph, one)).map(([api, mine]) => ({
      api: api === "" ? null : api,
      launches: mine.length,
    })),
    dims: counted(rows, (one) => text(graph.trace, gpu.dims[one]!))
      .filter(([dims]) => dims !== "")
      .map(([dims, mine]) => ({ dims, launches: mine.length })),
    ...layersOf(stage, entries),
    sites: sitesOf(input, rows),
    ...neighboursOf(graph, stage, entries),
    beside: besideOf(graph, stage, entries),
    actions: actionsOn(input, kernelId(name)),
    findings: findingsOf(input, new Set(rows)),
    overlap: report.overlap.find((one) => isAbout(one, row)) ?? null,
    work: explainWork(graph, input.limits, rows),
  };
}

/** The overlap table knows short names only, which several kernels may share: their times tell them apart. */
function isAbout(overlap: OverlapRow, { shortName, totalUs }: KernelRow): boolean {
  return overlap.rule === null && overlap.kernel === shortName && overlap.totalUs === totalUs;
}

/** Groups by key, the largest first, then by key. */
function counted<Key extends string | number>(
  rows: readonly Row[],
  keyOf: (row: Row) => Key,
): [Key, Row[]][] {
  return [...groupBy(rows, keyOf)].sort(
    ([a, x], [b, y]) => y.length - x.length || compareText(a, b),
  );
}

function apiOf({ trace, launchOf }: KernelGraph, row: Row): string {
  const launch = launchOf[row]!;
  return launch < 0 ? "" : text(trace, trace.launches.name[launch]!);
}

function layersOf(
  { layers }: StageGraph,
  entries: readonly number[],
): Pick<KernelExplanation, "layerPositions" | "outsideLayers"> {
  if (layers === null) return { layerPositions: [], outsideLayers: entries.length };
  const inside = entries.filter((entry) => layers.positionOf[entry]! >= 0);
  const positions = counted(inside, (entry) => layers.positionOf[entry]!);
  return {
    layerPositions: positions
      .map(([position, mine]) => ({
        position,
        period: layers.period,
        launches: mine.length,
        layers: new Set(mine.map((entry) => layers.layerOf[entry]!)).size,
      }))
      .sort((a, b) => a.position - b.position),
    outsideLayers: entries.length - inside.length,
  };
}

/** The same sites as the kernel table's, most time first, each with its first launch's stack. */
function sitesOf({ graph, profile }: ExplainInput, rows: readonly Row[]): ExplainedSite[] {
  const found = counted(rows, (row) => {
    const { location, fn, module, cpuOp } = graph.sites[graph.siteOf[row]!]!;
    return JSON.stringify([location, fn, module, cpuOp, graph.viaOf[row]!]);
  }).map(([, mine]) => {
    const first = mine[0]!;
    const site = graph.sites[graph.siteOf[first]!]!;
    const { location, fn, module, modulePath, cpuOp, topOp, shapes, types } = site;
    const ns = mine.reduce((sum, row) => sum + graph.trace.gpu.duration[row]!, 0);
    const place = { location, function: fn, module, modulePath, cpuOp, topOp, shapes, types };
    const via = VIA[graph.viaOf[first]!]!;
    const stack = stackFrames(site, profile);
    return { ...place, via, launches: mine.length, totalUs: toUs(ns), stack };
  });
  return found.sort((a, b) => b.totalUs - a.totalUs);
}

function actionsOn({ actions, stage }: ExplainInput, kernel: string): KernelExplanation["actions"] {
  return actions
    .filter(
      ({ evidence, stage: its }) =>
        its === stage.stage && evidence.kernels.some(({ id }) => id === kernel),
    )
    .map(({ id, title, saves }) => ({ id, title, savesUs: saves.kernelUs + saves.gapUs }));
}

function findingsOf(
  { ruleSet, outcomes, stage }: ExplainInput,
  mine: ReadonlySet<Row>,
): KernelExplanation["findings"] {
  const rules = new Map(ruleSet.rules.map((rule) => [rule.id, rule]));
  return outcomes
    .filter((outcome) => outcome.stage === stage.stage)
    .flatMap((outcome) => {
      const holding = outcome.occurrences.map(({ rows }) =>
        rows.flat().filter((row) => mine.has(row)),
      );
      const occurrences = holding.filter((rows) => rows.length > 0).length;
      if (occurrences === 0) return [];
      const { rule, foldedUnder } = outcome;
      const state = foldedUnder === null ? outcome.state : `folded under ${foldedUnder}`;
      const launches = new Set(holding.flat()).size;
      return [{ rule, title: rules.get(rule)?.title ?? rule, state, occurrences, launches }];
    })
    .sort((a, b) => b.launches - a.launches || compareText(a.rule, b.rule));
}
