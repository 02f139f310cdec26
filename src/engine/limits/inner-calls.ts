import type { WorkCall, WorkInput } from "../../model/work.ts";

const rankOf = (input: WorkInput | undefined): number | null => {
  if (input === undefined) return null;
  if (input.dims !== null) return input.dims.length;
  return Array.isArray(input.value) ? input.value.length : null;
};

/** Finds calls among those made before a kernel was launched, given in the order they were made. */
export function innerCalls(
  calls: readonly WorkCall[],
): (op: string, rank: number | null, back: number) => WorkCall | null {
  return (op, rank, back) => {
    let left = back;
    for (let at = calls.length - 1; at >= 0; at--) {
      const call = calls[at]!;
      if (call.op !== op || (rank !== null && rankOf(call.inputs[0]) !== rank)) continue;
      if (left-- === 0) return call;
    }
    return null;
  };
}
