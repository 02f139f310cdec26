import { fuseRows } from "../../src/engine/fuse-table.ts";
import { buildKernelGraph } from "../../src/engine/kernel-graph.ts";
import type { Limits } from "../../src/engine/limits/limits.ts";
import { runRules } from "../../src/engine/match/run-rules.ts";
import { Retiming } from "../../src/engine/retime/retime.ts";
import { fusionSaver } from "../../src/engine/retime/saving.ts";
import { accountsOf } from "../../src/engine/stage-accounts.ts";
import { stageTimeline } from "../../src/engine/timeline/stage-timeline.ts";
import { vllm } from "../../src/ingest/frameworks/vllm.ts";
import type { Action } from "../../src/model/contracts/action.ts";
import type { LedgerRow } from "../../src/model/contracts/ledger.ts";
import type { KernelGraph } from "../../src/model/kernel-graph.ts";
import type { RuleSet } from "../../src/model/rule.ts";
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
  const fuse = await fuseRows({ ruleSet, graph, stage, outcomes, savesOf, policy: null });
  const of = accountsOf({ ruleSet, graph, outcomes, retiming, limits });
  const { ledger, actions } = of(stage, time, fuse);
  return {
    ledger,
    actions: actions.map(({ action }) => action),
    totalUs: time.timeline.totalUs,
  };
}
