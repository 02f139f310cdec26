import { largestOf } from "../../base/extremes.ts";
import type { LayerPlan, LayerPosition } from "../../model/trace/kernel-graph.ts";
import { GPU_KIND, type Trace } from "../../model/trace/trace.ts";
import { Groups, ranksOfOrdered } from "../spread.ts";
import { findPeriod, type Period, type Sequences } from "./period.ts";
import { layerTemplate, walkLayers } from "./walk-layers.ts";

/** A stage cut into layers, before anything is said of what they hold. */
export type LayerCut = Omit<LayerPlan, "template">;

/** Leaving copies and fills out must explain at least this much more to be worth it. */
const WORTH = 0.05;

/**
 * Layers of a stage: the repeated kernel period of its busiest stream, found on kernel names, so
 * that a graph replay without any site has them too. Layer numbers start anew with every step.
 *
 * Copies and fills belong to a layer where they come with every layer. Where they come now and
 * then (a workspace cleared, a batch padded) they would hide the period and are looked past.
 *
 * @param events GPU rows of the stage, ascending.
 * @param stepOf per GPU row its step, -1 without one.
 * @returns null where nothing repeats often enough.
 */
export function cutLayers(trace: Trace, events: Uint32Array, stepOf: Int32Array): LayerCut | null {
  const runs = runsOfBusiestStream(trace, events, stepOf);
  const every = findRepeat(trace, events, runs);
  const kernels = kernelsAlone(trace, events, runs);
  const without = kernels && findRepeat(trace, events, kernels);
  const isWorth = (without?.matchRatio ?? 0) > (every?.matchRatio ?? 0) + WORTH;
  const found = isWorth ? without : every;
  return found === null ? null : numberLayers(events, found);
}

interface Run {
  readonly step: number;
  /** Indexes into the stage's events. */
  readonly entries: readonly number[];
}

interface Repeat extends Period {
  readonly runs: readonly Run[];
  readonly sequences: Sequences;
  readonly template: Uint32Array;
}

/** The busiest stream's events, in one run per step. */
function runsOfBusiestStream(
  trace: Trace,
  events: Uint32Array,
  stepOf: Int32Array,
): readonly Run[] {
  const busy = new Float64Array(trace.streams.length);
  for (let entry = 0; entry < events.length; entry++) {
    const row = events[entry]!;
    busy[trace.gpu.stream[row]!]! += trace.gpu.duration[row]!;
  }
  const busiest = busy.indexOf(largestOf(busy));
  const runs = new Map<number, number[]>();
  for (let entry = 0; entry < events.length; entry++) {
    const row = events[entry]!;
    if (trace.gpu.stream[row] !== busiest) continue;
    const entries = runs.get(stepOf[row]!);
    if (entries === undefined) runs.set(stepOf[row]!, [entry]);
    else entries.push(entry);
  }
  return [...runs].map(([step, entries]) => ({ step, entries }));
}

/** The runs without copies and fills; null where they hold none. */
function kernelsAlone(
  trace: Trace,
  events: Uint32Array,
  runs: readonly Run[],
): readonly Run[] | null {
  const isKernel = (entry: number) => trace.gpu.kind[events[entry]!] === GPU_KIND.kernel;
  const kernels = runs.map(({ step, entries }) => ({ step, entries: entries.filter(isKernel) }));
  const isSame = runs.every(({ entries }, at) => entries.length === kernels[at]!.entries.length);
  return isSame ? null : kernels;
}

function findRepeat(trace: Trace, events: Uint32Array, runs: readonly Run[]): Repeat | null {
  const sequences: Sequences = runs.map(({ entries }) => {
    const names = new Uint32Array(entries.length);
    for (let at = 0; at < names.length; at++) names[at] = trace.gpu.name[events[entries[at]!]!]!;
    return names;
  });
  // What no step launched is scattered over the trace: its order says nothing while steps do.
  const ofSteps = sequences.filter((_, at) => runs[at]!.step >= 0);
  const telling = ofSteps.length > 0 ? ofSteps : sequences;
  const period = findPeriod(telling);
  if (period === null) return null;
  const longest = telling.reduce((a, b) => (b.length > a.length ? b : a));
  const template = layerTemplate(longest, period.period);
  return template && { ...period, runs, sequences, template };
}

function numberLayers(
  events: Uint32Array,
  { period, matchRatio, runs, sequences, template }: Repeat,
): LayerCut | null {
  const layerOf = new Int32Array(events.length).fill(-1);
  const positionOf = new Int32Array(events.length).fill(-1);
  let count = 0;
  for (const [at, { entries }] of runs.entries()) {
    for (const { start, layer } of walkLayers(sequences[at]!, template)) {
      count = Math.max(count, layer + 1);
      for (let position = 0; position < period; position++) {
        const entry = entries[start + position]!;
        layerOf[entry] = layer;
        positionOf[entry] = position;
      }
    }
  }
  return count === 0 ? null : { period, matchRatio, count, layerOf, positionOf };
}

/** What stands at every position of the layers, over all of them. */
export function describeLayers(
  trace: Trace,
  events: Uint32Array,
  symbolOf: Uint32Array,
  { period, positionOf }: LayerCut,
): readonly LayerPosition[] {
  const sizes = new Uint32Array(period);
  for (let entry = 0; entry < events.length; entry++)
    if (positionOf[entry]! >= 0) sizes[positionOf[entry]!]!++;
  const durations = new Groups(sizes);
  const symbols: Map<number, number>[] = Array.from({ length: period }, () => new Map());
  for (let entry = 0; entry < events.length; entry++) {
    const position = positionOf[entry]!;
    if (position < 0) continue;
    const row = events[entry]!;
    durations.add(position, trace.gpu.duration[row]!);
    const symbol = symbolOf[row]!;
    symbols[position]!.set(symbol, (symbols[position]!.get(symbol) ?? 0) + 1);
  }
  return symbols.map((counts, position) => {
    const times = durations.of(position).sort();
    const [symbol, agreement] = [...counts].reduce((a, b) =>
      b[1] > a[1] || (b[1] === a[1] && b[0] < a[0]) ? b : a,
    );
    return {
      position,
      symbol,
      medianNs: ranksOfOrdered(times).median,
      minNs: times[0]!,
      maxNs: times.at(-1)!,
      agreement,
    };
  });
}
