import type { Facts } from "../../../model/facts.ts";
import type { Occurrence } from "../../../model/finding.ts";
import type { Rule, RuleSource } from "../../../model/rule.ts";
import type { KernelGraph } from "../../../model/trace/kernel-graph.ts";
import type { Row } from "../../../model/trace/units.ts";

interface Home {
  /** Repository as the source lock calls it. */
  readonly repo: string;
  /** Folder that holds the library's kernels. */
  readonly folder: string;
}

/**
 * Repositories that hold the code of a library's kernels. FlashInfer carries kernels of TensorRT-LLM
 * under their own namespace, Composable Kernel is aiter's.
 */
const HOMES: Readonly<Record<string, readonly Home[]>> = {
  vllm: [{ repo: "vllm", folder: "csrc" }],
  sglang: [{ repo: "sglang", folder: "python/sglang/kernels" }],
  tokenspeed: [{ repo: "tokenspeed", folder: "tokenspeed_kernel" }],
  trtllm: [
    { repo: "flashinfer", folder: "csrc" },
    { repo: "trtllm", folder: "cpp/tensorrt_llm/kernels" },
  ],
  flashinfer: [{ repo: "flashinfer", folder: "flashinfer" }],
  aiter: [{ repo: "aiter", folder: "csrc" }],
  ck: [{ repo: "aiter", folder: "3rdparty/composable_kernel" }],
};

/** Serving engines: nobody else runs their kernels, but they run those of libraries. */
export const ENGINES: readonly string[] = ["vllm", "sglang", "tokenspeed", "trtllm"];

/**
 * Occurrences whose fused kernels are the rule's own. A fusion is active where the code runs that
 * the rule cites: `vllm::act_and_mul_kernel` is no evidence for FlashInfer's kernel of that name. A
 * library's kernel is evidence for the engine that calls it too, where the trace tells the engine.
 * Where it does not, pieces that another engine's namespace holds are no split of this engine's.
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
  // Pieces tell less: another engine's own kernel among them says only that this engine did not run.
  const engines = rule.sources.map(({ repo }) => repo).filter((repo) => ENGINES.includes(repo));
  const isOfOtherEngine = (row: Row): boolean => {
    if (framework !== null && framework !== "unknown") return false;
    const owners = ownersOf(graph.symbols[graph.symbolOf[row]!]!.library);
    return (
      engines.length > 0 &&
      owners !== null &&
      owners.every((repo) => ENGINES.includes(repo) && !engines.includes(repo))
    );
  };
  const own = occurrences.filter(({ state, rows }) => {
    const isOthers = state === "active" ? isForeign : isOfOtherEngine;
    return !rows.some((step) => step.some(isOthers));
  });
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

/** A fused kernel of a row. */
export interface FusedKernel {
  readonly library: string | null;
  /** Demangled. */
  readonly name: string;
}

/**
 * Where the row's kernels themselves are written, for those of a library that the row does not cite
 * yet: an engine's rule cites the call, `ck_tile::Rmsnorm2dFwd` is aiter's code. The symbol is the
 * kernel's own; the commit is that of the lock, told by any rule that cites the repository.
 */
export function kernelSources(
  cited: readonly RuleSource[],
  kernels: readonly FusedKernel[],
  rules: readonly Pick<Rule, "sources">[],
): readonly RuleSource[] {
  const found = new Map<string, RuleSource>();
  for (const { library, name } of kernels) {
    const homes = library === null ? undefined : HOMES[library];
    if (homes === undefined || homes.some(({ repo }) => cited.some((one) => one.repo === repo)))
      continue;
    const { repo, folder } = homes[0]!;
    const known = found.has(repo) ? undefined : sourceOfRepo(rules, repo);
    if (known === undefined) continue;
    const { commit } = known;
    const url = `${known.url.slice(0, known.url.indexOf("/blob/"))}/tree/${commit}/${folder}`;
    const symbol = kernelSymbol(name);
    found.set(repo, { repo, url, commit, path: folder, symbol, pr: null, verified: false });
  }
  return [...found.values()];
}

function sourceOfRepo(
  rules: readonly Pick<Rule, "sources">[],
  repo: string,
): RuleSource | undefined {
  for (const { sources } of rules) {
    const one = sources.find((it) => it.repo === repo && it.pr === null && /\/blob\//.test(it.url));
    if (one !== undefined) return one;
  }
  return undefined;
}

/** What a kernel is called in its code: without return type, namespaces, arguments and generated parts. */
function kernelSymbol(name: string): string | null {
  const inner =
    /kentry<[^,]*, ([\w:]+)/.exec(name)?.[1] ?? /([A-Z]\w*?)_object_at_/.exec(name)?.[1];
  const own = inner ?? /^(?:void )?([\w:]+)/.exec(name)?.[1];
  return own?.split("::").at(-1) || null;
}

const ownersOf = (library: string | null): readonly string[] | null =>
  library === null ? null : (HOMES[library]?.map(({ repo }) => repo) ?? null);
