import type { ModelShape } from "../../model/model-shape.ts";
import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import type { Row } from "../../model/trace/units.ts";
import { isAroundAttention } from "./around-attention.ts";
import type { AssumedCall, Known, KnownStage } from "./assumed-call.ts";
import { contradictionsOf } from "./contradictions.ts";
import { otherCall } from "./other-calls.ts";
import { productCall } from "./product-call.ts";
import { DENSE_ROLES, type LayerKind, projectionOf } from "./projections.ts";
import { type RoleCall, roleCalls } from "./role-calls.ts";
import { layersOf, rowsPerStep } from "./sizes.ts";
import { splitOf } from "./split.ts";

/** What a model's configuration tells of a trace's kernels. */
export interface AssumedWork {
  readonly path: string;
  /** What of the trace contradicts the configuration; nothing is told then. */
  readonly refused: readonly string[];
  /**
   * Where the trace refutes that tokens choose their experts evenly: the share of those that can have
   * been read in the time. Experts are then counted by the least that is certain.
   */
  readonly mostExperts: number | null;
  /** The call behind a kernel, a sentence why there is none; null for what plays no part in a layer. */
  of(row: Row): AssumedCall | string | null;
}

/**
 * The calls behind kernels whose arguments were not recorded: the part a kernel plays in a layer, the
 * model's sizes, the ranks it is split among and the tokens of the step give the shapes. All of it is
 * held against what the trace shows first; what does not fit is not used at all.
 */
export function assumedWork(
  graph: KernelGraph,
  stages: readonly KnownStage[],
  shape: ModelShape,
): AssumedWork {
  const told = new Map<Row, AssumedCall | string>();
  const refused = new Set<string>();
  for (const known of stages) {
    const split = splitOf(known.facts);
    const calls = roleCalls(graph, known.stage);
    for (const why of contradictionsOf(graph, calls, shape, split)) refused.add(why);
    const perLayer = perLayerCounts(calls, shape);
    const isGated = gateOf(graph, calls) ?? shape.isGated;
    for (const call of calls) {
      const found =
        typeof split === "string"
          ? split
          : callOf({ graph, shape, split, known, perLayer, isGated }, call);
      if (found !== null) for (const row of call.rows) told.set(row, found);
    }
  }
  return {
    path: shape.path,
    refused: [...refused],
    mostExperts: null,
    of: (row) => (refused.size > 0 ? null : (told.get(row) ?? null)),
  };
}

function callOf(all: Known, call: RoleCall): AssumedCall | string | null {
  const { graph, shape, split, known, perLayer } = all;
  const kind = DENSE_ROLES[call.role];
  const rows = rowsPerStep(graph.steps[call.step], call.role, known.serverArgs);
  if (kind === undefined) return otherCall(all, call, rows);
  if (typeof rows === "string") return rows;
  if (kind !== "attention" && kind !== "linear" && split.elsewhere !== null) return split.elsewhere;
  const count = perLayer.get(`${call.step} ${call.role}`) ?? null;
  if (count === null) return `its layers do not run ${call.role} equally often`;
  const sizes = projectionOf(shape, split, {
    role: call.role,
    perLayer: count,
    index: call.nth % count,
    isGated: all.isGated,
  });
  return typeof sizes === "string" ? sizes : productCall(all, call, rows, sizes);
}

const kindOf = (role: string): LayerKind | undefined =>
  isAroundAttention(role) ? "attention" : DENSE_ROLES[role];

/** How often a layer calls each role, per step. */
function perLayerCounts(calls: readonly RoleCall[], shape: ModelShape) {
  const counts = new Map<string, number>();
  for (const { role, step } of calls) {
    const key = `${step} ${role}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return new Map(
    [...counts].map(([key, count]): [string, number | null] => {
      const kind = kindOf(key.slice(key.indexOf(" ") + 1));
      const layers = kind === undefined || kind === "once" ? 1 : layersOf(shape, kind);
      if (layers === null || count <= layers) return [key, 1];
      return [key, count % layers === 0 ? count / layers : null];
    }),
  );
}

const GATED = /and_?mul|glu/i;

/** Whether the activation's kernel multiplies with a gate: true where one says so, else not told. */
function gateOf(graph: KernelGraph, calls: readonly RoleCall[]): true | null {
  const names = calls
    .filter(({ role }) => role === "act" || role === "shared_act")
    .flatMap(({ rows }) => rows.map((row) => graph.trace.gpu.name[row]!));
  const isTold = [...new Set(names)].some((name) =>
    GATED.test(graph.trace.kernelNames[name]!.demangled),
  );
  return isTold ? true : null;
}
