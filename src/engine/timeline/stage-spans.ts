import { compareText } from "../../base/compare-text.ts";
import type { RuleOutcome } from "../../model/finding.ts";
import type { Rule } from "../../model/rule.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { gpuEnd } from "../../model/trace/trace.ts";
import type {
  ExposedSpan,
  LayerSpan,
  RuleWindow,
  StageSpans,
} from "../../model/trace/trace-spans.ts";
import { lookUpLayers } from "../match/layer-lookup.ts";
import { occurrenceExtent } from "../match/occurrence-parts.ts";
import { occurrenceSavesNs } from "../match/verdicts/save-model.ts";
import type { JudgedKernel, OverlapTableInput } from "../overlap/overlap-table.ts";
import { reportedState } from "../tables/fuse-table.ts";
import { idleSpanAt } from "./idle-time.ts";
import type { StageTime } from "./stage-timeline.ts";

interface StageSpansInput
  extends Pick<OverlapTableInput, "ruleSet" | "graph" | "stage" | "outcomes" | "exposed"> {
  readonly time: StageTime;
  /** What the overlap table says of kernels. */
  readonly judged: readonly JudgedKernel[];
}

/** The findings of one stage on its time axis: the same answers as the tables', one span each time. */
export function stageSpans(input: StageSpansInput): StageSpans {
  const { graph, stage, time } = input;
  return {
    stage: stage.stage,
    events: stage.events,
    idle: Array.from({ length: time.idle.count }, (_, at) => idleSpanAt(time, at)),
    exposed: exposedSpans(input),
    layers: layerSpans(graph, stage),
    windows: input.outcomes
      .filter((outcome) => outcome.stage === stage.stage)
      .sort((a, b) => compareText(a.rule, b.rule))
      .flatMap((outcome) => windowsOf(input, outcome)),
  };
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

function exposedSpans({ stage, exposed, judged }: StageSpansInput): readonly ExposedSpan[] {
  const { alone } = exposed;
  const verdictOf = new Map(
    judged.flatMap(({ row, group }) => Array.from(group.entries, (entry) => [entry, row] as const)),
  );
  return alone.entry
    .flatMap((entry, at): ExposedSpan[] => {
      const verdict = verdictOf.get(entry);
      if (verdict === undefined) return [];
      return [{ start: alone.start[at]!, end: alone.end[at]!, row: stage.events[entry]!, verdict }];
    })
    .sort((a, b) => a.start - b.start || b.end - a.end || a.row - b.row);
}

function windowsOf({ ruleSet, graph, stage }: StageSpansInput, outcome: RuleOutcome) {
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
