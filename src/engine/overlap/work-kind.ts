import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import { GPU_KIND } from "../../model/trace/trace.ts";
import type { Row } from "../../model/trace/units.ts";

/** What competes for the GPU: computation, communication, copies and fills. */
export const WORK = { compute: 0, comm: 1, memory: 2 } as const;
export type Work = (typeof WORK)[keyof typeof WORK];

/** The same as words, for the policy and the report. */
export const WORK_NAME = ["computation", "communication", "memory"] as const;

/** Categories whose time is spent between GPUs. The ids are the vocabulary's (`rules/lib`). */
export const COMMUNICATION_CATEGORIES: ReadonlySet<string> = new Set([
  "communication",
  "dispatch-combine",
]);

/** Communication is told by the category, copies and fills by the event's own kind. */
export function workOf(graph: KernelGraph, row: Row): Work {
  const symbol = graph.symbols[graph.symbolOf[row]!]!;
  if (COMMUNICATION_CATEGORIES.has(symbol.category)) return WORK.comm;
  return graph.trace.gpu.kind[row] === GPU_KIND.kernel ? WORK.compute : WORK.memory;
}

/** Exchanges of tokens between experts go in chunks, one beside the computation of another. */
export function isExchange(name: string): boolean {
  return /all_?to_?all|alltoall|a2a|SendRecv|dispatch|combine/i.test(name);
}
