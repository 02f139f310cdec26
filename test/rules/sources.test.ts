import { beforeAll, expect, test } from "vitest";
import { loadTexts } from "../../src/dsl/load-rules.ts";
import { readRuleTexts } from "../../src/dsl/read-rule-texts.ts";
import { buildKernelGraph } from "../../src/engine/kernel-graph.ts";
import { type ClassTable, decideClasses } from "../../src/engine/match/classes/class-table.ts";
import { runRulesOn } from "../../src/engine/match/run-rules.ts";
import { kernelSources, sourcesFor } from "../../src/engine/match/verdicts/owners.ts";
import { vllm } from "../../src/ingest/frameworks/vllm.ts";
import type { RuleSet } from "../../src/model/rule.ts";
import type { KernelGraph } from "../../src/model/trace/kernel-graph.ts";
import { demangledName } from "../../src/names/kernel-name.ts";
import { readKernelDictionary } from "../support/kernel-dictionary.ts";
import { trace } from "../support/trace-builder.ts";

/** Whose code a namespace is; FlashInfer carries TensorRT-LLM's kernels under their own namespace. */
const PROJECTS: readonly [RegExp, readonly string[]][] = [
  [/^vllm::/, ["vllm"]],
  [/^(sgl_hip|sglang)::|^kernel_cutlass_.*_sglang/, ["sglang"]],
  [/^kernel_cutlass_.*_tokenspeed/, ["tokenspeed"]],
  [/^flashinfer::|^kernel_cutlass_.*_flashinfer/, ["flashinfer"]],
  [/^tensorrt_llm::/, ["trtllm", "flashinfer"]],
  [/^(aiter|ck_tile)::/, ["aiter"]],
];
const projectsOf = (name: string) =>
  PROJECTS.find(([space]) => space.test(demangledName(name)))?.[1] ?? null;

const TIMES = 32;

let ruleSet: RuleSet;
let graph: KernelGraph;
let table: ClassTable;

beforeAll(() => {
  ({ ruleSet } = loadTexts("rules", readRuleTexts("rules")));
  const built = trace();
  const named = readKernelDictionary().filter(({ name }) => projectsOf(name) !== null);
  for (const [stream, { name }] of named.entries())
    for (let time = 0; time < TIMES; time++)
      built.kernel(name, { stream: `${stream}` }).notLaunched();
  graph = buildKernelGraph(built.build(), { profile: vllm, ruleSet, stageHint: null });
  table = decideClasses(ruleSet, graph);
}, 120_000);

/** "rule cites a, b for kernel" of every active occurrence that stands on another project's kernel. */
function foreignRows(framework: string | null): string[] {
  const facts = framework === null ? {} : { framework: { value: framework, from: "test" } };
  const given = graph.stages.map(({ stage }) => ({ stage, facts }));
  const { outcomes, failures } = runRulesOn(ruleSet.rules, table, graph, given);
  expect(failures).toEqual([]);
  const rules = new Map(ruleSet.rules.map((rule) => [rule.id, rule]));
  const active = outcomes.flatMap(({ rule, occurrences }) =>
    occurrences
      .filter(({ state }) => state === "active" && rules.get(rule)!.kind === "fusion")
      .map(({ rows }) => ({ rule: rules.get(rule)!, rows: rows.flat() })),
  );
  expect(active.length).toBeGreaterThan(90 * TIMES);
  const wrong = new Set<string>();
  for (const { rule, rows } of active)
    for (const row of rows) {
      const symbol = graph.symbols[graph.symbolOf[row]!]!;
      const { demangled } = graph.trace.kernelNames[symbol.name]!;
      const kernel = { library: symbol.library, name: demangled };
      const own = sourcesFor(rule, [symbol.library]);
      const sources = [...own, ...kernelSources(own, [kernel], ruleSet.rules)];
      const cited = sources.map(({ repo }) => repo);
      const projects = projectsOf(demangled)!;
      if (projects.some((repo) => cited.includes(repo))) continue;
      wrong.add(`${rule.id} cites ${cited.join(", ")} for ${demangled.slice(0, 70)}`);
    }
  return [...wrong];
}

test.each(["sglang", "vllm", "trtllm", "tokenspeed", null])(
  "under %s an active row cites the project of its kernel",
  (framework) => {
    expect(foreignRows(framework)).toEqual([]);
  },
  60_000,
);
