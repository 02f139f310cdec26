import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import type { Row } from "../../model/trace/units.ts";
import { TYPE_BYTES, type WorkInput } from "../../model/work.ts";
import type { LimitedUnit } from "../limits/index.ts";
import { opArguments } from "../limits/op-arguments.ts";
import type { StageEvidence } from "./candidate.ts";

/** Work of a stage, call by call in the order of the first kernels, with the arguments as recorded. */
export class StageCalls {
  readonly units: readonly LimitedUnit[];
  readonly #graph: KernelGraph;
  readonly #known = new Map<string, readonly WorkInput[]>();

  constructor({ graph, stage, limits }: StageEvidence) {
    this.#graph = graph;
    const seen = new Set<number>();
    const units: LimitedUnit[] = [];
    for (const row of stage.events) {
      const at = limits?.unitOf[row] ?? -1;
      if (at < 0 || seen.has(at)) continue;
      seen.add(at);
      units.push(limits!.units[at]!);
    }
    this.units = units;
  }

  /** Arguments of the op around a launch, none where no op was recorded. Calls alike are read once. */
  argumentsOf(row: Row): readonly WorkInput[] {
    const { traces, traceOf, opOf } = this.#graph.calls;
    const [at, op] = [traceOf[row]!, opOf[row]!];
    const trace = traces[at];
    if (op < 0 || trace === undefined) return [];
    const { shapes, types, concrete } = trace.ops;
    const key = `${at} ${shapes[op]} ${types[op]} ${concrete[op]}`;
    let known = this.#known.get(key);
    if (known === undefined) {
      known = opArguments(trace, op);
      this.#known.set(key, known);
    }
    return known;
  }

  tensorsOf(row: Row): readonly Tensor[] {
    return this.argumentsOf(row).flatMap(({ dims, type }) =>
      dims === null || dims.length === 0 ? [] : [{ dims, type }],
    );
  }
}

/** One tensor of a call. */
export interface Tensor {
  readonly dims: readonly number[];
  readonly type: string;
}

export function elementsOf({ dims }: Tensor): number {
  return dims.reduce((product, size) => product * size, 1);
}

/** Bytes of a tensor, 0 where its type is not known. */
export function tensorBytes(tensor: Tensor): number {
  return elementsOf(tensor) * (TYPE_BYTES[tensor.type] ?? 0);
}

/** "[8192,7168]" */
export function shapeText({ dims }: Tensor): string {
  return `[${dims.join(",")}]`;
}

/** "aten::copy_" as one says it: "copy_". */
export function opWord(op: string): string {
  return op.replace(/^(aten|prims)::/, "");
}
