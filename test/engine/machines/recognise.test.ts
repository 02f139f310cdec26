import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseMachines } from "../../../src/engine/machines/parse-machines.ts";
import { machineNamed, recogniseMachine } from "../../../src/engine/machines/recognise.ts";
import type { DeviceProperties } from "../../../src/model/trace/trace.ts";

const MACHINES = parseMachines(readFileSync("references/gpus.yaml", "utf8"), "gpus.yaml");

const device = (given: Partial<DeviceProperties>): DeviceProperties => ({
  id: 0,
  name: "",
  computeCapability: null,
  multiprocessors: null,
  memoryBytes: null,
  ...given,
});

/** As drivers report them. */
const KNOWN: readonly (readonly [id: string, vendor: string, given: Partial<DeviceProperties>])[] =
  [
    [
      "v100-sxm2-16gb",
      "nvidia",
      { name: "Tesla V100-SXM2-16GB", computeCapability: "7.0", memoryBytes: 16945709056 },
    ],
    ["v100-sxm2-32gb", "nvidia", { name: "Tesla V100-SXM2-32GB", memoryBytes: 34089730048 }],
    ["v100-pcie", "nvidia", { name: "Tesla V100-PCIE-32GB", memoryBytes: 34089730048 }],
    ["a100-sxm-40gb", "nvidia", { name: "NVIDIA A100-SXM4-40GB", memoryBytes: 42505273344 }],
    [
      "a100-sxm-40gb",
      "nvidia",
      { name: "NVIDIA A100-PG509-200", computeCapability: "8.0", memoryBytes: 42505273344 },
    ],
    ["a100-sxm-80gb", "nvidia", { name: "NVIDIA A100-SXM4-80GB", memoryBytes: 85031714816 }],
    ["a100-pcie-80gb", "nvidia", { name: "NVIDIA A100 80GB PCIe", memoryBytes: 85031714816 }],
    ["a10", "nvidia", { name: "NVIDIA A10", memoryBytes: 23609475072 }],
    ["l4", "nvidia", { name: "NVIDIA L4", memoryBytes: 23580639232 }],
    ["l40s", "nvidia", { name: "NVIDIA L40S", memoryBytes: 47810936832 }],
    ["rtx-3060", "nvidia", { name: "NVIDIA GeForce RTX 3060", memoryBytes: 12487294976 }],
    ["rtx-4090", "nvidia", { name: "NVIDIA GeForce RTX 4090", memoryBytes: 25386352640 }],
    [
      "rtx-pro-6000",
      "nvidia",
      { name: "NVIDIA RTX PRO 6000 Blackwell Workstation Edition", memoryBytes: 102641958912 },
    ],
    [
      "h100-sxm",
      "nvidia",
      { name: "NVIDIA H100 80GB HBM3", computeCapability: "9.0", memoryBytes: 85018279936 },
    ],
    ["h100-pcie", "nvidia", { name: "NVIDIA H100 PCIe", memoryBytes: 85018279936 }],
    ["h100-nvl", "nvidia", { name: "NVIDIA H100 NVL", memoryBytes: 100_000_000_000 }],
    ["h20", "nvidia", { name: "NVIDIA H20", memoryBytes: 102_000_000_000 }],
    ["h200-sxm", "nvidia", { name: "NVIDIA H200", memoryBytes: 150_000_000_000 }],
    [
      "b200",
      "nvidia",
      { name: "NVIDIA B200", computeCapability: "10.0", memoryBytes: 191503138816 },
    ],
    ["gb200", "nvidia", { name: "NVIDIA GB200", memoryBytes: 198_000_000_000 }],
    [
      "b300",
      "nvidia",
      { name: "NVIDIA B300 SXM6 AC", computeCapability: "10.3", memoryBytes: 287416123392 },
    ],
    ["mi210", "amd", { name: "AMD Instinct MI210", memoryBytes: 68702699520 }],
    ["mi300x", "amd", { name: "AMD Instinct MI300X", memoryBytes: 206141652992 }],
    [
      "mi300x",
      "amd",
      { computeCapability: "9.4", memoryBytes: 206141652992, multiprocessors: 304 },
    ],
    [
      "mi325x",
      "amd",
      { computeCapability: "9.4", memoryBytes: 274_861_129_728, multiprocessors: 304 },
    ],
    ["mi355x", "amd", { name: "AMD Instinct MI355X", memoryBytes: 309_220_868_096 }],
  ];

test.each(KNOWN)("%s is known by what its driver says", (id, vendor, given) => {
  expect(recogniseMachine(device(given), vendor, MACHINES)?.id).toBe(id);
});

test("a name that nobody knows is no machine, however much else fits", () => {
  const odd = device({ name: "NVIDIA Z9000", computeCapability: "9.0", memoryBytes: 85018279936 });
  expect(recogniseMachine(odd, "nvidia", MACHINES)).toBeNull();
});

test("a name with a memory that none of its GPUs has is no machine", () => {
  const odd = device({ name: "NVIDIA A100", memoryBytes: 20 * 2 ** 30 });
  expect(recogniseMachine(odd, "nvidia", MACHINES)).toBeNull();
});

test("without a name memory and units must be there and settle the rates", () => {
  const some = { computeCapability: "9.0", memoryBytes: 85018279936 };
  expect(recogniseMachine(device(some), "nvidia", MACHINES)).toBeNull();
  expect(recogniseMachine(device({ ...some, multiprocessors: 114 }), "nvidia", MACHINES)?.id).toBe(
    "h100-pcie",
  );
});

test("a GPU is asked for by id or name", () => {
  expect(machineNamed("mi300x", MACHINES)?.id).toBe("mi300x");
  expect(machineNamed("NVIDIA B200", MACHINES)?.id).toBe("b200");
  expect(machineNamed("H100", MACHINES)?.id).toBe("h100-sxm");
  expect(machineNamed("A100", MACHINES)).toBeNull();
});

test("figures agree with what kernels are held against elsewhere", () => {
  const of = (id: string) => MACHINES.find((one) => one.id === id)!;
  expect(of("mi300x")).toMatchObject({ memory: 5300, matrix: { bf16: 1307.4 } });
  expect(of("h100-sxm")).toMatchObject({ memory: 3350, matrix: { bf16: 989.4 } });
  expect(new Set(MACHINES.map(({ id }) => id)).size).toBe(MACHINES.length);
  for (const { source } of MACHINES) expect(source).toMatch(/^https:/);
});

test("a list of one's own that lacks something is refused with its place", () => {
  expect(() => parseMachines("version: 1\ngpus: [{ id: x, title: X }]\n", "mine.yaml")).toThrow(
    /must have required property/,
  );
  expect(() => parseMachines("version: [\n", "mine.yaml")).toThrow(/cannot be used/);
});
