import type { Fact } from "../../model/facts.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { kernelNameAt } from "../../model/trace/trace.ts";
import { archOfComputeCapability, archOfDeviceName } from "../machines/gpu-arch.ts";

/** Vendor and architecture of the device that ran most of the stage's kernels. */
export function deviceFacts(
  graph: KernelGraph,
  stage: StageGraph,
): { readonly vendor?: Fact; readonly arch?: Fact } {
  const { vendor, vendorFrom } = graph.trace.metadata;
  const arch = archFact(graph, stage);
  return {
    ...(vendor === "unknown" ? {} : { vendor: { value: vendor, from: vendorFrom ?? "trace" } }),
    ...(arch === null ? {} : { arch }),
  };
}

function archFact(graph: KernelGraph, stage: StageGraph): Fact | null {
  const { devices, vendor } = graph.trace.metadata;
  const id = busiestDevice(graph, stage);
  // Ordinals are renumbered by CUDA_VISIBLE_DEVICES: a lone device is the one, whatever its number.
  const device = devices.find((candidate) => candidate.id === id) ?? devices[0];
  if (device !== undefined) {
    const byName = archOfDeviceName(device.name);
    if (byName !== null) return { value: byName, from: `device name "${device.name}"` };
    const capability = device.computeCapability ?? "";
    const byCapability = archOfComputeCapability(capability, vendor);
    if (byCapability !== null)
      return { value: byCapability, from: `compute capability ${capability}` };
  }
  return archOfKernelNames(graph, stage);
}

/** Tensile names carry the instruction set they were built for, and code objects run on no other. */
function archOfKernelNames(graph: KernelGraph, stage: StageGraph): Fact | null {
  for (const row of stage.events) {
    const name = kernelNameAt(graph.trace, row).raw;
    const isa = /^Cijk_.*_ISA([0-9a-f]{3,4})_/.exec(name);
    if (isa !== null) return { value: `gfx${isa[1]}`, from: `kernel name Cijk_…_ISA${isa[1]}_…` };
  }
  return null;
}

function busiestDevice(graph: KernelGraph, stage: StageGraph): number {
  const { gpu, streams } = graph.trace;
  const ofStream: (number | undefined)[] = streams.map(() => undefined);
  for (let entry = 0; entry < stage.events.length; entry++) {
    const row = stage.events[entry]!;
    const stream = gpu.stream[row]!;
    ofStream[stream] = (ofStream[stream] ?? 0) + gpu.duration[row]!;
  }
  const busy = new Map<number, number>();
  for (const [stream, { device }] of streams.entries())
    if (ofStream[stream] !== undefined)
      busy.set(device, (busy.get(device) ?? 0) + ofStream[stream]);
  const byTime = [...busy].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  return byTime[0]?.[0] ?? 0;
}
