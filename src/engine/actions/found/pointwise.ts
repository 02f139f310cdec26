import { compareText } from "../../../base/compare-text.ts";
import type { Row } from "../../../model/trace/units.ts";
import { TYPE_BYTES } from "../../../model/work.ts";
import type { LimitedUnit } from "../../limits/index.ts";
import { closingNs, keepLongest, withoutKernels } from "../../retime/chains.ts";
import { elementsOf, opWord, type StageCalls, shapeText, type Tensor } from "../calls.ts";
import { type Candidate, type StageEvidence, WITHOUT_RULE } from "../candidate.ts";
import { placesOf } from "../places.ts";

/** Ops of torch that make each element of their result from the same element of their inputs. */
const POINTWISE =
  /^aten::(add|sub|rsub|mul|div|neg|abs|pow|square|sqrt|rsqrt|exp|log|sin|cos|tanh|sigmoid|silu|gelu|relu|leaky_relu|hardtanh|clamp(_min|_max)?|where|masked_fill|lerp|addcmul|addcdiv|_to_copy|copy|to|erf|reciprocal|maximum|minimum|threshold)_?$/;

/** Those that only move values, into another type or layout. */
const COPIES = /^aten::(copy_?|_to_copy|to)$/;

/** Passes over the same elements, one after the other, each over what the one before wrote. */
interface Passes {
  readonly units: readonly LimitedUnit[];
  readonly tensor: Tensor;
  /** Bytes that one pass over all of it reads and writes at least. */
  readonly bytes: number;
}

/**
 * Chains of plain arithmetic that no rule names: each kernel reads and writes the whole tensor, one
 * kernel would do it once. Told from shapes and types alone: the same elements, and each call takes
 * the type that the one before gave.
 */
export function pointwiseCandidates(
  evidence: StageEvidence,
  calls: StageCalls,
): readonly Candidate[] {
  const { graph, stage, limits } = evidence;
  const groups = new Map<string, Passes[]>();
  for (const passes of chainsOf(evidence, calls)) {
    const key = `${passes.units.map(({ op }) => opWord(op)).join(", ")} on ${shapeText(passes.tensor)}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [passes]);
    else known.push(passes);
  }
  return [...groups]
    .filter(([, chains]) => chains.length > Math.max(1, stage.steps.length))
    .sort((a, b) => compareText(a[0], b[0]))
    .map(([key, all]): Candidate => {
      const memory = limits?.machine?.memory ?? null;
      const chains = all.map(({ units, bytes }) => {
        const rows = units.flatMap((unit) => unit.rows);
        const kept = keepLongest(graph.trace.gpu.duration, rows);
        const [row] = rows.filter((one) => !kept.gone.has(one)) as [Row];
        const ns = memory === null ? Number.POSITIVE_INFINITY : bytes / memory;
        return ns < graph.trace.gpu.duration[row]! ? { ...kept, takes: { row, ns } } : kept;
      });
      const rows = chains.flatMap((chain) => [...chain.rows]);
      const passes = all[0]!.units.length;
      return {
        kind: "fusion",
        key: `passes ${key}`,
        title: `${key} as one pass instead of ${passes}, ${all.length} times`,
        do: "Each of these kernels reads and writes every element again: make them one that does so once (torch.compile around the lines, or a Triton kernel).",
        where: placesOf(graph, rows),
        proof: "assumed",
        assuming: ["each works on what the one before wrote"],
        ...WITHOUT_RULE,
        rows: new Set(rows),
        change: (isFree) => withoutKernels(chains, isFree),
        idleNs: closingNs(chains, graph.trace.gpu),
      };
    });
}

function chainsOf(evidence: StageEvidence, calls: StageCalls): readonly Passes[] {
  const { graph, stage, limits, ruled } = evidence;
  const found: Passes[] = [];
  /** Per stream the chain that is being followed. */
  const open = new Map<number, { units: LimitedUnit[]; tensor: Tensor; types: Set<string> }>();
  const close = (stream: number): void => {
    const chain = open.get(stream);
    open.delete(stream);
    if (chain === undefined || chain.units.length < 2) return;
    const [first, last] = [chain.units[0]!, chain.units[chain.units.length - 1]!];
    const width = (unit: LimitedUnit, which: "in" | "out"): number =>
      Math.min(...typesOf(unit, calls, chain.tensor)[which].map((type) => TYPE_BYTES[type] ?? 0));
    const bytes = elementsOf(chain.tensor) * (width(first, "in") + width(last, "out"));
    found.push({ units: chain.units, tensor: chain.tensor, bytes });
  };
  for (const row of stage.events) {
    const stream = graph.trace.gpu.stream[row]!;
    const unit = limits?.units[limits.unitOf[row]!];
    const isPass =
      unit !== undefined && unit.rows.length === 1 && POINTWISE.test(unit.op) && !ruled.has(row);
    const tensor = isPass ? largest(calls.tensorsOf(row)) : null;
    if (!isPass || tensor === null) {
      close(stream);
      continue;
    }
    const types = typesOf(unit, calls, tensor);
    const chain = open.get(stream);
    const isCopy = COPIES.test(unit.op);
    const continues =
      chain !== undefined &&
      !(isCopy && COPIES.test(chain.units.at(-1)!.op) && !changesType(types)) &&
      elementsOf(chain.tensor) === elementsOf(tensor) &&
      types.in.some((type) => chain.types.has(type));
    if (continues) chain.units.push(unit);
    else {
      close(stream);
      open.set(stream, { units: [unit], tensor, types: new Set() });
    }
    open.get(stream)!.types = new Set(types.out);
  }
  for (const stream of [...open.keys()].sort((a, b) => a - b)) close(stream);
  return found;
}

/** Smaller tensors are broadcast. */
function largest(tensors: readonly Tensor[]): Tensor | null {
  return tensors.reduce<Tensor | null>(
    (most, each) => (most === null || elementsOf(each) > elementsOf(most) ? each : most),
    null,
  );
}

/** Types of the whole-size inputs and of the result; a copy writes its first argument. */
function typesOf(
  { op, rows }: LimitedUnit,
  calls: StageCalls,
  tensor: Tensor,
): { readonly in: readonly string[]; readonly out: readonly string[] } {
  const whole = calls.tensorsOf(rows[0]!).filter((one) => elementsOf(one) === elementsOf(tensor));
  const types = whole.map(({ type }) => type);
  if (COPIES.test(op) && types.length > 1) return { in: types.slice(1), out: types.slice(0, 1) };
  return { in: types, out: types };
}

/** One tensor after another laid out anew is no chain: of copies only a cast works on what was written. */
function changesType(types: {
  readonly in: readonly string[];
  readonly out: readonly string[];
}): boolean {
  return types.in.some((type) => !types.out.includes(type));
}
