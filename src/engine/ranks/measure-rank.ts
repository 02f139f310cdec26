import { type KernelGraph, type StageGraph, symbolAt } from "../../model/trace/kernel-graph.ts";
import { GPU_KIND, gpuEnd, type Trace } from "../../model/trace/trace.ts";
import { COMMUNICATION_CATEGORIES } from "../overlap/work-kind.ts";
import { medianOf } from "../spread.ts";
import { stageRequests } from "../stages/stage-requests.ts";
import { kernelEntries } from "../tables/kernel-entries.ts";
import { stageTimeline } from "../timeline/stage-timeline.ts";
import { collectiveSequences } from "./collectives/collective-sequences.ts";
import type { KernelTime, RankIdentity, RankMeasure, StageMeasure } from "./rank-measure.ts";

/** What is known of a rank besides its trace. */
interface RankInput {
  /** As the file's name says; the trace itself is believed first. */
  readonly rank: number | null;
  readonly engine: string | null;
  readonly model: string | null;
}

/**
 * One rank's measurements from the graphs of its files. Of two files that hold one stage the longer
 * one counts, as in reports.
 */
export function measureRank(graphs: readonly KernelGraph[], input: RankInput): RankMeasure {
  const stages = new Map<string, StageMeasure>();
  for (const graph of graphs)
    for (const stage of graph.stages) {
      const measure = measureStage(graph, stage);
      const known = stages.get(stage.stage);
      if (known === undefined || measure.timeline.gpuTimeUs > known.timeline.gpuTimeUs)
        stages.set(stage.stage, measure);
    }
  const traces = graphs.map(({ trace }) => trace);
  const damages = traces.flatMap(({ origin }) => (origin.isCut ? (origin.damage ?? []) : []));
  const distributed = traces.map(({ metadata }) => metadata.distributed).find((it) => it !== null);
  const recorded = distributed?.rank ?? null;
  const rank = recorded ?? input.rank ?? traces.find(hasRank)?.origin.rank ?? null;
  return {
    rank,
    isRecorded: recorded !== null,
    paths: traces.map(({ origin }) => origin.path),
    damage: damages.length === 0 ? null : damages.join("; "),
    health: traces.flatMap(({ health }) => health?.findings ?? []),
    worldSize: distributed?.worldSize ?? null,
    identity: {
      engine: input.engine,
      model: input.model ?? traces.map(modelOfFrames).find((name) => name !== null) ?? null,
      ...machineOf(traces),
    },
    place: placeOf(traces),
    groups: (distributed?.groups ?? [])
      .filter(({ ranks }) => ranks.length > 1 && (rank === null || ranks.includes(rank)))
      .map(({ desc, ranks }) => ({ desc, ranks })),
    window: windowOf(traces),
    stages: [...stages.values()],
    whole: graphs.length === 1 ? wholeMeasure(graphs[0]!, [...stages.values()]) : null,
  };
}

/** @param stages what is measured of the graph already: one stage is the whole. */
function wholeMeasure(graph: KernelGraph, stages: readonly StageMeasure[]): RankMeasure["whole"] {
  const [only, ...more] = stages;
  if (only === undefined) return null;
  if (more.length === 0)
    return { measure: only, stageOf: Array.from(only.steps.end, () => only.stage) };
  const events = Uint32Array.from({ length: graph.trace.gpu.count }, (_, row) => row);
  const whole: StageGraph = { stage: "all", steps: graph.steps, events, layers: null };
  const joined = { ...graph, stages: [whole] };
  const measure = measureStage(joined, whole);
  return { measure, stageOf: Array.from(measure.steps.step, (at) => graph.steps[at]!.stage) };
}

function hasRank({ origin }: Trace): boolean {
  return origin.rank !== null;
}

function machineOf(traces: readonly Trace[]): Pick<RankIdentity, "gpu" | "driver" | "runtime"> {
  const { devices, other } = traces[0]!.metadata;
  const told = (...keys: readonly string[]): string | null => {
    const key = keys.find((one) => other[one] !== undefined);
    return key === undefined ? null : String(other[key]);
  };
  return {
    gpu: devices.find(({ name }) => name !== "")?.name ?? null,
    driver: told("cuda_driver_version", "hip_driver_version"),
    runtime: told("cuda_runtime_version", "hip_runtime_version"),
  };
}

function placeOf(traces: readonly Trace[]): RankMeasure["place"] {
  const { devices, other } = traces[0]!.metadata;
  const told = other.hostname ?? other.host_name ?? other.host;
  const used = new Set(traces.flatMap(({ streams }) => streams.map(({ device }) => device)));
  return {
    host: typeof told === "string" && told !== "" ? told : null,
    device: used.size === 1 ? [...used][0]! : null,
    devices: devices.length,
  };
}

/** "Qwen3ForCausalLM": the class that engines look a model up by. */
function modelOfFrames({ frames, strings }: Trace): string | null {
  for (const id of new Set(frames.name)) {
    const found = MODEL_CLASS.exec(strings[id]!);
    if (found !== null) return found[1]!;
  }
  return null;
}

const MODEL_CLASS = /^nn\.Module: (\w+For(?:CausalLM|ConditionalGeneration))(?:_\d+)?$/;

function windowOf(traces: readonly Trace[]): RankMeasure["window"] {
  let [fromUs, toUs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { gpu, baseUs } of traces)
    for (let row = 0; row < gpu.count; row++) {
      fromUs = Math.min(fromUs, baseUs + gpu.start[row]! / 1000);
      toUs = Math.max(toUs, baseUs + gpuEnd(gpu, row) / 1000);
    }
  return { fromUs, toUs };
}

function measureStage(graph: KernelGraph, stage: StageGraph): StageMeasure {
  const { timeline, perStep } = stageTimeline(graph, stage);
  const indexOf = new Int32Array(graph.steps.length).fill(-1);
  for (const [at, step] of perStep.step.entries()) indexOf[step] = at;
  const stepOf = (row: number): number => {
    const step = graph.stepOf[row]!;
    return step < 0 ? -1 : indexOf[step]!;
  };
  const count = perStep.step.length;
  return {
    stage: stage.stage,
    timeline,
    requests: stageRequests(graph, stage),
    steps: { ...perStep, count },
    kernels: kernelTimes(graph, stage, stepOf, count),
    categories: categoryTimes(graph, stage, stepOf, count),
    ...collectiveSequences(graph, stage, stepOf),
  };
}

type StepOf = (row: number) => number;

function categoryOf(graph: KernelGraph, row: number): string {
  return graph.trace.gpu.kind[row] === GPU_KIND.kernel ? symbolAt(graph, row).category : "memory";
}

function categoryTimes(graph: KernelGraph, stage: StageGraph, stepOf: StepOf, steps: number) {
  const times = new Map<string, Float64Array>();
  for (const row of stage.events) {
    const step = stepOf(row);
    if (step < 0) continue;
    const category = categoryOf(graph, row);
    const known = times.get(category) ?? new Float64Array(steps);
    known[step]! += graph.trace.gpu.duration[row]!;
    times.set(category, known);
  }
  return times;
}

function kernelTimes(
  graph: KernelGraph,
  stage: StageGraph,
  stepOf: StepOf,
  steps: number,
): KernelTime[] {
  const { gpu } = graph.trace;
  return kernelEntries(graph, stage).flatMap(({ name, entries }) => {
    const category = categoryOf(graph, stage.events[entries[0]!]!);
    if (COMMUNICATION_CATEGORIES.has(category)) return [];
    const ns = new Float64Array(steps);
    const isIn = new Set<number>();
    for (const entry of entries) {
      const row = stage.events[entry]!;
      const step = stepOf(row);
      if (step < 0) continue;
      ns[step]! += gpu.duration[row]!;
      isIn.add(step);
    }
    return isIn.size === 0 ? [] : [{ name, category, ns: usual(ns) }];
  });
}

/** The median step; the mean where most steps have none. */
function usual(ns: Float64Array): number {
  return medianOf(ns) || ns.reduce((sum, one) => sum + one, 0) / ns.length;
}
