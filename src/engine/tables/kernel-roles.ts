import { compareText } from "../../base/compare-text.ts";
import type { KernelRole, KernelRow } from "../../model/contracts/report.ts";
import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import { toUs } from "../../model/trace/units.ts";

/** A kernel that plays one part but for an end of the pass (the last norm) is called by that part. */
const NEARLY_ALL = 0.9;

/**
 * The roles that the launches of one kernel play, the most time first, and the one that nearly all
 * of them do.
 *
 * @param rows GPU rows of the kernel.
 */
export function kernelRoles(
  { trace: { gpu }, symbols, symbolOf }: KernelGraph,
  rows: Uint32Array,
): Pick<KernelRow, "role" | "roleFrom" | "roles"> {
  const bySymbol = new Map<number, { launches: number; ns: number }>();
  for (const row of rows) {
    const symbol = symbolOf[row]!;
    const sum = bySymbol.get(symbol);
    if (sum === undefined) bySymbol.set(symbol, { launches: 1, ns: gpu.duration[row]! });
    else {
      sum.launches++;
      sum.ns += gpu.duration[row]!;
    }
  }
  const byRole = new Map<string, Omit<KernelRole, "totalUs"> & { ns: number }>();
  for (const [index, { launches, ns }] of bySymbol) {
    const { role, roleFrom: from, roleGround: ground } = symbols[index]!;
    if (role === null || from === null) continue;
    const key = JSON.stringify([role, from, ground]);
    const known = byRole.get(key);
    const sum = { launches: launches + (known?.launches ?? 0), ns: ns + (known?.ns ?? 0) };
    byRole.set(key, { role, from, ground, ...sum });
  }
  const roles = [...byRole]
    .sort(([keyA, a], [keyB, b]) => b.ns - a.ns || compareText(keyA, keyB))
    .map(([, { ns, ...role }]) => ({ ...role, totalUs: toUs(ns) }));
  const [most] = roles;
  const same = roles.filter(({ role }) => role === most?.role);
  const launches = same.reduce((sum, one) => sum + one.launches, 0);
  const isOne = most !== undefined && launches >= rows.length * NEARLY_ALL;
  return { role: isOne ? most.role : null, roleFrom: isOne ? most.from : null, roles };
}
