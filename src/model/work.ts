import type { RuleSource } from "./rule.ts";

/**
 * A work model: the least floating-point operations and bytes of one call of an op, told from its
 * recorded arguments. Plain data, as everything a rule set holds.
 */
export interface WorkModel {
  readonly id: string;
  /** Folder under rules/work: the library that defines the op. */
  readonly library: string;
  /** Path below the rules directory: "work/aten/aten-mm.fuse". */
  readonly file: string;
  readonly title: string;
  /** Globs over names of CPU ops (`*` only, whole name). */
  readonly ops: readonly string[];
  /** Globs over kernel names; empty: whatever the op launches. The op alone names what is computed. */
  readonly kernels: readonly string[];
  readonly sources: readonly RuleSource[];
  /** All must hold; one that is false or cannot be told makes the model not apply. */
  readonly where: readonly WorkExpr[];
  readonly lets: readonly { readonly name: string; readonly value: WorkExpr }[];
  /** Null: the op computes nothing that counts. */
  readonly flops: WorkExpr | null;
  /** Which rate the operations run at; null where there are none. */
  readonly rate: { readonly unit: "matrix" | "vector"; readonly type: WorkExpr } | null;
  readonly reads: WorkExpr;
  readonly writes: WorkExpr;
  /** Bytes that each GPU must send to others; null where none leave it. */
  readonly links: WorkExpr | null;
  /** What the figures take for granted beyond what was recorded, in words. */
  readonly assuming: readonly string[];
  /**
   * What is left out because nothing tells it, in words: the figures are a bound that is certain and
   * may be far below what was done. Null where they are all there is.
   */
  readonly least: string | null;
  readonly tests: readonly WorkTest[];
}

/**
 * Total and finite: no loops, no recursion, every operation has an answer. `null` is the answer
 * where an argument was not recorded, an index is outside, or a divisor is zero; it spreads.
 */
export type WorkExpr =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  /** The value of an earlier `let`, by its place. */
  | { readonly kind: "let"; readonly index: number }
  | { readonly kind: "input"; readonly index: WorkExpr }
  /** A number the step's annotation carries. */
  | { readonly kind: "step"; readonly field: StepField }
  | { readonly kind: "field"; readonly of: WorkExpr; readonly field: WorkField }
  | { readonly kind: "at"; readonly of: WorkExpr; readonly index: WorkExpr }
  | { readonly kind: "call"; readonly fn: WorkFunction; readonly args: readonly WorkExpr[] }
  | { readonly kind: "not"; readonly of: WorkExpr }
  | {
      readonly kind: "binary";
      readonly op: WorkOperator;
      readonly left: WorkExpr;
      readonly right: WorkExpr;
    }
  | {
      readonly kind: "if";
      readonly test: WorkExpr;
      readonly then: WorkExpr;
      readonly otherwise: WorkExpr;
    };

/** By how strongly they bind, weakest first; `else` gives a value for what was not recorded. */
export const WORK_OPERATORS = {
  else: 0,
  or: 1,
  and: 2,
  "==": 3,
  "!=": 3,
  "<": 3,
  "<=": 3,
  ">": 3,
  ">=": 3,
  "+": 4,
  "-": 4,
  "*": 5,
  "/": 5,
} as const;
export type WorkOperator = keyof typeof WORK_OPERATORS;

/** What an input, or a call found by `inner` or `outer`, may be asked. */
export const WORK_FIELDS = {
  dims: "sizes, outermost first; `dims[-1]` is the innermost",
  rank: "how many dims",
  type: "element type: bf16, fp16, fp32, fp64, fp8, fp4, i8 … i64, u8 … u64, bool",
  numel: "elements, all of a list's tensors together",
  bytes: "bytes of the elements that exist: a dimension of stride 0 is stored once",
  value: "the recorded scalar (true is 1), or list of them",
  input: "argument of a call found by `inner` or `outer`",
} as const;
export type WorkField = keyof typeof WORK_FIELDS;

/** Arguments least and most, and what it answers. */
export const WORK_FUNCTIONS = {
  size: { least: 1, most: 1, help: "bytes of one element of a type" },
  bytes: { least: 1, most: 1, help: "bytes of an input" },
  numel: { least: 1, most: 1, help: "elements of an input or list" },
  rank: { least: 1, most: 1, help: "number of dims of an input, length of a list" },
  product: { least: 1, most: 2, help: "product of a list, from an index on" },
  broadcast: { least: 2, most: 3, help: "elements of inputs broadcast against each other" },
  min: { least: 2, most: 4, help: "smallest" },
  max: { least: 2, most: 4, help: "largest" },
  floor: { least: 1, most: 1, help: "whole number below" },
  ceil: { least: 1, most: 1, help: "whole number above" },
  known: { least: 1, most: 1, help: "1 where there is a value, else 0" },
  float: { least: 1, most: 1, help: "1 for a floating-point type, else 0" },
  inner: {
    least: 1,
    most: 3,
    help: "the last call of an op inside this one before the kernel was launched; of that rank of its first argument; so many further back",
  },
  outer: {
    least: 1,
    most: 1,
    help: "the nearest call of an op around this one",
  },
  kept: {
    least: 1,
    most: 2,
    help: "elements left when the listed dims are reduced; without a list 1",
  },
  tensors: {
    least: 1,
    most: 1,
    help: "bytes of all tensors the op was given, of each at most so many elements",
  },
  experts: {
    least: 3,
    most: 3,
    help: "experts(all, tokens, chosen): how many are met when tokens choose evenly",
  },
} as const;
export type WorkFunction = keyof typeof WORK_FUNCTIONS;

/** Sums over the requests of a step, as annotations of serving engines carry them. */
export const STEP_FIELDS = {
  ranks: "GPUs of the job, as the profiler recorded them",
  requests: "requests of the step",
  tokens: "new tokens of the step",
  context_queries: "new tokens of requests in prefill",
  context_keys: "tokens those attend to, cached ones included",
  context_pairs: "per request new tokens times tokens attended to, added up",
  context_squares: "per request the square of its new tokens, added up",
  generation_queries: "new tokens of requests in decode",
  generation_keys: "tokens those attend to",
  generation_pairs: "per request new tokens times tokens attended to, added up",
} as const;
export type StepField = keyof typeof STEP_FIELDS;

/** One argument of an op as recorded. */
export interface WorkInput {
  /** Null where it is no tensor. A list of tensors has one entry each. */
  readonly dims: readonly number[] | null;
  readonly list: readonly (readonly number[])[] | null;
  readonly strides: readonly number[] | null;
  /** Normalised name, "" where none. */
  readonly type: string;
  readonly value: number | readonly number[] | string | null;
}

/** A call of an op that ran inside another, or around it. */
export interface WorkCall {
  readonly op: string;
  readonly inputs: readonly WorkInput[];
}

export interface WorkTest {
  readonly title: string;
  readonly inputs: readonly WorkInput[];
  readonly inner: readonly WorkCall[];
  /** Calls around it, the nearest first. */
  readonly outer: readonly WorkCall[];
  readonly step: Partial<Record<StepField, number>>;
  readonly kernel: string | null;
  /** Null: the model must not apply. */
  readonly expect: { readonly flops: number | null; readonly bytes: number | null } | null;
}

/** Bytes of an element by type; block-scaled types count their scales. */
export const TYPE_BYTES: Readonly<Record<string, number>> = {
  fp64: 8,
  fp32: 4,
  bf16: 2,
  fp16: 2,
  fp8: 1,
  fp4: 0.5,
  mxfp8: 33 / 32,
  mxfp4: 17 / 32,
  nvfp4: 9 / 16,
  fp4x2: 1,
  e8m0: 1,
  i64: 8,
  i32: 4,
  i16: 2,
  i8: 1,
  i4: 0.5,
  u64: 8,
  u32: 4,
  u16: 2,
  u8: 1,
  bool: 1,
  complex64: 8,
};
