import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { formatFuse } from "../../src/dsl/format/index.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { runRulesCommand } from "./run-rules-command.ts";
import { SOUND_RULES, soundRules } from "./sound-rules.ts";

/** What somebody uses who writes a rule: suggestions, a trial, the dictionary, the lock. */
const copyOfBase = (more: Readonly<Record<string, string>> = {}): string =>
  temporaryFolder({ ...soundRules(), ...more });

const RULE = "fuse/vllm/add-norm.fuse";
const scoreOf = async (root: string): Promise<{ killed: number; mutants: number }> => {
  const args = ["test", "add-norm", "--mutants", "--format", "json", "--rules-only", root];
  return JSON.parse((await runRulesCommand(...args)).out).mutants[0];
};

test("suggested tests, pasted as they are, pass and notice what nobody noticed", async () => {
  const root = copyOfBase();
  const before = await scoreOf(root);
  expect(before.killed).toBeLessThan(0.9 * before.mutants);
  const { code, out } = await runRulesCommand(
    "test",
    "add-norm",
    "--suggest",
    "--rules-only",
    root,
  );
  expect(code).toBe(0);
  expect(out).toContain(`  test "12us idle before norm" like "apart" {
    change "*rms_norm_kernel*" after 12us
    expect no match because pattern
  }`);
  expect(out).toContain("  // drop guard framework in [vllm, tokenspeed]");
  const text = readFileSync(join(root, RULE), "utf8").trimEnd().slice(0, -1);
  writeFileSync(join(root, RULE), formatFuse(`${text}\n${out}}\n`));
  const after = await scoreOf(root);
  expect(after.killed).toBeGreaterThanOrEqual(0.9 * after.mutants);
  const lint = await runRulesCommand("lint", "add-norm", "--mutants", "--rules-only", root);
  expect(lint.out).toBe("no findings\n");
});

test("lint --mutants refuses a rule whose tests notice too little, and names the remedy", async () => {
  const { code, out } = await runRulesCommand(
    "lint",
    "add-norm",
    "--mutants",
    "--rules-only",
    SOUND_RULES,
  );
  expect(code).toBe(1);
  expect(out).toContain("error[weak-tests]: its tests notice ");
  expect(out).toContain("`rules test add-norm --suggest` writes the tests that are missing");
});

test("lint of one rule tells what the base says about it", async () => {
  const twin = readFileSync(join(SOUND_RULES, RULE), "utf8").replace(
    "rule add-norm",
    "rule aaa-norm",
  );
  const root = copyOfBase({ "fuse/vllm/aaa-norm.fuse": twin });
  const { code, out } = await runRulesCommand("lint", "aaa-norm", "--rules-only", root);
  expect(code).toBe(1);
  expect(out).toContain("error[twin-rules]: rule `aaa-norm` has the same guards and patterns");
});

test("a trial shows rows, near misses, other rules on the kernels, and what else changes", async () => {
  const trace = "examples/two-stream-overlap";
  const args = ["try", "sgl-fused-add-rmsnorm", trace, "--no-examples", "--rules", "rules"];
  const { code, out } = await runRulesCommand(...args);
  expect(code).toBe(0);
  expect(out).toContain("  rows\n    prefill: active (active 12, partial 0, split 0)");
  expect(out).toContain("  near misses\n    prefill, split (line ");
  const json = JSON.parse((await runRulesCommand(...args, "--format", "json")).out);
  expect(json.trials[0]).toMatchObject({ path: trace, failure: null });
  const folded = ["try", "sgl-fused-add-rmsnorm", "examples/sglang-tp2-decode", "--no-examples"];
  expect((await runRulesCommand(...folded, "--rules", "rules")).out).toContain(
    "sgl-flashinfer-allreduce-rmsnorm: takes its kernels",
  );
  const unknown = await runRulesCommand("try", "sgl-fused-add-rmsnrm", trace, "--rules", "rules");
  expect(unknown).toMatchObject({ code: 2 });
  const missing = await runRulesCommand(
    "try",
    "sgl-fused-add-rmsnorm",
    "/nowhere",
    "--no-examples",
  );
  expect(missing.out).toContain("cannot be used");
});

test("kernels that no trace has run yet enter it from the source that declares them", async () => {
  const root = copyOfBase({});
  const file = join(root, "kernel-dictionary.tsv");
  const tree = temporaryFolder({
    "vllm/fusion/relu2.py":
      "@triton.jit\ndef _relu2_fp8_kernel(x_ptr):\n    pass\n\n_relu2_fp8_kernel[(1,)](x)\n",
    "csrc/other.cu": "__global__ void other_kernel(int* x) { }\n",
  });
  const add = ["dictionary", "add", "--checkout", `vllm=${tree}`, "--rules", root];
  expect((await runRulesCommand(...add)).err).toContain("say which by --like");
  const { code, out } = await runRulesCommand(...add, "--like", "*relu2*");
  expect([code, out.split("\n").at(-2)]).toEqual([0, `1 kernel added to ${file}, 0 were known`]);
  expect(readFileSync(file, "utf8")).toContain("_relu2_fp8_kernel\t");
  expect(readFileSync(file, "utf8")).toContain("\tany\ttriton\tvllm:vllm/fusion/relu2.py\n");
  expect(readFileSync(file, "utf8")).not.toContain("other_kernel");
});

test("a path that is given twice is tried once", async () => {
  const { out } = await runRulesCommand(
    ...["try", "sgl-add3", "examples/trtllm", "examples/trtllm/", "-f", "json"],
  );
  const paths = [...out.matchAll(/"path": "([^"]*)"/g)].map(([, path]) => path!);
  expect(paths.filter((path) => path.includes("trtllm"))).toHaveLength(1);
});

test("kernels of a trace enter the dictionary in order, once", async () => {
  const root = copyOfBase();
  const file = join(root, "kernel-dictionary.tsv");
  const before = readFileSync(file, "utf8");
  const args = ["dictionary", "add", "examples/sglang-tp2-decode", "--rules-only", root];
  const look = await runRulesCommand(...args, "--check");
  expect(look.out).toMatch(/^\d+ kernels would be added to .*, \d+ were known$/m);
  expect(readFileSync(file, "utf8")).toBe(before);
  const { code, out } = await runRulesCommand(...args, "--like", "*nvjet*");
  expect(code).toBe(0);
  expect(out).toMatch(/kernels? added to /);
  const rows = readFileSync(file, "utf8").trimEnd().split("\n");
  expect(rows.length).toBeGreaterThan(before.trimEnd().split("\n").length);
  expect(rows.some((row) => /^nvjet\S*\t[\w-]+\tnvidia\t\w*\tprofile$/.test(row))).toBe(true);
  const again = await runRulesCommand(...args, "--like", "*nvjet*");
  expect(again.out).toMatch(/^0 kernels added to /m);
});

/** A repository whose locked commit has the kernel, and whose newest has it no more. */
function repository(): { folder: string; locked: string } {
  const path = "csrc/layernorm_kernels.cu";
  const folder = temporaryFolder({
    [path]: "__global__ void fused_add_rms_norm_kernel(int* x) { }\n// VLLM_USE_NORM\n",
  });
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@b.c", ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "one");
  const locked = git("rev-parse", "HEAD");
  writeFileSync(join(folder, path), "// moved away\n");
  git("commit", "-qam", "two");
  return { folder, locked };
}

test("the lock of one rule is read at the locked commit and never moves", async () => {
  const { folder, locked } = repository();
  const lock = readFileSync(join(SOUND_RULES, "sources.lock.yaml"), "utf8");
  const old = /vllm:[\s\S]*?commit: "?([0-9a-f]{40})/.exec(lock)![1]!;
  const root = copyOfBase({
    "sources.lock.yaml": lock
      .replace(old, locked)
      .replace('symbols: ["fused_add_rms_norm_kernel"]', "symbols: []"),
  });
  const file = join(root, "sources.lock.yaml");
  const base = ["lock", "--checkout", `vllm=${folder}`, "--rules-only", root];
  const refused = await runRulesCommand(...base, "--update");
  expect(refused).toMatchObject({ code: 2, err: expect.stringContaining("--move") });
  const one = await runRulesCommand(...base, "--rule", "add-norm", "--update");
  expect(one.code).toBe(0);
  const text = readFileSync(file, "utf8");
  expect(text).toContain(locked);
  expect(text).toContain('symbols: ["fused_add_rms_norm_kernel"]');
  const unknown = await runRulesCommand(...base, "--rule", "add-nrm");
  expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining("did you mean") });
  const moved = await runRulesCommand(...base, "--update", "--move");
  expect(moved.code).toBe(1);
  expect(readFileSync(file, "utf8")).not.toContain(locked);
});

test("a checkout without the locked commit is told how to get it", async () => {
  const { folder } = repository();
  const args = [
    "lock",
    "--checkout",
    `vllm=${folder}`,
    "--rule",
    "add-norm",
    "--rules-only",
    SOUND_RULES,
  ];
  const { code, err } = await runRulesCommand(...args);
  expect(code).toBe(2);
  expect(err).toContain("fetch origin");
});

test("a switch that stands nowhere in the checkout is an error at its place", async () => {
  const text = readFileSync(join(SOUND_RULES, RULE), "utf8");
  const withSwitch = (name: string): string =>
    text
      .replace("[vllm, tokenspeed]", "[vllm]")
      .replace("  verdict split", `  toggle "${name}"\n\n  verdict split`);
  const folder = temporaryFolder({
    "csrc/layernorm_kernels.cu": "void fused_add_rms_norm_kernel(int* x) { }\n",
    "vllm/envs.py": 'VLLM_USE_NORM = 1\nadd("--enable-norm-fusion")\n',
  });
  const lock = async (name: string) =>
    runRulesCommand(
      ...["lock", "--checkout", `vllm=${folder}`],
      ...["--rules-only", copyOfBase({ [RULE]: withSwitch(name) })],
    );
  expect((await lock("VLLM_USE_NORM=1")).code).toBe(0);
  expect((await lock("--enable-norm-fusion")).code).toBe(0);
  const wrong = await lock("--enable-nrm-fusion");
  expect(wrong.code).toBe(1);
  expect(wrong.out).toContain("enable-nrm-fusion");
});
