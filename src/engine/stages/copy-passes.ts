import { GPU_KIND, type Trace } from "../../model/trace/trace.ts";
import type { Row } from "../../model/trace/units.ts";
import { cutLayers } from "../layers/layer-plan.ts";
import type { StepAssignment } from "./assign-steps.ts";
import { cutPasses, pauseRow } from "./cut-passes.ts";

/** Between copies of one step's inputs, or of its tokens and the next one's inputs, run fewer kernels. */
const LEAST_KERNELS = 16;
/** Two may be anything. */
const LEAST_PASSES = 3;
/** So many of the kernels lie in passes: the others prepare inputs and sample. */
const MOST = 0.8;

/** Kernels between two copies, as rows: first and last. */
interface Stretch {
  readonly first: Row;
  readonly last: Row;
}

/**
 * Forward passes of a trace in which nothing else tells steps, by what the host copies: a step's
 * inputs go to the GPU before it and its tokens come back behind it, and within a pass nothing does.
 * So passes of other kernels each (prefills among decodes) are told, too. Told only where nearly all
 * kernels lie in stretches between such copies and every stretch but the first and last, which the
 * window may cut, repeats a layer about as often: a model is as deep in every pass.
 *
 * @returns null where steps are told otherwise, or no passes are certain.
 */
export function passesByCopies(
  trace: Trace,
  { steps, stageOf }: StepAssignment,
): StepAssignment | null {
  const [whole] = steps;
  if (whole === undefined || steps.length > 1) return null;
  if (whole.from === "annotation" || whole.from === "python-frame") return null;
  const { stretches, kernels } = stretchesOf(trace);
  if (stretches.length < LEAST_PASSES) return null;
  const held = stretches.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  if (held < MOST * kernels || !areAsDeep(trace, stretches)) return null;
  const rows = Uint32Array.from({ length: trace.gpu.count }, (_, row) => row);
  const times = stretches
    .slice(1)
    .map(({ first }, at) => trace.gpu.start[pauseRow(trace, rows, stretches[at]!.last, first)]!);
  return cutPasses(trace, { whole, stageOf }, times, "host-copies");
}

/** What runs between copies from or to the host, where it is many kernels. */
function stretchesOf({ gpu, kernelNames }: Trace) {
  const isHost = kernelNames.map(({ raw }) => /HtoD|DtoH|HostToDevice|DeviceToHost/.test(raw));
  const stretches: Stretch[] = [];
  let first = -1;
  let last = -1;
  let inside = 0;
  let kernels = 0;
  const close = (): void => {
    if (inside >= LEAST_KERNELS) stretches.push({ first, last });
    first = -1;
    inside = 0;
  };
  for (let row = 0; row < gpu.count; row++) {
    if (gpu.kind[row] === GPU_KIND.kernel) {
      if (inside === 0) first = row;
      last = row;
      inside++;
      kernels++;
    } else if (gpu.kind[row] === GPU_KIND.copy && isHost[gpu.name[row]!]) close();
  }
  close();
  return { stretches, kernels };
}

function areAsDeep(trace: Trace, stretches: readonly Stretch[]): boolean {
  const stepOf = new Int32Array(trace.gpu.count);
  const depths = stretches.map(({ first, last }) => {
    const rows = Uint32Array.from({ length: last - first + 1 }, (_, at) => first + at);
    return cutLayers(trace, rows, stepOf)?.count ?? 0;
  });
  const inner = depths.length > LEAST_PASSES ? depths.slice(1, -1) : depths;
  const [least, most] = [Math.min(...inner), Math.max(...inner)];
  return least >= LEAST_LAYERS && most <= ABOUT_AS_DEEP * least;
}

const LEAST_LAYERS = 2;
/** Layers of another kind at the beginning look like the others in some passes. */
const ABOUT_AS_DEEP = 1.5;
