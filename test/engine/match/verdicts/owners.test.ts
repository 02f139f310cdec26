import { beforeAll, expect, test } from "vitest";
import { buildKernelGraph } from "../../../../src/engine/kernel-graph.ts";
import { kernelSources, ownOccurrences } from "../../../../src/engine/match/verdicts/owners.ts";
import { vllm } from "../../../../src/ingest/frameworks/vllm.ts";
import type { Facts } from "../../../../src/model/facts.ts";
import type { Occurrence } from "../../../../src/model/finding.ts";
import type { Rule, RuleSource } from "../../../../src/model/rule.ts";
import { loadRuleLibrary, type RuleLibrary } from "../../../support/rule-library.ts";
import { trace } from "../../../support/trace-builder.ts";

let library: RuleLibrary;
beforeAll(async () => {
  library = await loadRuleLibrary();
});

const source = (repo: string): RuleSource => ({
  repo,
  url: `https://github.com/lab/${repo}/blob/abc/some/file.py`,
  commit: "abc",
  path: "some/file.py",
  symbol: "f",
  pr: null,
  verified: true,
});

/** Whether a split of one kernel stays with a rule of a project. */
function stays(kernel: string, repo: string, facts: Facts): boolean {
  const { ruleSet } = library;
  const built = trace().kernel(kernel).launchedBy().build();
  const graph = buildKernelGraph(built, { profile: vllm, ruleSet, stageHint: null });
  const split = { state: "split", pattern: 0, rows: [[0]] } as unknown as Occurrence;
  const rule = { kind: "fusion", sources: [source(repo)] } as unknown as Rule;
  return ownOccurrences(rule, [split], graph, facts).length === 1;
}

const VLLM = "void vllm::rms_norm_kernel<c10::BFloat16, 8, 2>(c10::BFloat16*)";

test("pieces of another engine's namespace are no split of this engine's where none is known", () => {
  expect(stays(VLLM, "sglang", {})).toBe(false);
  expect(stays(VLLM, "vllm", {})).toBe(true);
  expect(stays(VLLM, "pytorch", {})).toBe(true);
});

test("an engine that the trace tells runs other engines' kernels too", () => {
  expect(stays(VLLM, "sglang", { framework: { value: "sglang", from: "test" } })).toBe(true);
});

test("a library's pieces are anybody's", () => {
  expect(stays("void flashinfer::norm::RMSNormKernel<8u, __nv_bfloat16>()", "sglang", {})).toBe(
    true,
  );
});

test.each([
  ["ck", "_ZN7ck_tile6kentry void ck_tile::kentry<256, ck_tile::Rmsnorm2dFwd<int> >()", "aiter"],
  ["aiter", "void aiter::add_rmsnorm_quant_kernel<int>(int*)", "aiter"],
  [
    "trtllm",
    "void tensorrt_llm::kernels::cutlass_kernels::expandInputRowsKernel<int>()",
    "flashinfer",
  ],
])("a kernel of %s that the rule does not cite adds its project", (lib, name, repo) => {
  const rules = [{ sources: [source("aiter"), source("flashinfer")] }];
  const [found] = kernelSources([source("vllm")], [{ library: lib, name }], rules);
  expect(found).toMatchObject({ repo, commit: "abc" });
  expect(found!.url).toContain(`https://github.com/lab/${repo}/tree/abc/`);
  expect(found!.symbol).toMatch(/^(Rmsnorm2dFwd|add_rmsnorm_quant_kernel|expandInputRowsKernel)$/);
});

test("what is cited is cited once", () => {
  const kernel = { library: "aiter", name: "aiter::x" };
  expect(kernelSources([source("aiter")], [kernel], [{ sources: [source("aiter")] }])).toEqual([]);
});
