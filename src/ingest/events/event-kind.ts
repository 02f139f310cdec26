import { NO_ID } from "../../model/trace/units.ts";
import type { TextTable } from "../columns/text-table.ts";
import type { EventRow } from "./event-row.ts";

/** The order matters: kinds of one table stand together, in the order of their codes in model/trace.ts. */
export const KIND = {
  unused: 0,
  kernel: 1,
  copy: 2,
  fill: 3,
  runtime: 4,
  driver: 5,
  op: 6,
  frame: 7,
  annotation: 8,
  gpuAnnotation: 9,
  sync: 10,
  /** A category nobody wrote down: the event's name and arguments decide. */
  unknown: 11,
} as const;
export type EventKind = (typeof KIND)[keyof typeof KIND];

/** Categories without case, blanks and underscores, so that old and new spellings fall together. */
const KIND_OF: Readonly<Record<string, EventKind>> = {
  kernel: KIND.kernel,
  gpukernel: KIND.kernel,
  gpumemcpy: KIND.copy,
  memcpy: KIND.copy,
  gpumemset: KIND.fill,
  memset: KIND.fill,
  cudaruntime: KIND.runtime,
  hipruntime: KIND.runtime,
  runtime: KIND.runtime,
  cudadriver: KIND.driver,
  hipdriver: KIND.driver,
  driver: KIND.driver,
  cpuop: KIND.op,
  operator: KIND.op,
  pythonfunction: KIND.frame,
  userannotation: KIND.annotation,
  gpuuserannotation: KIND.gpuAnnotation,
  cudasync: KIND.sync,
  ac2g: KIND.unused,
  asynccputogpu: KIND.unused,
  fwdbwd: KIND.unused,
  cpuinstantevent: KIND.unused,
  externalcorrelation: KIND.unused,
  overhead: KIND.unused,
  trace: KIND.unused,
  // Counters over ranges of kernels, on the GPU's lanes.
  cudaprofilerrange: KIND.unused,
  gpupmcounter: KIND.unused,
};

/** What a category says by itself; {@link KIND.unknown} for one that is missing or foreign. */
export function kindOfCategory(category: string): EventKind {
  const plain = category.toLowerCase().replace(/[\s_]+/g, "");
  return Object.hasOwn(KIND_OF, plain) ? KIND_OF[plain]! : KIND.unknown;
}

const RUNTIME_CALL = /^(cuda|hip)[A-Z]/;
const DRIVER_CALL = /^cu[A-Z]/;

/** True for calls of NVIDIA's and AMD's APIs. */
export function isGpuCall(name: string): boolean {
  return RUNTIME_CALL.test(name) || DRIVER_CALL.test(name);
}

const FRAME = /^(nn\.Module: |<built-in |.+\(\d+\): )/;

/**
 * Events of exporters that rename or omit `cat`: work on a GPU carries stream and correlation, API
 * calls and Python frames are told by the way they are spelled, ops by their namespace. Whether the
 * GPU is one that is read its launches tell ({@link ForeignEvents}).
 */
export function kindByContent(row: EventRow, texts: TextTable): EventKind {
  const name = texts.text(row.name);
  if (RUNTIME_CALL.test(name)) return KIND.runtime;
  if (DRIVER_CALL.test(name)) return KIND.driver;
  if (row.stream !== 0 && row.correlation !== NO_ID && name !== "") return gpuKindOfName(name);
  if (FRAME.test(name)) return KIND.frame;
  if (name.includes("::") && (row.externalId !== NO_ID || row.shapes !== 0)) return KIND.op;
  return KIND.unused;
}

function gpuKindOfName(name: string): EventKind {
  if (/^memcpy\b/i.test(name)) return KIND.copy;
  return /^memset\b/i.test(name) ? KIND.fill : KIND.kernel;
}
