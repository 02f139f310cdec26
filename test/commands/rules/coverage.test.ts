import { expect, test } from "vitest";
import { coverageOf } from "../../../src/commands/rules/coverage.ts";
import { loadRules } from "../../../src/dsl/load-rules.ts";
import { runRulesCommand } from "../../cli/run-rules-command.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const RULES = {
  "lib/vocabulary.fuse": `fuse 1

let norm = name "*norm*"

category norm = norm
`,
  "fuse/sglang/norm.fuse": `fuse 1

rule norm : fusion {
  title "norm"
  status mainline
  source sglang "norm.cu#fused_add_norm"
  active fused
  split plain -> cast
  let fused = name "*fused_add_norm*"
  let plain = name "*plain_norm*"
  let cast = name "*quant_norm_cast*"
}
`,
};

const TREE = {
  "csrc/norm.cu": `namespace sgl {
__global__ void fused_add_norm(float* x) { }
__global__ void plain_norm(float* x) { }
__global__ void quant_norm_cast(float* x) { }
__global__ void kernel_cake_scan_0123456789ab(float* x) { }
__global__ void kernel_cake_scan_ba9876543210(float* x) { }
}
`,
  "ops/launch.py": "import triton\nfrom ops.device import helper\nhelper[(1,)](x)\n",
  "ops/device.py":
    "import triton\n@triton.jit\ndef helper(x): pass\n@triton.jit\ndef within(x): pass\n",
  "tests/test_norm.cu": "__global__ void only_tested(float* x) { }\n",
};

test("every family of a tree with its category and the rules that look for it", async () => {
  const { ruleSet } = await loadRules(temporaryFolder(RULES));
  const [tree] = await coverageOf(ruleSet, new Map([["sglang", temporaryFolder(TREE)]]));
  expect(
    tree!.families.map(({ symbol, variants, categoryFrom, isFused, rules }) => [
      ...[symbol, variants, categoryFrom, isFused],
      rules.join(),
    ]),
  ).toEqual([
    ["sgl::fused_add_norm", 1, "class", true, "norm"],
    ["sgl::plain_norm", 1, "class", false, ""],
    // What the rule would replace is not what it looks for.
    ["sgl::quant_norm_cast", 1, "class", true, ""],
    // A hash makes no family.
    ["sgl::kernel_cake_scan_*", 2, null, false, ""],
    // Launched in another file; `within` is nowhere, and a device function.
    ["helper", 1, null, false, ""],
  ]);
});

test("the command counts, and lists what is missing", async () => {
  const rules = temporaryFolder(RULES);
  const checkout = `sglang=${temporaryFolder(TREE)}`;
  const args = ["coverage", "--rules", rules, "--checkout", checkout];
  const { out, code } = await runRulesCommand(...args, "--missing");
  expect(code).toBe(0);
  expect(out).toContain("3 (60.0 %) by a class");
  expect(out).toContain("1 (50.0 %) of 2 fused ones have a rule");
  expect(out).toContain("csrc/norm.cu:4  sgl::quant_norm_cast  norm");
  expect(out).not.toContain("plain_norm");
  const tsv = await runRulesCommand(...args, "--format", "tsv");
  expect(tsv.out.split("\n")[1]).toBe(
    "sglang\tcsrc/norm.cu\t2\tcuda\tsgl::fused_add_norm\tsgl::fused_add_norm(void*)\t1\tnorm\tclass\tfused\tnorm",
  );
});

test("without a checkout, and with one that is not there, the command says what to give", async () => {
  const rules = temporaryFolder(RULES);
  const none = await runRulesCommand("coverage", "--rules", rules);
  expect([none.code, none.err]).toEqual([2, expect.stringContaining("--checkout sglang=DIR")]);
  const gone = await runRulesCommand("coverage", "--rules", rules, "--checkout", "a=/not/there");
  expect([gone.code, gone.err]).toEqual([2, expect.stringContaining("/not/there")]);
});
