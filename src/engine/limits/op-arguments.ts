import { type Trace, text } from "../../model/trace/trace.ts";
import type { WorkInput } from "../../model/work.ts";

/** Names of element types as recorders write them, in C++ and in Python. */
const TYPES: Readonly<Record<string, string>> = {
  "c10::BFloat16": "bf16",
  bfloat16: "bf16",
  "c10::Half": "fp16",
  half: "fp16",
  float: "fp32",
  float32: "fp32",
  double: "fp64",
  "long int": "i64",
  long: "i64",
  int: "i32",
  "short int": "i16",
  short: "i16",
  "signed char": "i8",
  "unsigned char": "u8",
  "unsigned short": "u16",
  "unsigned short int": "u16",
  "unsigned int": "u32",
  "unsigned long": "u64",
  "unsigned long int": "u64",
  bool: "bool",
  "c10::Float8_e4m3fn": "fp8",
  "c10::Float8_e4m3fnuz": "fp8",
  "c10::Float8_e5m2": "fp8",
  "c10::Float8_e5m2fnuz": "fp8",
  "c10::Float8_e8m0fnu": "e8m0",
  "c10::Float4_e2m1fn_x2": "fp4x2",
  "c10::complex<float>": "complex64",
};

/** The arguments of an op call, in order. */
export function opArguments(trace: Trace, op: number): readonly WorkInput[] {
  const { shapes, types, strides, concrete } = trace.ops;
  return recordedArguments(trace, {
    shapes: shapes[op]!,
    types: types[op]!,
    strides: strides[op]!,
    concrete: concrete[op]!,
  });
}

/** StringIds of the JSON texts of arguments; 0 where not recorded. */
interface ArgumentTexts {
  readonly shapes: number;
  readonly types: number;
  readonly strides?: number;
  readonly concrete?: number;
}

export function recordedArguments(trace: Trace, texts: ArgumentTexts): readonly WorkInput[] {
  const list = (id = 0): unknown[] => listIn(text(trace, id));
  const dims = list(texts.shapes);
  const names = list(texts.types);
  const steps = list(texts.strides);
  const values = list(texts.concrete);
  return Array.from({ length: Math.max(dims.length, names.length, values.length) }, (_, at) =>
    argument(dims[at], names[at], steps[at], values[at]),
  );
}

function listIn(json: string): unknown[] {
  if (json === "") return [];
  const value: unknown = JSON.parse(json);
  return Array.isArray(value) ? value : [];
}

const NOTHING: WorkInput = { dims: null, list: null, strides: null, type: "", value: null };

function argument(dims: unknown, name: unknown, strides: unknown, value: unknown): WorkInput {
  const written = typeof name === "string" ? name : "";
  const type = TYPES[written];
  // A scalar has no dims, a number wrapped into a tensor has none either and yet a type.
  if (type !== undefined && isNumbers(dims))
    return {
      ...NOTHING,
      type,
      dims,
      strides: isNumbers(strides) ? strides : null,
      value: recordedValue(value),
    };
  if (Array.isArray(dims) && dims.length > 0 && dims.every(isNumbers))
    return { ...NOTHING, list: dims };
  return { ...NOTHING, value: recordedValue(value) };
}

const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((each) => typeof each === "number");

/** "4", "True", "[1, 128]", "mean": as Python prints them. */
function recordedValue(value: unknown): WorkInput["value"] {
  if (typeof value !== "string" || value === "") return null;
  const scalar = scalarOf(value);
  if (scalar !== null) return scalar;
  if (!value.startsWith("[")) return value;
  const items = value
    .slice(1, -1)
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
  const numbers = items.map(scalarOf);
  return numbers.every((each): each is number => each !== null) ? numbers : null;
}

function scalarOf(value: string): number | null {
  if (value === "True") return 1;
  if (value === "False") return 0;
  const number = Number(value);
  return value.trim() === "" || !Number.isFinite(number) ? null : number;
}
