import type { Facts } from "../../../model/facts.ts";
import type { Occurrence } from "../../../model/finding.ts";
import type { KernelGraph } from "../../../model/kernel-graph.ts";
import type { Rule, RuleSource } from "../../../model/rule.ts";
import type { Row } from "../../../model/units.ts";

/**
 * Repositories, as the source lock calls them, that hold the code of a library's kernels. FlashInfer
 * carries kernels of TensorRT-LLM under their own namespace, Composable Kernel is aiter's.
 */
const REPOSITORIES: Readonly<Record<string, readonly string[]>> = {
  vllm: ["vllm"],
  sglang: ["sglang"],
  tokenspeed: ["tokenspeed"],
  trtllm: ["trtllm", "flashinfer"],
  flashinfer: ["flashinfer"],
  aiter: ["aiter"],
  ck: ["aiter"],
};

/** Serving engines: nobody else runs their kernels, but they run those of libraries. */
const ENGINES: readonly string[] = ["vllm", "sglang", "tokenspeed", "trtllm"];

/**
 * Occurrences whose fused kernels are the rule's own. A fusion is active where the code runs that
 * the rule cites: `vllm::act_and_mul_kernel` is no evidence for FlashInfer's kernel of that name. A
 * library's kernel is evidence for the engine that calls it too, where the trace tells the engine.
 */
export function ownOccurrences(
  rule: Rule,
  occurrences: readonly Occurrence[],
  graph: KernelGraph,
  facts: Facts,
): readonly Occurrence[] {
  if (rule.kind !== "fusion" || rule.sources.length === 0) return occurrences;
  const framework = facts.framework?.value ?? null;
  const isCaller = rule.sources.some(({ repo }) => ENGINES.includes(repo) && repo === framework);
  const isForeign = (row: Row): boolean => {
    const { library } = graph.symbols[graph.symbolOf[row]!]!;
    const owners = ownersOf(library);
    if (owners === null || rule.sources.some(({ repo }) => owners.includes(repo))) return false;
    return !isCaller || owners.every((repo) => ENGINES.includes(repo));
  };
  const own = occurrences.filter(
    ({ state, rows }) => state !== "active" || !rows.some((step) => step.some(isForeign)),
  );
  return own.length === occurrences.length ? occurrences : own;
}

/**
 * The sources a row cites: where all its kernels are one library's, no other library's source
 * stands beside the engine's.
 */
export function sourcesFor(
  rule: Pick<Rule, "sources">,
  libraries: readonly (string | null)[],
): readonly RuleSource[] {
  const owners = libraries.map(ownersOf);
  const isCited = ({ repo }: RuleSource): boolean =>
    ENGINES.includes(repo) || owners.some((some) => some === null || some.includes(repo));
  const cited = owners.length === 0 ? rule.sources : rule.sources.filter(isCited);
  return cited.length === 0 ? rule.sources : cited;
}

const ownersOf = (library: string | null): readonly string[] | null =>
  library === null ? null : (REPOSITORIES[library] ?? null);
