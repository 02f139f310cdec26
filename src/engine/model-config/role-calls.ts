import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { kernelNameAt } from "../../model/trace/trace.ts";
import type { Row } from "../../model/trace/units.ts";

/** Kernels that together do one product or one attention, by the role they play. */
export interface RoleCall {
  readonly role: string;
  readonly step: number;
  readonly rows: Row[];
  /** Which of its step's calls of this role it is. */
  readonly nth: number;
}

/** Second launch of a split product. */
const SECOND_LAUNCH =
  /split_?k_?reduce|_reduce_kernel|partial_reduce|epilogue::impl::globalKernel/i;

/** Roles that share a call where they follow each other: attention in parts, and their sum. */
const TOGETHER: Readonly<Record<string, string>> = { attention_reduce: "attention" };

/** The calls of a stage by role, stream by stream in the order they ran. */
export function roleCalls(graph: KernelGraph, { events }: StageGraph): RoleCall[] {
  const calls: RoleCall[] = [];
  const last = new Map<number, RoleCall | null>();
  const counts = new Map<string, number>();
  for (const row of events) {
    const stream = graph.trace.gpu.stream[row]!;
    const { role: own } = graph.symbols[graph.symbolOf[row]!]!;
    const role = own === null ? null : (TOGETHER[own] ?? own);
    const open = last.get(stream) ?? null;
    const step = graph.stepOf[row]!;
    if (role !== null && open?.role === role && open.step === step && continues(graph, open, row)) {
      open.rows.push(row);
      continue;
    }
    if (role === null) {
      last.set(stream, null);
      continue;
    }
    const key = `${step} ${role}`;
    const nth = counts.get(key) ?? 0;
    counts.set(key, nth + 1);
    const call = { role, step, rows: [row], nth };
    calls.push(call);
    last.set(stream, call);
  }
  return calls;
}

function continues(graph: KernelGraph, { role }: RoleCall, row: Row): boolean {
  return role === "attention" || SECOND_LAUNCH.test(kernelNameAt(graph.trace, row).demangled);
}
