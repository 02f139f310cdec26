import { NO_LAUNCH } from "../ingest/columns/trace-builder.ts";
import { EXIT, TriageError } from "../model/errors.ts";
import { type Trace, text } from "../model/trace/trace.ts";

/** Why a trace has no GPU event that is read, and what to do. */
interface Reason {
  readonly message: string;
  readonly hint: string;
}

const ONLY = "Only NVIDIA and AMD GPUs are read.";

/** Other devices' profilers, by the categories and lanes they write. */
const OTHER_DEVICES: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  { pattern: /\bascend\b|\bnpu\b|\bcann\b/i, what: "an Ascend NPU trace (torch_npu)" },
  { pattern: /^mtia/i, what: "a trace of Meta's MTIA" },
  { pattern: /^xpu|^sycl|\bxpu\b/i, what: "an Intel XPU trace" },
  { pattern: /^hpu|\bgaudi\b|habana/i, what: "an Intel Gaudi (HPU) trace" },
  { pattern: /\btpu\b|^xla/i, what: "a TPU (XLA) trace" },
  { pattern: /^musa|^mlu|^privateuse1/i, what: "a trace of a device added to torch by a plug-in" },
];

/** Others that write the same format, by their categories and lanes. */
const OTHER_RECORDERS: typeof OTHER_DEVICES = [
  {
    pattern: /^(?:devtools|disabled-by-default|v8|blink|toplevel)\b/,
    what: "a browser's trace (Chrome DevTools)",
  },
  { pattern: /^\/(?:device|host):/, what: "a trace of JAX or TensorFlow (XProf)" },
];

/** @returns the error that says what a trace without GPU events is instead. */
export function noGpuEvents(trace: Trace): TriageError {
  const { path } = trace.origin;
  const { message, hint } = reasonOf(trace);
  return new TriageError({
    code: "trace/no-gpu-events",
    exit: EXIT.unreadable,
    message: `${path} ${message}`,
    place: path,
    hint,
  });
}

function reasonOf(trace: Trace): Reason {
  const { damage, isCut, events, dropped, processes } = trace.origin;
  if (isCut && damage !== null)
    return {
      message: `has no GPU event before its damage: ${damage}.`,
      hint: "Copy the trace again, or record it again and wait for the export to finish.",
    };
  const lost = trace.origin.losses.find(
    ({ category, what }) => /kernel|gpu_mem/i.test(category) && what !== NO_LAUNCH,
  );
  if (lost !== undefined)
    return {
      message: `has ${lost.count} ${lost.category} events whose ${lost.what} could not be read, and no other on the GPU.`,
      hint: "Record it again, or mend the elements: each needs ts and dur as numbers.",
    };
  const foreign = trace.origin.losses.filter(({ what }) => what === NO_LAUNCH);
  const labels = [
    ...Object.keys(dropped),
    ...foreign.map(({ category }) => category),
    ...processes,
    ...deviceNames(trace),
  ];
  const other = OTHER_DEVICES.find(({ pattern }) => labels.some((label) => pattern.test(label)));
  const launches = launchCalls(trace, other !== undefined);
  if (other !== undefined)
    return {
      message:
        launches > 0
          ? `is ${other.what} with ${launches} launch and runtime calls and no device records.`
          : `is ${other.what}. ${ONLY}`,
      hint:
        launches > 0
          ? `The device's own tracing (driver, PTI) gave nothing. ${ONLY}`
          : "Record the model on one of those to triage it.",
    };
  if (foreign.length > 0) {
    const kinds = foreign.map(({ category, count }) => `${count} ${category}`).join(", ");
    return {
      message: `holds the work of a device that no CUDA or HIP call launched (${kinds}). ${ONLY}`,
      hint: "Record the model on one of those; an exporter that renames categories must keep the launch calls and their correlation.",
    };
  }
  if (launches > 0)
    return {
      message: `has ${launches} kernel launches, and none of their kernels was recorded.`,
      hint: "Another profiler may hold the device (Nsight, DCGM, a second torch.profiler), or the activity buffers overflowed or were never flushed: stop the other one, record fewer steps, and let the profiler stop before the process ends.",
    };
  const recorder = OTHER_RECORDERS.find(({ pattern }) => labels.some((it) => pattern.test(it)));
  if (recorder !== undefined)
    return {
      message: `is ${recorder.what}, not torch.profiler's.`,
      hint: "Only traces of torch.profiler are read: record one with export_chrome_trace.",
    };
  if (isLegacy(trace))
    return {
      message:
        "is an export of the old torch.autograd.profiler: it names ops and the time they took, not kernels.",
      hint: "Record with torch.profiler.profile(activities=[CPU, CUDA]) and export_chrome_trace.",
    };
  return {
    message: `has ${events} events, none of them on the GPU.`,
    hint: "Record with activities=[CPU, CUDA]; a front-end process writes CPU-only traces, give the worker's.",
  };
}

/** A runtime that is neither CUDA's nor HIP's, by its events' category. */
const OTHER_RUNTIME = /^(?!cuda|hip)\w+_(?:runtime|driver)$/i;

/**
 * Refuses traces whose kernels another maker's runtime launched: they bear the same category.
 *
 * @throws {TriageError} `trace/no-gpu-events` (exit 3)
 */
export function refuseOtherDevices(trace: Trace): void {
  const { dropped } = trace.origin;
  if (!Object.keys(dropped).some((category) => OTHER_RUNTIME.test(category))) return;
  if (trace.launches.count > 0) return;
  throw noGpuEvents(trace);
}

function deviceNames({ metadata }: Trace): string[] {
  return metadata.devices.map(({ name }) =>
    /intel.*(max|arc|flex|gpu)/i.test(name) ? "xpu" : name,
  );
}

/** Calls that put work on a device; for another maker's device every runtime call tells. */
function launchCalls(trace: Trace, isOther: boolean): number {
  const { launches } = trace;
  const isLaunch = trace.strings.map((name) => /Launch|Enqueue/i.test(name));
  let count = 0;
  for (let row = 0; row < launches.count; row++) {
    const id = launches.name[row]!;
    if (isLaunch[id]! && text(trace, id) !== "") count++;
  }
  if (!isOther) return count;
  const foreign = Object.entries(trace.origin.dropped).filter(([key]) => /_runtime$/i.test(key));
  return count + foreign.reduce((sum, [, calls]) => sum + calls, 0);
}

/** Its lanes are the processes "CPU functions" and "CUDA functions". */
function isLegacy({ origin, threads }: Trace): boolean {
  return (
    Object.hasOwn(origin.dropped, "cpu_to_cuda") ||
    threads.some(({ pid }) => /^(CPU|CUDA) functions$/.test(pid))
  );
}
