/** How Kineto spells GPU events and their launches: argument names and order per vendor. */
import type { GpuCall } from "./calls.ts";
import type { Gpu } from "./machine.ts";
import type { Json, SynthEvent } from "./trace.ts";

/** CUPTI callback ids of the calls we write. */
const CBID: Record<string, number> = {
  cudaLaunchKernel: 211,
  cudaLaunchKernelExC: 430,
  cuLaunchKernel: 307,
  cuLaunchKernelEx: 652,
  cudaMemcpyAsync: 41,
  cudaMemsetAsync: 51,
  cudaGraphLaunch: 311,
  cudaEventRecord: 135,
  cudaEventRecordWithFlags: 370,
  cudaEventSynchronize: 137,
  cudaStreamWaitEvent: 147,
  cudaStreamSynchronize: 131,
  cudaDeviceSynchronize: 165,
  cudaStreamIsCapturing: 317,
  cudaStreamBeginCapture: 309,
  cudaStreamEndCapture: 310,
  cudaGraphInstantiateWithFlags: 396,
};

const HIP: Record<string, [name: string, cid: number]> = {
  cudaLaunchKernel: ["hipLaunchKernel", 107],
  cudaLaunchKernelExC: ["hipLaunchKernel", 107],
  cuLaunchKernel: ["hipModuleLaunchKernel", 169],
  cuLaunchKernelEx: ["hipExtModuleLaunchKernel", 65],
  cudaMemcpyAsync: ["hipMemcpyWithStream", 153],
  cudaMemsetAsync: ["hipMemsetAsync", 157],
  cudaGraphLaunch: ["hipGraphLaunch", 215],
  cudaEventRecord: ["hipEventRecord", 55],
  cudaEventRecordWithFlags: ["hipEventRecordWithFlags", 56],
  cudaEventSynchronize: ["hipEventSynchronize", 60],
  cudaStreamWaitEvent: ["hipStreamWaitEvent", 200],
  cudaStreamSynchronize: ["hipStreamSynchronize", 198],
  cudaDeviceSynchronize: ["hipDeviceSynchronize", 48],
  cudaStreamIsCapturing: ["hipStreamGetCaptureInfo", 288],
  cudaStreamBeginCapture: ["hipStreamBeginCapture", 219],
  cudaStreamEndCapture: ["hipStreamEndCapture", 220],
  cudaGraphInstantiateWithFlags: ["hipGraphInstantiateWithFlags", 209],
};

const COPY_CODE: Record<string, string> = { HtoD: "1", DtoH: "2", DtoD: "3" };

/** A runtime or driver call. `call` is what it submits, if anything. */
export function hostCall(
  gpu: Gpu,
  cudaName: string,
  ids: { externalId: number | null; correlation: number },
  call: GpuCall | null,
): Pick<SynthEvent, "cat" | "name" | "args"> {
  const external = ids.externalId === null ? {} : { "External id": ids.externalId };
  if (gpu.vendor === "nvidia") {
    const cat = cudaName.startsWith("cuL") ? "cuda_driver" : "cuda_runtime";
    const args = { ...external, cbid: CBID[cudaName] ?? 0, correlation: ids.correlation };
    return { cat, name: cudaName, args };
  }
  const [name, cid] = HIP[cudaName] ?? [cudaName, 0];
  const named: Record<string, Json> = call?.kind === "kernel" ? { kernel: call.name } : {};
  const shape: Record<string, Json> =
    call?.kind === "kernel"
      ? { grid: call.grid, block: call.block, "shared memory": call.sharedMemory }
      : {};
  const moved: Record<string, Json> =
    call?.kind === "copy"
      ? { bytes: String(call.bytes), kind: COPY_CODE[directionOf(call)] ?? "4" }
      : {};
  const args = { ...external, ...named, cid, correlation: ids.correlation, ...shape, ...moved };
  return { cat: "cuda_runtime", name, args };
}

/** Args of a kernel, copy or fill. In HIP graph replays neither grid nor External id is recorded. */
export function deviceArgs(
  gpu: Gpu,
  device: number,
  stream: number,
  call: GpuCall,
  ids: { externalId: number | null; correlation: number; replayed: boolean; nodeId: bigint | null },
  durationNs: number,
): Record<string, Json> {
  const args: Record<string, Json> = {};
  if (ids.externalId !== null) args["External id"] = ids.externalId;
  const { correlation } = ids;
  if (gpu.vendor === "amd") {
    Object.assign(args, { device, stream, correlation });
    if (call.kind === "kernel") args.kind = ids.replayed ? "Dispatch Task" : "Dispatch Kernel";
    else args.kind = directionOf(call);
    if (call.kind === "kernel" && !ids.replayed)
      Object.assign(args, { grid: call.grid, block: call.block });
  } else if (call.kind === "kernel") {
    Object.assign(
      args,
      { queued: 0, device, context: 1, stream, correlation },
      occupancy(gpu, call),
    );
  } else {
    Object.assign(args, { device, context: 1, stream, correlation });
  }
  if (call.kind !== "kernel")
    Object.assign(args, {
      bytes: call.bytes,
      "memory bandwidth (GB/s)": Number((call.bytes / durationNs).toFixed(6)),
    });
  if (ids.nodeId !== null) Object.assign(args, { "graph id": 3, "graph node id": ids.nodeId });
  return Object.assign(args, call.extra);
}

function occupancy(gpu: Gpu, call: GpuCall): Record<string, Json> {
  const blocks = call.grid[0] * call.grid[1] * call.grid[2];
  const warps = Math.ceil((call.block[0] * call.block[1] * call.block[2]) / 32);
  const blocksPerSm = blocks / gpu.multiprocessors;
  return {
    "registers per thread": call.registers,
    "shared memory": call.sharedMemory,
    "blocks per SM": Number(blocksPerSm.toFixed(6)),
    "warps per SM": Number((blocksPerSm * warps).toFixed(6)),
    grid: call.grid,
    block: call.block,
    "est. achieved occupancy %": Math.min(100, Math.round((blocksPerSm * warps * 100) / 64)),
  };
}

function directionOf(call: GpuCall): string {
  return call.name.replace("Memcpy ", "").split(" ")[0] ?? "";
}
