import type { Machine, RateType } from "../../model/machine.ts";

/** Types that run at another's rate; block-scaled ones at that of their elements. */
const RATE_OF: Readonly<Record<string, RateType>> = {
  fp64: "fp64",
  fp32: "fp32",
  tf32: "tf32",
  bf16: "bf16",
  fp16: "fp16",
  fp8: "fp8",
  mxfp8: "fp8",
  fp4: "fp4",
  fp4x2: "fp4",
  mxfp4: "fp4",
  nvfp4: "fp4",
  i8: "int8",
  u8: "int8",
};

/** Where a machine has no rate for a type, its kernels compute in one of these. */
const INSTEAD: Readonly<Partial<Record<RateType, readonly RateType[]>>> = {
  fp4: ["fp8", "bf16", "fp16"],
  fp8: ["bf16", "fp16"],
  bf16: ["fp16"],
  int8: ["fp16"],
};

/** The rate by which FLOP are measured, as the report names it. */
export interface ChosenRate {
  readonly type: RateType;
  /** FLOP per second; null where the machine's rate is not known. */
  readonly perSecond: number | null;
}

/** Names of kernels that round fp32 to tf32: by word, or by the shape of the instruction. */
const TF32 = /tf32|s1688/i;

/**
 * Rate of operations of one element type. fp32 products run as tf32 where the kernel says so (it
 * is a switch of the program, not of the op); without fp32 matrix units on the vector units.
 */
export function rateFor(
  machine: Machine | null,
  unit: "matrix" | "vector",
  type: string,
  kernels: readonly string[],
): ChosenRate {
  const wanted = RATE_OF[type] ?? "fp32";
  const isTf32 =
    unit === "matrix" && wanted === "fp32" && kernels.some((kernel) => TF32.test(kernel));
  const asked = isTf32 ? "tf32" : wanted;
  if (machine === null) return { type: asked, perSecond: null };
  if (unit === "matrix")
    for (const each of [asked, ...(INSTEAD[asked] ?? [])]) {
      const rate = machine.matrix[each];
      if (rate !== undefined) return { type: each, perSecond: rate * 1e12 };
    }
  // Vector units compute narrower types in fp32.
  const vector = asked === "fp64" ? "fp64" : "fp32";
  const rate = machine.vector[vector] ?? machine.vector.fp32;
  return {
    type: unit === "matrix" ? vector : asked,
    perSecond: rate === undefined ? null : rate * 1e12,
  };
}
