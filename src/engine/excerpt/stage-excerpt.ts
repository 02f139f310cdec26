import type { ExcerptReport, ExcerptSpan, IdleCause } from "../../model/contracts/report.ts";
import type { RuleOutcome } from "../../model/finding.ts";
import type { RuleSet } from "../../model/rule.ts";
import {
  type KernelGraph,
  placeText,
  type StageGraph,
  symbolAt,
} from "../../model/trace/kernel-graph.ts";
import { gpuEnd, kernelNameAt } from "../../model/trace/trace.ts";
import { type Nanoseconds, type Row, toUs } from "../../model/trace/units.ts";
import { WORK, workOf } from "../overlap/work-kind.ts";
import { reportedState } from "../tables/fuse-table.ts";
import { mainCause } from "../timeline/idle-time.ts";
import { coveredPart, type Intervals, UnionBuilder, union } from "../timeline/intervals.ts";
import { firstGapAfter } from "../timeline/stage-gaps.ts";
import type { StageTime } from "../timeline/stage-timeline.ts";
import { chooseExcerpt } from "./choose-excerpt.ts";

/** As many spans as a picture can hold and a reader tell apart. */
export const MOST_SPANS = 400;

interface ExcerptInput {
  readonly ruleSet: RuleSet;
  readonly graph: KernelGraph;
  readonly stage: StageGraph;
  /** Of this stage or of all. */
  readonly outcomes: readonly RuleOutcome[];
  readonly time: StageTime;
}

/**
 * What ran on every stream during one typical layer: kernels, gaps with their cause, and where
 * fusion rules found something. Looks closely at the chosen window only; to choose it and to find
 * what touches it, it passes over the stage's events once.
 */
export function stageExcerpt(input: ExcerptInput): ExcerptReport | null {
  const { graph, stage } = input;
  const chosen = chooseExcerpt(graph, stage);
  if (chosen === null) return null;
  const window = windowOf(graph, stage, chosen.start, chosen.end);
  const { streams } = graph.trace;
  const used = [...new Set(window.rows.map((row) => graph.trace.gpu.stream[row]!))];
  const lanes = used.sort((a, b) => laneOrder(graph, window, a, b));
  const laneOf = new Map(lanes.map((stream, lane) => [stream, lane]));
  return {
    of: chosen.layer === null ? "stretch" : "layer",
    layer: chosen.layer,
    step: graph.steps[chosen.step]?.label ?? null,
    fromUs: toUs(window.start),
    durationUs: toUs(window.end - window.start),
    whole: window.end === chosen.end,
    lanes: lanes.map((stream) => ({
      device: streams[stream]!.device,
      stream: streams[stream]!.stream,
    })),
    spans: spansOf(graph, window, laneOf),
    idle: idleOf(window, input.time),
    fuse: fuseOf(input, window),
  };
}

interface Window {
  readonly start: Nanoseconds;
  readonly end: Nanoseconds;
  /** The stage's rows that run in it, by start. */
  readonly rows: readonly Row[];
}

function windowOf(
  { trace: { gpu } }: KernelGraph,
  { events }: StageGraph,
  start: Nanoseconds,
  end: Nanoseconds,
): Window {
  const rows: Row[] = [];
  for (const row of events) {
    if (gpu.start[row]! >= end) break;
    if (gpuEnd(gpu, row) <= start && gpu.start[row]! < start) continue;
    if (rows.length === MOST_SPANS) return { start, end: gpu.start[row]!, rows };
    rows.push(row);
  }
  return { start, end, rows };
}

/** Busiest stream first, as it carries the layers; then as the trace counts them. */
function laneOrder({ trace: { gpu } }: KernelGraph, { rows }: Window, a: number, b: number) {
  const busy = (stream: number): Nanoseconds =>
    rows.reduce((sum, row) => sum + (gpu.stream[row] === stream ? gpu.duration[row]! : 0), 0);
  return busy(b) - busy(a) || a - b;
}

function spansOf(
  graph: KernelGraph,
  { start, rows }: Window,
  laneOf: ReadonlyMap<number, number>,
): readonly ExcerptSpan[] {
  const { gpu } = graph.trace;
  const compute = unionOf(graph, rows, WORK.compute);
  const computeOrComm = union(compute, unionOf(graph, rows, WORK.comm));
  return rows.map((row) => {
    const { category, role } = symbolAt(graph, row);
    const work = workOf(graph, row);
    const hiders = work === WORK.comm ? compute : computeOrComm;
    const hidden = coveredPart(hiders, gpu.start[row]!, gpuEnd(gpu, row));
    return {
      lane: laneOf.get(gpu.stream[row]!)!,
      startUs: toUs(gpu.start[row]! - start),
      durUs: toUs(gpu.duration[row]!),
      kernel: kernelNameAt(graph.trace, row).short,
      category,
      role,
      location: placeText(graph.sites[graph.siteOf[row]!]!),
      exposedUs: work === WORK.compute ? 0 : toUs(gpu.duration[row]! - hidden),
    };
  });
}

function unionOf(graph: KernelGraph, rows: readonly Row[], work: number): Intervals {
  const { gpu } = graph.trace;
  const builder = new UnionBuilder();
  for (const row of rows)
    if (workOf(graph, row) === work) builder.add(gpu.start[row]!, gpuEnd(gpu, row));
  return builder.build();
}

/** The stage's gaps in the window, each with the cause of most of it. */
function idleOf({ start, end, rows }: Window, { gaps, idle }: StageTime): ExcerptReport["idle"] {
  const last = rows.at(-1)!;
  const found: { startUs: number; durUs: number; cause: IdleCause }[] = [];
  for (let gap = firstGapAfter(gaps, start); gap < gaps.count; gap++) {
    if (gaps.next[gap]! > last || gaps.end[gap]! > end) break;
    found.push({
      startUs: toUs(gaps.start[gap]! - start),
      durUs: toUs(gaps.end[gap]! - gaps.start[gap]!),
      cause: mainCause(idle, gap),
    });
  }
  return found;
}

function fuseOf({ ruleSet, stage, outcomes }: ExcerptInput, { rows }: Window) {
  const spanOf = new Map(rows.map((row, span) => [row, span]));
  const first = rows[0]!;
  const last = rows.at(-1)!;
  const rules = new Map(ruleSet.rules.map((rule) => [rule.id, rule]));
  return outcomes.flatMap((outcome) => {
    const rule = rules.get(outcome.rule);
    if (outcome.stage !== stage.stage || rule?.kind !== "fusion") return [];
    if (reportedState(rule, outcome) === null) return [];
    return outcome.occurrences.flatMap(({ state, rows: steps }) => {
      if (!steps.some((step) => step.some((row) => row >= first && row <= last))) return [];
      const all = steps.flat();
      const spans = all.flatMap((row) => spanOf.get(row) ?? []).sort((a, b) => a - b);
      if (spans.length === 0) return [];
      return [{ rule: outcome.rule, state, spans, whole: spans.length === all.length }];
    });
  });
}
