/** GPUs and the metadata a profiler writes about them. */
import type { Json } from "./trace.ts";

export interface Gpu {
  readonly vendor: "nvidia" | "amd";
  /** As `deviceProperties` spells it. */
  readonly name: string;
  readonly memoryBytes: number;
  readonly capability: readonly [major: number, minor: number];
  readonly multiprocessors: number;
}

export const GPUS = {
  h100: {
    vendor: "nvidia",
    name: "NVIDIA H100 80GB HBM3",
    memoryBytes: 85_018_279_936,
    capability: [9, 0],
    multiprocessors: 132,
  },
  b200: {
    vendor: "nvidia",
    name: "NVIDIA B200",
    memoryBytes: 191_503_138_816,
    capability: [10, 0],
    multiprocessors: 148,
  },
  mi300x: {
    vendor: "amd",
    name: "AMD Instinct MI300X",
    memoryBytes: 206_141_652_992,
    capability: [9, 4],
    multiprocessors: 304,
  },
} as const satisfies Record<string, Gpu>;

export type GpuName = keyof typeof GPUS;

/** One entry of `deviceProperties` as Kineto writes it. */
export function deviceProperties(gpu: Gpu, id: number): Json {
  const common = {
    id,
    name: gpu.name,
    totalGlobalMem: gpu.memoryBytes,
    computeMajor: gpu.capability[0],
    computeMinor: gpu.capability[1],
    maxThreadsPerBlock: 1024,
    maxThreadsPerMultiprocessor: 2048,
  };
  return gpu.vendor === "nvidia"
    ? {
        ...common,
        regsPerBlock: 65536,
        warpSize: 32,
        sharedMemPerBlock: 49152,
        numSms: gpu.multiprocessors,
        regsPerMultiprocessor: 65536,
        sharedMemPerBlockOptin: 232448,
        sharedMemPerMultiprocessor: 233472,
      }
    : {
        ...common,
        regsPerBlock: 131072,
        warpSize: 64,
        sharedMemPerBlock: 65536,
        numSms: gpu.multiprocessors,
        maxSharedMemoryPerMultiProcessor: 65536,
      };
}

/** `distributedInfo`: the default group, the tensor-parallel pair (nccl + gloo), singletons for pp. */
export function distributedInfo(rank: number, worldSize: number): Json {
  const everyone = Array.from({ length: worldSize }, (_, index) => index);
  const groups: [desc: string, backend: string, ranks: number[]][] = [
    ["default_pg", "cuda:nccl", everyone],
    ["undefined", "cuda:nccl", everyone],
    ["undefined", "cpu:gloo,cuda:gloo", everyone],
    ["undefined", "cuda:nccl", [rank]],
    ["undefined", "cpu:gloo,cuda:gloo", [rank]],
  ];
  return {
    backend: "nccl",
    rank,
    world_size: worldSize,
    pg_count: groups.length,
    pg_config: groups.map(([desc, backend, ranks], index) => ({
      pg_name: String(index),
      pg_desc: desc,
      backend_config: backend,
      pg_size: ranks.length,
      ranks,
    })),
    nccl_version: "2.27.5",
  };
}
