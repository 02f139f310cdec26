import { measureRank } from "../../engine/ranks/measure-rank.ts";
import type { RankMeasure } from "../../engine/ranks/rank-measure.ts";
import { EXIT, TriageError } from "../../model/errors.ts";
import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import type { Means } from "../inputs/means.ts";
import type { Run } from "../inputs/runs.ts";
import { type LocatedTrace, locateTrace } from "../locate-trace.ts";

/**
 * One rank's measurements from its files.
 *
 * @throws {TriageError} when a file cannot be used, or holds several ranks at once
 */
export async function measureRun(run: Run, means: Means): Promise<RankMeasure> {
  if (run.digest !== undefined) {
    // Loaded late: most commands never meet a digest.
    const { measureOfDigest } = await import("../digest/measure-of-digest.ts");
    return measureOfDigest(run, means);
  }
  const located: LocatedTrace[] = [];
  for (const file of run.files) {
    const one = await locateTrace(file, run.selection, means);
    refuseMerged(one.graph);
    located.push(one);
  }
  return measureLocated(run, located);
}

/**
 * The same of traces that are located already.
 *
 * @throws {TriageError} when a file holds several ranks at once
 */
export function measureLocated(
  { files, selection }: Pick<Run, "files" | "selection">,
  located: readonly Pick<LocatedTrace, "graph" | "decision">[],
): RankMeasure {
  const graphs = located.map(({ graph }) => graph);
  graphs.forEach(refuseMerged);
  const known = located.find(({ decision }) => decision.framework !== "unknown");
  const engine = known?.decision.framework ?? null;
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
