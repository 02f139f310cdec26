import type { WorkInput } from "../../model/work.ts";

/** A dense tensor among the arguments of an assumed call. */
export const tensor = (type: string, dims: readonly number[]): WorkInput => ({
  dims,
  list: null,
  strides: null,
  type,
  value: null,
});

/** A number among the arguments. */
export const scalar = (value: number): WorkInput => ({
  dims: null,
  list: null,
  strides: null,
  type: "",
  value,
});
