import { expect, test } from "vitest";
import {
  archOfComputeCapability,
  archOfDeviceName,
} from "../../../src/engine/machines/gpu-arch.ts";

test.each([
  ["NVIDIA B200", "sm100"],
  ["NVIDIA GB300", "sm103"],
  ["NVIDIA B300 SXM6 AC", "sm103"],
  ["NVIDIA H100 80GB HBM3", "sm90"],
  ["NVIDIA H20", "sm90"],
  ["NVIDIA H200", "sm90"],
  ["NVIDIA A100-SXM4-80GB", "sm80"],
  ["NVIDIA L4", "sm89"],
  ["NVIDIA L40S", "sm89"],
  ["AMD Instinct MI300X", "gfx942"],
  ["AMD Instinct MI355X", "gfx950"],
  ["AMD Instinct MI210", "gfx90a"],
  ["Quadro P4000", null],
  ["", null],
])("%s is %s", (name, arch) => expect(archOfDeviceName(name)).toBe(arch));

test.each([
  ["10.0", "nvidia", "sm100"],
  ["9.0", "nvidia", "sm90"],
  ["12.0", "nvidia", "sm120"],
  ["gfx942:sramecc+:xnack-", "amd", "gfx942"],
  ["9.4", "amd", "gfx942"],
  ["9.0", "amd", null],
  ["", "unknown", null],
])("compute capability %s on %s is %s", (capability, vendor, arch) =>
  expect(archOfComputeCapability(capability, vendor)).toBe(arch),
);
