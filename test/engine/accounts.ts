import { buildKernelGraph } from "../../src/engine/kernel-graph.ts";
import type { Limits } from "../../src/engine/limits/index.ts";
import { runRules } from "../../src/engine/match/run-rules.ts";
import { Retiming } from "../../src/engine/retime/retime.ts";
import { fusionSaver } from "../../src/engine/retime/saving.ts";
import { fuseRows } from "../../src/engine/tables/fuse-table.ts";
import { accountsOf } from "../../src/engine/timeline/stage-accounts.ts";
import { stageTimeline } from "../../src/engine/timeline/stage-timeline.ts";
import { vllm } from "../../src/ingest/frameworks/vllm.ts";
import type { Action } from "../../src/model/contracts/action.ts";
import type { LedgerRow } from "../../src/model/contracts/ledger.ts";
import type { Machine } from "../../src/model/machine.ts";
import type { RuleSet } from "../../src/model/rule.ts";
import type { KernelGraph } from "../../src/model/trace/kernel-graph.ts";
import type { TraceBuilder } from "../support/trace-builder.ts";
import { Rules } from "./match/make.ts";

/** Kernels named comm* are communication, ew* elementwise, the rest gemm. */
export function vocabulary(rules = new Rules()): RuleSet {
  const category = (id: string, glob: string) => ({
    id,
    title: id,
    class: rules.cls(glob),
  });
  const categories = [
    category("communication", "comm*"),
    category("elementwise", "ew*"),
    category("gemm", "*"),
  ];
  return { ...rules.set, categories };
}

/** Ledger and actions of the one stage of a trace written by hand. */
export async function accounts(
  built: TraceBuilder,
  ruleSet: RuleSet = vocabulary(),
  limitsOf: ((graph: KernelGraph) => Limits) | null = null,
  serverArgs: Readonly<Record<string, unknown>> | null = null,
): Promise<{
  readonly ledger: readonly LedgerRow[];
  readonly actions: readonly Action[];
  readonly totalUs: number;
}> {
  const graph = buildKernelGraph(built.build(), { profile: vllm, ruleSet, stageHint: null });
  const stage = graph.stages[0]!;
  const { outcomes } = runRules(ruleSet, graph, []);
  const time = stageTimeline(graph, stage);
  const limits = limitsOf?.(graph) ?? null;
  const retiming = new Retiming(graph);
  const savesOf = fusionSaver(graph, retiming, limits, 1000 * time.timeline.totalUs);
  const fuse = await fuseRows({ ruleSet, graph, stage, outcomes, savesOf, limits, policy: null });
  const of = accountsOf({ ruleSet, graph, outcomes, retiming, limits, serverArgs });
  const { ledger, actions } = of(stage, time, fuse);
  return {
    ledger,
    actions: actions.map(({ action }) => action),
    totalUs: time.timeline.totalUs,
  };
}

const MACHINE: Machine = {
  id: "test",
  title: "Test GPU",
  units: 100,
  matrix: {},
  vector: {},
  memory: 1_000,
  link: 100,
  source: "made up",
};

/** Every kernel a call of the op around its launch, of which `floorUs` tells the least time. */
export function calledLimits(floorUs: (op: string) => number) {
  return ({ trace, calls }: KernelGraph): Limits => {
    const rows = Array.from({ length: trace.gpu.count }, (_, row) => row);
    const opOf = (row: number): string =>
      calls.opOf[row]! < 0 ? "none" : trace.strings[trace.ops.name[calls.opOf[row]!]!]!;
    const floors = rows.map((row) => 1000 * floorUs(opOf(row)));
    return {
      machine: MACHINE,
      units: rows.map((row) => ({
        op: opOf(row),
        dims: calls.opOf[row]! < 0 ? "" : trace.strings[trace.ops.shapes[calls.opOf[row]!]!]!,
        types: "",
        model: null,
        flop: 0,
        bytes: 1,
        rate: null,
        medium: "memory",
        shapesFrom: "op",
        assuming: [],
        rows: [row],
        chosen: null,
        boundBy: "memory",
        floorNs: floors[row]!,
        kernelNs: trace.gpu.duration[row]!,
      })),
      unmodelled: [],
      refused: [],
      floorNs: Float64Array.from(floors),
      unitOf: Int32Array.from(rows),
    };
  };
}
