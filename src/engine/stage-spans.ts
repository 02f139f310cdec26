import type { RuleOutcome } from "../model/finding.ts";
import type { KernelGraph, StageGraph } from "../model/kernel-graph.ts";
import type { Rule } from "../model/rule.ts";
import { gpuEnd } from "../model/trace.ts";
import type {
  ExposedSpan,
  IdleSpan,
  LayerSpan,
  RuleWindow,
  StageSpans,
} from "../model/trace-spans.ts";
import { reportedState } from "./fuse-table.ts";
import { lookUpLayers } from "./match/layer-lookup.ts";
import { occurrenceExtent } from "./match/occurrence-extent.ts";
import { occurrenceSavesNs } from "./match/save-model.ts";
import { exposure } from "./overlap/exposure.ts";
import { judgedKernels, type OverlapTableInput } from "./overlap/overlap-table.ts";
import { gapJudge } from "./timeline/idle-causes.ts";
import { stageTimeline } from "./timeline/stage-timeline.ts";

/** The findings of one stage on its time axis: the same answers as the tables', one span each time. */
export async function stageSpans(input: OverlapTableInput): Promise<StageSpans> {
  const { graph, stage } = input;
  return {
    stage: stage.stage,
    events: stage.events,
    idle: idleSpans(graph, stage),
    exposed: await exposedSpans(input),
    layers: layerSpans(graph, stage),
    windows: input.outcomes
      .filter((outcome) => outcome.stage === stage.stage)
      .sort((a, b) => (a.rule < b.rule ? -1 : 1))
      .flatMap((outcome) => windowsOf(input, outcome)),
  };
}

function idleSpans(graph: KernelGraph, stage: StageGraph): readonly IdleSpan[] {
  const spans: IdleSpan[] = [];
  stageTimeline(
    graph,
    stage,
    gapJudge(graph, (span) => spans.push(span)),
  );
  return spans.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** Events in the order of their starts, cut where the layer changes; copies on other streams belong to none. */
function layerSpans(graph: KernelGraph, stage: StageGraph): readonly LayerSpan[] {
  const { gpu } = graph.trace;
  const layerOf = lookUpLayers(graph, stage);
  if (layerOf === null) return [];
  const spans: { start: number; end: number; layer: number; step: number }[] = [];
  for (const row of stage.events) {
    const layer = layerOf(row);
    if (layer < 0) continue;
    const step = graph.stepOf[row]!;
    const last = spans.at(-1);
    if (last?.layer === layer && last.step === step)
      last.end = Math.max(last.end, gpuEnd(gpu, row));
    else spans.push({ start: gpu.start[row]!, end: gpuEnd(gpu, row), layer, step });
  }
  return spans.map(({ start, end, layer }) => ({ start, end, layer }));
}

async function exposedSpans(input: OverlapTableInput): Promise<readonly ExposedSpan[]> {
  const { graph, stage } = input;
  const alone: { entry: number; start: number; end: number }[] = [];
  const lastOf = new Int32Array(stage.events.length).fill(-1);
  const exposed = exposure(graph, stage, (entry, start, end) => {
    const last = alone[lastOf[entry]!];
    if (last?.end === start) last.end = end;
    else lastOf[entry] = alone.push({ entry, start, end }) - 1;
  });
  const judged = await judgedKernels(input, exposed);
  const verdictOf = new Map(
    judged.flatMap(({ row, group }) => Array.from(group.entries, (entry) => [entry, row] as const)),
  );
  return alone
    .flatMap(({ entry, start, end }): ExposedSpan[] => {
      const verdict = verdictOf.get(entry);
      return verdict === undefined ? [] : [{ start, end, row: stage.events[entry]!, verdict }];
    })
    .sort((a, b) => a.start - b.start || b.end - a.end || a.row - b.row);
}

function windowsOf({ ruleSet, graph, stage }: OverlapTableInput, outcome: RuleOutcome) {
  const rule = ruleSet.rules.find(({ id }) => id === outcome.rule);
  if (rule === undefined || reportedState(rule, outcome) === null) return [];
  return ruleWindows(graph, stage, rule, outcome.occurrences);
}

/** Occurrences with their place in time, by start. */
function ruleWindows(
  graph: KernelGraph,
  stage: StageGraph,
  rule: Rule,
  occurrences: RuleOutcome["occurrences"],
): RuleWindow[] {
  const { gpu } = graph.trace;
  const layerOf = lookUpLayers(graph, stage);
  return occurrences
    .map((occurrence): RuleWindow => {
      const rows = occurrence.rows.flat();
      return {
        rule,
        state: occurrence.state,
        ...occurrenceExtent(occurrence, gpu),
        rows,
        saveAtMostNs: occurrenceSavesNs(rule, occurrence, gpu),
        layer: rows.length === 0 ? -1 : (layerOf?.(rows[0]!) ?? -1),
      };
    })
    .sort((a, b) => a.start - b.start || b.end - a.end || a.rows[0]! - b.rows[0]!);
}
