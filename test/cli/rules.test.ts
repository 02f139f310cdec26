import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { runRulesCommand } from "./run-rules-command.ts";

const NORM = `fuse 1

// Norm kernels.
let plain = name "*rms_norm_kernel*"
let fused = name "*fused_add_rms_norm*"
let add = name "*CUDAFunctor_add*"
`;

const RULE = `fuse 1

import "lib/norm.fuse" as norm

rule add-norm : fusion {
  title "Residual add and norm in one kernel"
  status mainline
  source vllm "csrc/layernorm.cu#fused_add_rms_norm"

  when {
    vendor = nvidia
  }

  active norm.fused
  split norm.add as add -> [gap 5us] norm.plain as norm

  report share >= 0.1%

  verdict split "{add.name}, then {norm.name}, {count}x."

  test "apart" {
    given vendor nvidia
    on main "CUDAFunctor_add" 2us
    on main "rms_norm_kernel" 3us
    expect match split 1 times
  }

  test "fused" {
    given vendor nvidia
    on main "fused_add_rms_norm" 3us
    expect match active
  }

  test "not on AMD" {
    given vendor amd
    on main "fused_add_rms_norm" 3us
    expect no match because guard vendor
  }
}
`;

const LOCK = `repos:
  vllm:
    url: https://github.com/vllm-project/vllm
    commit: "${"a".repeat(40)}"
    date: "2026-08-01"
files:
  vllm:
    "csrc/layernorm.cu":
      symbols: ["fused_add_rms_norm"]
      verified: true
`;

const PATH = "fuse/vllm/add-norm.fuse";

function rulesFolder(rule: string): string {
  return temporaryFolder({ "lib/norm.fuse": NORM, [PATH]: rule, "sources.lock.yaml": LOCK });
}

describe("rules lint", () => {
  test("has nothing to say about a sound rule", async () => {
    const root = rulesFolder(RULE);
    expect(await runRulesCommand("lint", "--rules-only", root)).toEqual({
      code: 0,
      out: "no findings\n",
      err: "",
    });
  });

  test("shows the place of an error, and what to do", async () => {
    const root = rulesFolder(RULE.replace("vendor = nvidia", "vendr = nvidia"));
    const { code, out } = await runRulesCommand("lint", "--rules-only", root);
    expect(code).toBe(1);
    expect(out).toBe(`error[unknown-word]: no fact is called \`vendr\`
  --> ${root}/${PATH}:11:5
11 |     vendr = nvidia
   |     ^^^^^
  = help: did you mean \`vendor\`?

1 error
`);
  });

  test("a failing test is an error at what it expects", async () => {
    const root = rulesFolder(RULE.replace("split 1 times", "split 2 times"));
    const { code, out } = await runRulesCommand("lint", "--rules-only", root, "--format", "github");
    expect(code).toBe(1);
    expect(out).toMatch(
      /^::error file=.*add-norm\.fuse,line=25,col=5,title=failing-test::the test fails: it expects match split 2 times, the engine says match split \(active 0, partial 0, split 1\)%0A/,
    );
  });

  test("a folder without rules is no rules", async () => {
    const { code, err } = await runRulesCommand("lint", "--rules-only", temporaryFolder({ a: "" }));
    expect(code).toBe(4);
    expect(err).toContain("holds no .fuse file");
  });
});

describe("rules fmt", () => {
  let root: string;
  beforeEach(() => {
    root = rulesFolder(
      RULE.replace("  when {\n    vendor = nvidia\n  }", "  when { vendor=nvidia }"),
    );
  });
  const written = () => readFileSync(join(root, PATH), "utf8");

  test("--check names what is not formatted and changes nothing", async () => {
    const before = written();
    expect(await runRulesCommand("fmt", "--check", "--rules-only", root)).toEqual({
      code: 1,
      out: `${root}/${PATH} is not formatted\n`,
      err: "",
    });
    expect(written()).toBe(before);
  });

  test("writes the format and is then content", async () => {
    expect((await runRulesCommand("fmt", "--rules-only", root)).code).toBe(0);
    expect(written()).toBe(RULE);
    expect((await runRulesCommand("fmt", "--check", "--rules-only", root)).out).toBe("");
  });
});

describe("rules test", () => {
  test("counts what passes", async () => {
    const { code, out } = await runRulesCommand("test", "--rules-only", rulesFolder(RULE));
    expect({ code, out }).toEqual({ code: 0, out: "3 of 3 tests of 1 rule pass\n" });
  });

  test("says what it expected and what it saw", async () => {
    const root = rulesFolder(RULE.replace("split 1 times", "active"));
    const { code, out } = await runRulesCommand("test", "--rules-only", root);
    expect(code).toBe(1);
    expect(out).toContain(
      "failed add-norm: apart\n  expected match active\n  saw      match split",
    );
  });

  test("of a rule that does not exist is wrong usage", async () => {
    const { code, err } = await runRulesCommand(
      "test",
      "add-nrom",
      "--rules-only",
      rulesFolder(RULE),
    );
    expect(code).toBe(2);
    expect(err).toContain("did you mean add-norm?");
  });
});
