import { compareText } from "../../base/compare-text.ts";
import { groupBy } from "../../base/group-by.ts";
import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import { gpuEnd, kernelNameAt } from "../../model/trace/trace.ts";
import type {
  ExposedSpan,
  IdleSpan,
  RuleWindow,
  StageSpans,
  TraceSpans,
} from "../../model/trace/trace-spans.ts";
import { type Nanoseconds, toUs } from "../../model/trace/units.ts";
import { argsText, type SliceText, type Track, type TrackGroup, trackOf } from "./track.ts";

/** What the tables say, where in time they say it. */
export function findingTracks(spans: TraceSpans, label: string): TrackGroup {
  const { graph, stages } = spans;
  const all = <T>(of: (stage: StageSpans) => readonly T[]): readonly T[] => stages.flatMap(of);
  return {
    name: `Findings${label}`,
    tracks: [
      stageTrack(graph, stages),
      stepTrack(graph),
      trackOf(
        "layer",
        all(({ layers }) => layers),
        ({ layer }) => ({
          name: `layer ${layer}`,
          category: "layer",
          args: argsText({ layer }),
        }),
      ),
      trackOf(
        "idle",
        all(({ idle }) => idle),
        (span) => idleSlice(graph, span),
      ),
      ...byName(
        all(({ exposed }) => exposed),
        ({ verdict }) => verdict.verdict,
      ).map(([name, exposed]) =>
        trackOf(`exposed: ${name}`, exposed, (span) => exposedSlice(graph, span)),
      ),
      ...byName(
        all(({ windows }) => windows),
        ({ rule }) => rule.id,
      ).map(([id, windows]) => trackOf(`${windows[0]!.rule.kind}: ${id}`, windows, windowSlice)),
    ].filter(({ count }) => count > 0),
  };
}

function byName<T>(items: readonly T[], nameOf: (item: T) => string): readonly [string, T[]][] {
  return [...groupBy(items, nameOf)].sort(([a], [b]) => compareText(a, b));
}

/** Events in the order of their starts, cut where the stage changes. */
function stageTrack({ trace: { gpu } }: KernelGraph, stages: readonly StageSpans[]): Track {
  const stageOf = new Int16Array(gpu.count).fill(-1);
  for (const [index, { events }] of stages.entries())
    for (const row of events) stageOf[row] = index;
  const spans: { start: Nanoseconds; end: Nanoseconds; stage: number; events: number }[] = [];
  for (let row = 0; row < gpu.count; row++) {
    const stage = stageOf[row]!;
    if (stage < 0) continue;
    const last = spans.at(-1);
    if (last?.stage === stage) {
      last.end = Math.max(last.end, gpuEnd(gpu, row));
      last.events++;
    } else spans.push({ start: gpu.start[row]!, end: gpuEnd(gpu, row), stage, events: 1 });
  }
  return trackOf("stage", spans, ({ stage, events }) => ({
    name: stages[stage]!.stage,
    category: "stage",
    args: argsText({ "GPU events": events }),
  }));
}

/** From the first to the last GPU event that a step launched. */
function stepTrack({ trace: { gpu }, steps, stepOf }: KernelGraph): Track {
  const extents = steps.map((step) => ({
    step,
    start: Number.POSITIVE_INFINITY,
    end: Number.NEGATIVE_INFINITY,
  }));
  for (let row = 0; row < gpu.count; row++) {
    const extent = extents[stepOf[row]!];
    if (extent === undefined) continue;
    extent.start = Math.min(extent.start, gpu.start[row]!);
    extent.end = Math.max(extent.end, gpuEnd(gpu, row));
  }
  const launched = extents.filter(({ start, end }) => start <= end);
  return trackOf(
    "step",
    launched,
    ({ step: { index, stage, label, from, batchSize, tokens } }) => ({
      name: label,
      category: "step",
      args: argsText({ step: index, stage, "told by": from, "batch size": batchSize, tokens }),
    }),
  );
}

function idleSlice({ trace }: KernelGraph, { cause, next }: IdleSpan): SliceText {
  const kernel = kernelNameAt(trace, next).short;
  return { name: cause, category: "idle", args: argsText({ cause, "ended by": kernel }) };
}

function exposedSlice({ trace }: KernelGraph, { row, verdict }: ExposedSpan): SliceText {
  const { priority, dependencyRisk, recommendation, saveAtMostUs } = verdict;
  return {
    name: kernelNameAt(trace, row).short,
    category: "exposed",
    args: argsText({
      verdict: verdict.verdict,
      priority,
      "dependency risk": dependencyRisk,
      recommendation,
      "at most saves, all of it (us)": saveAtMostUs,
    }),
  };
}

function windowSlice({ rule, state, rows, layer, saveAtMostNs }: RuleWindow): SliceText {
  return {
    name: `${rule.id} ${state}`,
    category: rule.kind,
    args: argsText({
      rule: rule.id,
      title: rule.title,
      state,
      status: rule.status,
      kernels: rows.length,
      layer: layer < 0 ? null : layer,
      "at most saves (us)": state === "active" ? null : toUs(saveAtMostNs),
      source: rule.sources[0]?.url ?? null,
      pr: rule.prs.length === 0 ? null : rule.prs.join(", "),
    }),
  };
}
