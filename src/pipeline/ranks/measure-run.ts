import { measureRank } from "../../engine/ranks/measure-rank.ts";
import type { RankMeasure } from "../../engine/ranks/rank-measure.ts";
import { EXIT, TriageError } from "../../model/errors.ts";
import type { KernelGraph } from "../../model/kernel-graph.ts";
import type { Means } from "../inputs/means.ts";
import type { Run } from "../inputs/runs.ts";
import { locateTrace } from "../locate-trace.ts";

/**
 * One rank's measurements from its files.
 *
 * @throws {TriageError} when a file cannot be used, or holds several ranks at once
 */
export async function measureRun({ files, selection }: Run, means: Means): Promise<RankMeasure> {
  const graphs: KernelGraph[] = [];
  let engine: string | null = null;
  for (const file of files) {
    const { graph, decision } = await locateTrace(file, selection, means);
    refuseMerged(graph);
    graphs.push(graph);
    if (decision.framework !== "unknown") engine ??= decision.framework;
  }
  const args = selection.serverArgs?.value;
  const model = textOf(args?.model_path) ?? textOf(args?.model);
  return measureRank(graphs, { rank: files[0]?.rank ?? null, engine, model });
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function refuseMerged({ trace }: KernelGraph): void {
  const owners = [...new Set(trace.streams.flatMap(({ owner }) => owner ?? []))].sort();
  if (owners.length < 2) return;
  throw new TriageError({
    code: "ranks/merged-trace",
    exit: EXIT.usage,
    message: `${trace.origin.path} holds several ranks in one file: ${owners.join(", ")}.`,
    place: trace.origin.path,
    hint: "Compare the ranks' own files; of a merged one `triage FILE --pid-substring TEXT` shows one rank.",
  });
}
