import { GPU_KIND, type GpuKind, type Trace, text } from "../../model/trace/trace.ts";
import type { Nanoseconds, Row } from "../../model/trace/units.ts";

/** The GPU work recorded while one CUDA/HIP graph was captured. */
interface CapturedGraph {
  /** Annotation around the capture ("capture_32_DECODE"), else null. */
  readonly label: string | null;
  /** Batch size the label states, else the one told by the caller, else null. */
  readonly batchSize: number | null;
  /** Rows of Trace.launches in host order: what becomes a node of the graph. */
  readonly launches: readonly Row[];
  readonly kinds: readonly GpuKind[];
}

/**
 * Finds the captures of a trace: between StreamBeginCapture and StreamEndCapture on one thread,
 * every launch, copy and fill becomes a node in that order. Such launches have no GPU event of
 * their own, which is why the replay needs them.
 */
export function capturedGraphs(trace: Trace, fallbackBatchSize: number | null): CapturedGraph[] {
  const { launches } = trace;
  const open = new Map<number, { start: Nanoseconds; rows: Row[]; kinds: GpuKind[] }>();
  const found: CapturedGraph[] = [];
  const callKind = nodeKinds(trace);
  for (let row = 0; row < launches.count; row++) {
    const call = callKind[launches.name[row]!];
    if (call === undefined) continue;
    const thread = launches.thread[row]!;
    if (call === "begin") {
      open.set(thread, { start: launches.start[row]!, rows: [], kinds: [] });
      continue;
    }
    const capture = open.get(thread);
    if (capture === undefined) continue;
    if (call === "end") {
      open.delete(thread);
      if (capture.rows.length > 0) found.push(labelled(trace, capture, fallbackBatchSize));
      continue;
    }
    capture.rows.push(row);
    capture.kinds.push(call);
  }
  return found;
}

type CallKind = GpuKind | "begin" | "end";

/** Per StringId of an API call: the graph node it makes. Decided once per spelling. */
function nodeKinds(trace: Trace): readonly (CallKind | undefined)[] {
  const kinds: (CallKind | undefined)[] = [];
  for (const id of new Set(trace.launches.name)) kinds[id] = callKindOf(text(trace, id));
  return kinds;
}

/** Exported for tests: which node, if any, an API call adds to a graph under capture. */
export function callKindOf(api: string): CallKind | undefined {
  if (/StreamBeginCapture/.test(api)) return "begin";
  if (/StreamEndCapture/.test(api)) return "end";
  if (/GraphLaunch|HostFunc/.test(api)) return undefined;
  if (/Launch(Cooperative)?Kernel|ModuleLaunch|ExtLaunch/.test(api)) return GPU_KIND.kernel;
  if (/^(cuda|cu|hip)Memcpy/.test(api)) return GPU_KIND.copy;
  if (/^(cuda|cu|hip)Memset/.test(api)) return GPU_KIND.fill;
  return undefined;
}

function labelled(
  trace: Trace,
  capture: { start: Nanoseconds; rows: Row[]; kinds: GpuKind[] },
  fallbackBatchSize: number | null,
): CapturedGraph {
  const label = enclosingAnnotation(trace, capture.start);
  return {
    label,
    batchSize: (label === null ? null : batchSizeOf(label)) ?? fallbackBatchSize,
    launches: capture.rows,
    kinds: capture.kinds,
  };
}

/** The innermost host annotation that states a batch size and spans the moment. */
function enclosingAnnotation(trace: Trace, moment: Nanoseconds): string | null {
  const { annotations } = trace;
  let best: string | null = null;
  for (let row = 0; row < annotations.count; row++) {
    if (annotations.start[row]! > moment) break;
    if (annotations.onGpu[row] === 1) continue;
    if (annotations.start[row]! + annotations.duration[row]! < moment) continue;
    const name = text(trace, annotations.name[row]!);
    // Ascending start: a later one that still spans the moment lies further inside.
    if (batchSizeOf(name) !== null) best = name;
  }
  return best;
}

/** "capture_32_FULL", "capture_graph bs=32", "bs_32_rank0.json.gz" → 32. */
export function batchSizeOf(label: string): number | null {
  const found = /(?:capture|bs|batch_size|num_tokens)[_= ](?:bs[_=])?(\d+)/i.exec(label);
  return found === null ? null : Number(found[1]);
}
