import type { Trace } from "../../model/trace/trace.ts";
import { NO_ROW, type Row } from "../../model/trace/units.ts";
import type { StepAssignment } from "./assign-steps.ts";
import { cutPasses, pauseRow } from "./cut-passes.ts";

/** Pieces of a model between its attention layers hold a dozen kernels; a whole pass holds some for each layer. */
const LEAST_KERNELS = 40;
/** Two launches may be anything. */
const LEAST_PASSES = 3;
/** So much of the GPU's events lies in whole passes: the rest prepares them and samples. */
const MOST = 0.8;

/** What one launch of a graph runs. */
interface Replay {
  readonly first: Row;
  last: Row;
  kernels: number;
}

/**
 * Forward passes of a trace in which neither annotations nor layers tell steps, by the graphs that
 * the host launches: one that holds a whole model is one pass. Told only where such launches are
 * nearly all there is, one after the other; where pieces of a model are replayed, or whole passes
 * run without a graph between, nobody can say what belongs together. What lies between two launches
 * is parted at the GPU's longest pause, as {@link passesByLayers} does.
 *
 * @returns null where steps are told otherwise, or no passes are certain.
 */
export function passesByGraphs(
  trace: Trace,
  { steps, stageOf }: StepAssignment,
  launchOf: Int32Array,
  isReplay: Uint8Array,
): StepAssignment | null {
  const [whole] = steps;
  if (whole === undefined || steps.length > 1) return null;
  if (whole.from === "annotation" || whole.from === "python-frame") return null;
  const replays = replaysOf(launchOf, isReplay);
  const passes = replays.filter(({ kernels }) => kernels >= LEAST_KERNELS);
  const held = passes.reduce((sum, { kernels }) => sum + kernels, 0);
  if (passes.length < LEAST_PASSES || passes.length < replays.length) return null;
  if (held < MOST * trace.gpu.count) return null;
  const rows = Uint32Array.from({ length: trace.gpu.count }, (_, row) => row);
  const times: number[] = [];
  for (const [at, pass] of passes.entries()) {
    const before = passes[at - 1];
    if (before === undefined) continue;
    if (pass.first < before.last || pass.first - before.last > LEAST_KERNELS) return null;
    times.push(trace.gpu.start[pauseRow(trace, rows, before.last, pass.first)]!);
  }
  return cutPasses(trace, { whole, stageOf }, times, "graph-launch");
}

/** Launches of graphs by their first kernel. */
function replaysOf(launchOf: Int32Array, isReplay: Uint8Array): readonly Replay[] {
  const found = new Map<number, Replay>();
  for (let row = 0; row < launchOf.length; row++) {
    const launch = launchOf[row]!;
    if (launch === NO_ROW || isReplay[launch] !== 1) continue;
    const known = found.get(launch);
    if (known === undefined) found.set(launch, { first: row, last: row, kernels: 1 });
    else {
      known.last = row;
      known.kernels++;
    }
  }
  return [...found.values()];
}
