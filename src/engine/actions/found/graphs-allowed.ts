import type { Step } from "../../../model/trace/kernel-graph.ts";

/**
 * What the server args say of decode in graphs, as a sentence: that they are on, and up to which
 * batch. Null where they are off, or the arguments do not tell.
 */
export function graphsAllowed(
  args: Readonly<Record<string, unknown>>,
  steps: readonly Step[],
): string | null {
  const known = SWITCHES.find(({ name }) => name in args);
  if (known === undefined || args[known.name] !== known.graphsAt) return null;
  const batch = Math.max(0, ...steps.map(({ batchSize }) => batchSize ?? 0));
  const most = largestCaptured(args);
  const said = `The server args allow graphs (${known.name} is ${String(args[known.name])}`;
  if (most === null) return `${said}): find out why this step ran without one.`;
  return batch > most
    ? `${said}), captured up to batch ${most}, and this step has ${batch}: capture larger batches.`
    : `${said}, captured up to batch ${most}): find out why this step${batch === 0 ? "" : ` of batch ${batch}`} ran without one.`;
}

const SWITCHES: readonly { readonly name: string; readonly graphsAt: boolean }[] = [
  { name: "disable_cuda_graph", graphsAt: false },
  { name: "enforce_eager", graphsAt: false },
];

/** The largest batch that has a graph; null where the arguments do not tell. */
function largestCaptured(args: Readonly<Record<string, unknown>>): number | null {
  const { cuda_graph_max_bs: most, cuda_graph_bs: list, max_cudagraph_capture_size: cap } = args;
  const { compilation_config: config } = args;
  const sizes = (config as { cudagraph_capture_sizes?: unknown } | null)?.cudagraph_capture_sizes;
  for (const value of [list, sizes])
    if (Array.isArray(value) && value.length > 0 && value.every(Number.isFinite))
      return Math.max(...(value as number[]));
  for (const value of [most, cap]) if (typeof value === "number") return value;
  return null;
}
