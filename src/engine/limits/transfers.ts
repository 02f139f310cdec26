import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import { GPU_KIND, kernelNameAt } from "../../model/trace/trace.ts";
import type { Row } from "../../model/trace/units.ts";

/** What a copy or fill moves, and through what. */
interface Transfer {
  readonly op: string;
  /** As recorded. */
  readonly size: number;
  /** Within the GPU each byte is read and written. */
  readonly bytes: number;
  readonly medium: "memory" | "link" | "host";
}

/** By the direction that copies' names tell. */
const WAYS = [
  { words: /DtoD|Device -> Device/i, op: "copy within the GPU", times: 2, medium: "memory" },
  {
    words: /HtoD|Host -> Device|HostToDevice/i,
    op: "copy from the host",
    times: 1,
    medium: "host",
  },
  { words: /DtoH|Device -> Host|DeviceToHost/i, op: "copy to the host", times: 1, medium: "host" },
  { words: /PtoP|Peer/i, op: "copy to another GPU", times: 1, medium: "link" },
] as const;
const FILL = { op: "fill", times: 1, medium: "memory" } as const;

/** Copies and fills say themselves how much they move; null for kernels and where it was not recorded. */
export function transferAt({ trace }: KernelGraph, row: Row): Transfer | null {
  const { gpu } = trace;
  const size = gpu.bytes[row]!;
  if (gpu.kind[row] === GPU_KIND.kernel || size <= 0) return null;
  const name = kernelNameAt(trace, row).raw;
  const way = gpu.kind[row] === GPU_KIND.fill ? FILL : WAYS.find(({ words }) => words.test(name));
  return way === undefined
    ? null
    : { op: way.op, size, bytes: way.times * size, medium: way.medium };
}
