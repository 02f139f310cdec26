/** Launch shapes and durations that several models share. */
import type { GpuCall } from "../calls.ts";
import type { Json } from "../trace.ts";

type Launch = Partial<Omit<GpuCall, "kind" | "name" | "role" | "us">>;

/** A cuBLASLt or CUTLASS GEMM that fills the GPU. */
export const GEMM: Launch = {
  grid: [132, 1, 1],
  block: [384, 1, 1],
  registers: 168,
  sharedMemory: 213_504,
  api: "cuLaunchKernelEx",
};

/** Kernels compiled at run time and launched with attributes (no op, no External id of their own). */
export const JIT: Launch = { api: "cudaLaunchKernelExC" };

/** A Triton kernel. */
export const TRITON: Launch = {
  block: [256, 1, 1],
  registers: 168,
  sharedMemory: 98_304,
  api: "cuLaunchKernelEx",
};

/** One block per row of a tensor. */
export function perRow(rows: number, threads: number): Launch {
  return { grid: [rows, 1, 1], block: [threads, 1, 1] };
}

/** Duration in µs: a floor plus so much per thousand rows. */
export function scaled(floor: number, perThousand: number, rows: number): number {
  return floor + (perThousand * rows) / 1000;
}

/** What NCCL kernels carry about their collective. */
export function collectiveArgs(
  name: string,
  elements: { in: number; out: number },
  ranks: number,
): Readonly<Record<string, Json>> {
  return {
    "Collective name": name,
    "In msg nelems": elements.in,
    "Out msg nelems": elements.out,
    "Group size": ranks,
    dtype: "BFloat16",
    "In split size": "[]",
    "Out split size": "[]",
    "Process Group Name": "1",
    "Process Group Description": "undefined",
    "Process Group Ranks": `[${Array.from({ length: ranks }, (_, rank) => rank).join(", ")}]`,
  };
}
