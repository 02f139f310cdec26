import {
  type StepField,
  TYPE_BYTES,
  type WorkCall,
  type WorkExpr,
  type WorkInput,
  type WorkModel,
} from "../../model/work.ts";
import {
  broadcastElements,
  bytesOf,
  elementsOf,
  expertsMet,
  keptElements,
  rankOf,
  tensorBytes,
} from "./quantities.ts";

/** What a model may look at: one call as recorded. */
interface WorkArguments {
  readonly inputs: readonly WorkInput[];
  /** The last call of `op` inside this one before the kernel was launched, `back` calls further back. */
  inner(op: string, rank: number | null, back: number): WorkCall | null;
  /** The nearest call of `op` around this one. */
  outer(op: string): WorkCall | null;
  readonly step: Partial<Record<StepField, number>>;
  /** The trace refutes that tokens choose evenly: only the experts that one token chooses are certain. */
  readonly leastExperts?: boolean;
}

/** The least work of one call. */
export interface CallWork {
  readonly flop: number;
  readonly reads: number;
  readonly writes: number;
  /** Bytes over links to other GPUs, null where the op is no collective. */
  readonly links: number | null;
  /** Element type and unit whose rate applies; null where nothing is computed. */
  readonly rate: { readonly unit: "matrix" | "vector"; readonly type: string } | null;
  readonly lets: readonly { readonly name: string; readonly value: Value }[];
}

/** What a call moves at least: over links where it is a collective, else from and to memory. */
export const bytesOfWork = ({ reads, writes, links }: CallWork): number => links ?? reads + writes;

type Value = number | string | readonly number[] | WorkInput | WorkCall | null;

/** The work of a call by a model; null where the model does not apply or an argument it needs was not recorded. */
export function evaluateWork(model: WorkModel, args: WorkArguments): CallWork | null {
  const lets: { name: string; value: Value }[] = [];
  const scope = { args, lets };
  for (const { name, value } of model.lets) lets.push({ name, value: evaluate(value, scope) });
  if (model.where.some((each) => !isTrue(evaluate(each, scope)))) return null;
  const flop = model.flops === null ? 0 : quantity(evaluate(model.flops, scope));
  const reads = quantity(evaluate(model.reads, scope));
  const writes = quantity(evaluate(model.writes, scope));
  const links = model.links === null ? null : quantity(evaluate(model.links, scope));
  if (flop === null || reads === null || writes === null) return null;
  if (model.links !== null && links === null) return null;
  if (model.rate === null) return { flop, reads, writes, links, rate: null, lets };
  const type = evaluate(model.rate.type, scope);
  if (typeof type !== "string" || type === "") return null;
  const rate = { unit: model.rate.unit, type };
  return { flop, reads, writes, links, rate, lets };
}

interface Scope {
  readonly args: WorkArguments;
  readonly lets: readonly { readonly value: Value }[];
}

const quantity = (value: Value): number | null =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;

const isTrue = (value: Value): boolean => typeof value === "number" && value !== 0;

function evaluate(expr: WorkExpr, scope: Scope): Value {
  switch (expr.kind) {
    case "number":
    case "text":
      return expr.value;
    case "let":
      return scope.lets[expr.index]?.value ?? null;
    case "step":
      return scope.args.step[expr.field] ?? null;
    case "input":
      return pick(scope.args.inputs, evaluate(expr.index, scope));
    case "at":
      return itemOf(evaluate(expr.of, scope), evaluate(expr.index, scope));
    case "field":
      return fieldOf(evaluate(expr.of, scope), expr.field);
    case "not": {
      const value = evaluate(expr.of, scope);
      return value === null ? null : Number(!isTrue(value));
    }
    case "if": {
      const test = evaluate(expr.test, scope);
      if (test === null) return null;
      return evaluate(isTrue(test) ? expr.then : expr.otherwise, scope);
    }
    case "binary":
      return binary(expr, scope);
    case "call":
      return call(expr, scope);
  }
}

/** Negative places count from the end. */
function pick<T>(items: readonly T[], index: Value): T | null {
  if (typeof index !== "number") return null;
  return items[index < 0 ? items.length + index : index] ?? null;
}

function itemOf(value: Value, index: Value): Value {
  return isList(value) ? pick(value, index) : null;
}

const isList = (value: Value): value is readonly number[] => Array.isArray(value);
const isCall = (value: Value): value is WorkCall =>
  value !== null && typeof value === "object" && "op" in value;
const isInput = (value: Value): value is WorkInput =>
  value !== null && typeof value === "object" && "dims" in value;

function fieldOf(value: Value, field: Extract<WorkExpr, { kind: "field" }>["field"]): Value {
  if (isCall(value)) return field === "input" ? (value.inputs as unknown as Value) : null;
  if (!isInput(value)) return null;
  switch (field) {
    case "dims":
      return value.dims;
    case "rank":
      return rankOf(value);
    case "type":
      return value.type === "" ? null : value.type;
    case "numel":
      return elementsOf(value);
    case "bytes":
      return bytesOf(value);
    case "value":
      return value.value;
    case "input":
      return null;
  }
}

function binary(expr: Extract<WorkExpr, { kind: "binary" }>, scope: Scope): Value {
  const left = evaluate(expr.left, scope);
  if (expr.op === "else") return left ?? evaluate(expr.right, scope);
  // What decides alone needs no other: `known(a) and a > 1` is false where a is not known.
  if (expr.op === "and" && left !== null && !isTrue(left)) return 0;
  if (expr.op === "or" && isTrue(left)) return 1;
  const right = evaluate(expr.right, scope);
  if (left === null || right === null) return null;
  if (expr.op === "==") return Number(left === right);
  if (expr.op === "!=") return Number(left !== right);
  if (typeof left !== "number" || typeof right !== "number") return null;
  switch (expr.op) {
    case "and":
    case "or":
      return Number(right !== 0);
    case "<":
      return Number(left < right);
    case "<=":
      return Number(left <= right);
    case ">":
      return Number(left > right);
    case ">=":
      return Number(left >= right);
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return right === 0 ? null : left / right;
  }
}

function call({ fn, args }: Extract<WorkExpr, { kind: "call" }>, scope: Scope): Value {
  const values = args.map((arg) => evaluate(arg, scope));
  const [first = null, second = null, third = null] = values;
  if (fn === "known") return Number(first !== null);
  switch (fn) {
    case "size":
      return typeof first === "string" ? (TYPE_BYTES[first] ?? null) : null;
    case "float":
      return typeof first === "string" ? Number(isFloat(first)) : null;
    case "bytes":
      return isInput(first) ? bytesOf(first) : null;
    case "numel":
      return isInput(first) ? elementsOf(first) : null;
    case "rank":
      return isInput(first) ? rankOf(first) : isList(first) ? first.length : null;
    case "product":
      return isList(first) ? productFrom(first, second) : null;
    case "broadcast":
      return values.every(isInput) ? broadcastElements(values) : null;
    case "kept":
      return isInput(first) ? keptElements(first, second) : null;
    case "tensors":
      return typeof first === "number" ? tensorBytes(scope.args.inputs, first) : null;
    case "inner":
      return typeof first === "string"
        ? scope.args.inner(first, typeof second === "number" ? second : null, Number(third ?? 0))
        : null;
    case "outer":
      return typeof first === "string" ? scope.args.outer(first) : null;
  }
  const numbers = values.filter((value): value is number => typeof value === "number");
  if (numbers.length !== values.length) return null;
  switch (fn) {
    case "min":
      return Math.min(...numbers);
    case "max":
      return Math.max(...numbers);
    case "floor":
      return Math.floor(numbers[0]!);
    case "ceil":
      return Math.ceil(numbers[0]!);
    case "experts":
      return scope.args.leastExperts === true
        ? expertsMet(numbers[0]!, Math.min(1, numbers[1]!), numbers[2]!)
        : expertsMet(numbers[0]!, numbers[1]!, numbers[2]!);
  }
}

const isFloat = (type: string): boolean => /^(bf|fp|mxfp|nvfp|complex)\d/.test(type);

const productFrom = (list: readonly number[], from: Value): number =>
  list.slice(typeof from === "number" ? from : 0).reduce((product, each) => product * each, 1);
