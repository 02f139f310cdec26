import { type KernelGraph, type StageGraph, symbolAt } from "../../model/kernel-graph.ts";
import { GPU_KIND, kernelNameAt } from "../../model/trace.ts";
import type { Nanoseconds } from "../../model/units.ts";
import { COMMUNICATION_CATEGORIES } from "../overlap/work-kind.ts";
import { stageTimeline } from "../timeline/stage-timeline.ts";
import { collectiveSequences } from "./collective-sequences.ts";
import type { KernelTime, RankMeasure, StageMeasure } from "./rank-measure.ts";

/**
 * One rank's measurements from the graphs of its files. Of two files that hold one stage the longer
 * one counts, as in reports.
 */
export function measureRank(graphs: readonly KernelGraph[], rank: number | null): RankMeasure {
  const stages = new Map<string, StageMeasure>();
  for (const graph of graphs)
    for (const stage of graph.stages) {
      const measure = measureStage(graph, stage);
      const known = stages.get(stage.stage);
      if (known === undefined || measure.timeline.gpuTimeUs > known.timeline.gpuTimeUs)
        stages.set(stage.stage, measure);
    }
  const damages = graphs.flatMap(({ trace: { origin } }) => origin.damage ?? []);
  const recorded = graphs.map(({ trace }) => trace);
  return {
    rank: rank ?? recorded.map(({ origin }) => origin.rank).find((it) => it !== null) ?? null,
    paths: recorded.map(({ origin }) => origin.path),
    damage: damages.length === 0 ? null : damages.join("; "),
    worldSize: recorded[0]?.metadata.distributed?.worldSize ?? null,
    stages: [...stages.values()],
  };
}

function measureStage(graph: KernelGraph, stage: StageGraph): StageMeasure {
  const { timeline, perStep } = stageTimeline(graph, stage);
  const { step, end, duration, exposedComm } = perStep;
  const indexOf = new Map([...step].map((graphStep, at) => [graphStep, at]));
  const stepOf = (row: number): number => indexOf.get(graph.stepOf[row]!) ?? -1;
  return {
    stage: stage.stage,
    timeline,
    steps: {
      label: [...step].map((at) => graph.steps[at]!.label),
      end,
      duration,
      exposedComm,
    },
    kernels: kernelTimes(graph, stage),
    collectives: collectiveSequences(graph, stage, stepOf),
  };
}

function kernelTimes(graph: KernelGraph, stage: StageGraph): KernelTime[] {
  const { gpu } = graph.trace;
  const times = new Map<string, { name: string; category: string; ns: Nanoseconds }>();
  for (const row of stage.events) {
    const name = kernelNameAt(graph.trace, row).demangled;
    const isKernel = gpu.kind[row] === GPU_KIND.kernel;
    const category = isKernel ? symbolAt(graph, row).category : "memory";
    if (isKernel && COMMUNICATION_CATEGORIES.has(category)) continue;
    const key = `${category}\n${name}`;
    const known = times.get(key);
    if (known === undefined) times.set(key, { name, category, ns: gpu.duration[row]! });
    else known.ns += gpu.duration[row]!;
  }
  return [...times.values()];
}
