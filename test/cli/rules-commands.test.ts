import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { RuleExplanation } from "../../src/model/contracts/rule-explanation.ts";
import { PACK_NAME } from "../../src/pipeline/inputs/rule-base.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { runRulesCommand } from "./run-rules-command.ts";
import { SOUND_RULES, soundRules } from "./sound-rules.ts";

/** A copy of the sound rules to work in, as `rules/` beside `references/`. */
function copyOfBase(changes: Readonly<Record<string, string>> = {}): string {
  return join(
    temporaryFolder({ ...soundRules("rules/"), "references/README.md": "", ...changes }),
    "rules",
  );
}

describe("rules list", () => {
  test("one line a rule", async () => {
    const { code, out } = await runRulesCommand("list", "--rules-only", SOUND_RULES);
    expect(code).toBe(0);
    expect(out.split("\n")).toEqual([
      "add-norm             vllm  fusion  mainline    active/split  Residual add and RMSNorm in one kernel",
      "all-reduce-add-norm  vllm  fusion  mainline    active/split  All-reduce, residual add and RMSNorm in one kernel",
      "old-add-norm         vllm  fusion  deprecated  active        Residual add and RMSNorm, the older kernel",
      "3 rules",
      "",
    ]);
  });

  test("as JSON, only some", async () => {
    const args = [
      "list",
      "--rules-only",
      SOUND_RULES,
      "--status",
      "deprecated",
      "--format",
      "json",
    ];
    const { rules } = JSON.parse((await runRulesCommand(...args)).out);
    expect(rules).toHaveLength(1);
    expect(rules[0]).toMatchObject({ id: "old-add-norm", kind: "fusion", states: ["active"] });
  });

  test("only those whose id or title holds all the words", async () => {
    const listed = async (...words: readonly string[]) => {
      const { code, out, err } = await runRulesCommand(
        ...["list", ...words, "--rules-only", SOUND_RULES],
      );
      return code === 0 ? out.split("\n").map((line) => line.split(" ")[0]) : err;
    };
    expect(await listed("Residual", "norm", "older")).toEqual(["old-add-norm", "1", ""]);
    expect(await listed("add-norm")).toEqual(["add-norm", "1", ""]);
    expect(await listed("norms of it")).toContain('No rule "norms of it".');
  });

  test("a status that does not exist is wrong usage", async () => {
    const { code, err } = await runRulesCommand(
      "list",
      "--rules-only",
      SOUND_RULES,
      "--status",
      "mainlin",
    );
    expect(code).toBe(2);
    expect(err).toContain("Did you mean mainline?");
  });
});

describe("rules new", () => {
  test("writes a rule whose tests pass, once", async () => {
    const root = copyOfBase();
    const args = ["new", "fuse", "my-rule", "--origin", "sglang", "--rules-only", root];
    const { code, out } = await runRulesCommand(...args);
    expect(code).toBe(0);
    expect(out).toContain(`${root}/fuse/sglang/my-rule.fuse written`);
    const tested = await runRulesCommand("test", "my-rule", "--rules-only", root);
    expect(tested).toMatchObject({ code: 0, out: "4 of 4 tests of 1 rule pass\n" });
    const again = await runRulesCommand(...args);
    expect(again.code).toBe(2);
    expect(again.err).toContain("There is a rule of that name already.");
  });

  test.each([
    [["fuse", "My_Rule", "--origin", "sglang"], "is not written like-this"],
    [["fuse", "my-rule"], "--origin"],
    [["fusion", "my-rule", "--origin", "sglang"], "expected one of fuse, overlap"],
    [["fuse"], "Which rule?"],
  ])("refuses %j", async (args, message) => {
    const { code, err } = await runRulesCommand("new", ...args, "--rules-only", copyOfBase());
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

describe("rules docs", () => {
  test("--check fails until the catalogues are written, and again when a rule changes", async () => {
    const root = copyOfBase();
    expect((await runRulesCommand("docs", "--check", "--rules-only", root)).code).toBe(1);
    expect((await runRulesCommand("docs", "--rules-only", root)).code).toBe(0);
    const catalogue = join(root, "../references/fuse-overlap-catalog.md");
    expect(readFileSync(catalogue, "utf8")).toContain("#### all-reduce-add-norm");
    expect(await runRulesCommand("docs", "--check", "--rules-only", root)).toMatchObject({
      code: 0,
      out: "",
    });
    const rule = join(root, "fuse/vllm/add-norm.fuse");
    const { writeFileSync } = await import("node:fs");
    writeFileSync(rule, readFileSync(rule, "utf8").replace("Residual add and", "Add and"));
    const stale = await runRulesCommand("docs", "--check", "--rules-only", root);
    expect(stale.code).toBe(1);
    expect(stale.out).toContain("fuse-overlap-catalog.md is out of date: run `rules docs`");
  });
});

describe("rules lock", () => {
  const CHECKOUT = {
    "csrc/layernorm_kernels.cu": "void fused_add_rms_norm_kernel(int* x) { }\n",
  };

  test("is content with a checkout that has everything", async () => {
    const folder = temporaryFolder(CHECKOUT);
    const { code, out } = await runRulesCommand(
      "lock",
      "--checkout",
      `vllm=${folder}`,
      "--rules-only",
      SOUND_RULES,
    );
    expect(out).toContain("1 of 1 symbols are defined where they should be");
    expect(code).toBe(0);
  });

  test("tells what moved, where to, and which rules name it", async () => {
    const folder = temporaryFolder({
      "csrc/layernorm_kernels.cu": "// moved\n",
      "csrc/norms/layernorm.cu": CHECKOUT["csrc/layernorm_kernels.cu"],
    });
    const { code, out } = await runRulesCommand(
      "lock",
      "--checkout",
      `vllm=${folder}`,
      "--rules-only",
      SOUND_RULES,
    );
    expect(code).toBe(1);
    expect(out).toContain(`  moved     csrc/layernorm_kernels.cu#fused_add_rms_norm_kernel
            now in csrc/norms/layernorm.cu
            named by add-norm, all-reduce-add-norm
`);
  });

  test("--update rewrites the lock", async () => {
    const folder = temporaryFolder({ "csrc/layernorm_kernels.cu": "// gone\n" });
    const root = copyOfBase();
    const args = ["lock", "--checkout", `vllm=${folder}`, "--update", "--rules-only", root];
    expect((await runRulesCommand(...args)).code).toBe(1);
    const lock = readFileSync(join(root, "sources.lock.yaml"), "utf8");
    expect(lock).toContain("# Where the sources were read.");
    expect(lock).not.toContain('symbols: ["fused_add_rms_norm_kernel"]');
  });

  test.each([
    [[], "Which checkout?"],
    [["--checkout", "vllm"], "expected NAME=DIR"],
    [["--checkout", "vlm=/tmp"], 'no repository "vlm"'],
    [["--checkout", "vllm=/nowhere/at/all"], "cannot be read"],
  ])("refuses %j", async (args, message) => {
    const { code, err } = await runRulesCommand("lock", ...args, "--rules-only", SOUND_RULES);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

describe("rules pack", () => {
  test("writes the pack of sound rules and refuses others", async () => {
    const root = copyOfBase();
    const cache = temporaryFolder({});
    vi.stubEnv("XDG_CACHE_HOME", cache);
    const { code: packed, out } = await runRulesCommand("pack", "--rules-only", root);
    vi.unstubAllEnvs();
    expect(packed).toBe(0);
    // Beside the rules nobody would believe it.
    expect(existsSync(join(root, PACK_NAME))).toBe(false);
    const file = out.split(":")[0]!;
    expect(file.startsWith(cache)).toBe(true);
    expect(existsSync(file)).toBe(true);
    const broken = copyOfBase({ "rules/lib/comm.fuse": 'fuse 1\n\nlet all_reduce = nam "*"\n' });
    const { code, err } = await runRulesCommand("pack", "--rules-only", broken);
    expect(code).toBe(4);
    expect(err).toContain("rules/not-clean");
  });
});

describe("rules explain", () => {
  let out: string;
  beforeAll(async () => {
    const trace = "examples/sglang-tp2-decode";
    ({ out } = await runRulesCommand("explain", "add-norm", trace, "--rules-only", SOUND_RULES));
  }, 60_000);

  test("without a trace says what the rule says: patterns, guards, sources", async () => {
    const { code, out: alone } = await runRulesCommand(
      ...["explain", "add-norm", "--rules-only", SOUND_RULES],
    );
    expect([code, alone.split("\n")[0]]).toEqual([0, "# add-norm"]);
    expect(alone).toContain("Applies when: ");
    expect(alone).toContain("Sources:");
  });

  test("says of each guard what it met and of each step what it found", () => {
    expect(out).toMatch(/^add-norm \(Residual add and RMSNorm in one kernel\)\n══ decode, /);
    expect(out).toMatch(/framework in \[vllm, tokenspeed\] +does not hold +sglang +/);
    expect(out).toContain("norm.add_norm");
  });

  test("counts a library's kernels where the engine that calls it is told, as the report does", async () => {
    // A kernel of FlashInfer under a rule whose sources are those of TensorRT-LLM.
    const { out: json } = await runRulesCommand(
      ...[
        "explain",
        "trt-flashinfer-silu-mul",
        "examples/trtllm",
        "--rules",
        "rules",
        "-f",
        "json",
      ],
    );
    const [stage] = (JSON.parse(json) as RuleExplanation).stages;
    const active = stage!.patterns.filter(({ state }) => state === "active");
    expect(active.reduce((sum, { counted }) => sum + counted, 0)).toBe(stage!.counts!.active);
  });

  test("says the same in JSON, as its schema describes it", async () => {
    const { out: json } = await runRulesCommand(
      ...[
        "explain",
        "add-norm",
        "examples/sglang-tp2-decode",
        "--rules-only",
        SOUND_RULES,
        "-f",
        "json",
      ],
    );
    const schema = JSON.parse(readFileSync("references/rule-explanation.schema.json", "utf8"));
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
    const explanation = JSON.parse(json);
    expect(validate(explanation), JSON.stringify(validate.errors)).toBe(true);
    expect(explanation).toMatchObject({
      rule: "add-norm",
      stages: [{ stage: "decode", state: "not-applicable", blockedBy: "framework" }],
    });
  });

  test.each([
    [["add-nrom", "examples/sglang-tp2-decode"], 2, "did you mean add-norm?"],
    [[], 2, "Which rule?"],
    [["add-norm", "--format", "json"], 2, "json is the answer of a trace"],
    [["add-nrom"], 2, "did you mean add-norm?"],
    [["add-norm", "examples/nowhere"], 3, "examples/nowhere"],
  ])("refuses %j", async (args, exit, message) => {
    const { code, err } = await runRulesCommand("explain", ...args, "--rules-only", SOUND_RULES);
    expect(code).toBe(exit);
    expect(err).toContain(message);
  });
});

describe("rules lint", () => {
  test("a rule that does not exist is wrong usage, not nothing found", async () => {
    const { code, err } = await runRulesCommand("lint", "add-nrom", "--rules-only", SOUND_RULES);
    expect(code).toBe(2);
    expect(err).toContain("did you mean add-norm?");
  });

  test("ages are counted only when a day is given", async () => {
    const late = ["--today", "2027-01-01"];
    expect((await runRulesCommand("lint", "--rules-only", SOUND_RULES)).out).toBe("no findings\n");
    const { code, out } = await runRulesCommand("lint", "--rules-only", SOUND_RULES, ...late);
    expect(out).toContain("the locked commit of vllm is 132 days old");
    expect(code).toBe(0);
    const strict = await runRulesCommand(
      "lint",
      "--rules-only",
      SOUND_RULES,
      ...late,
      "--max-warnings",
      "0",
    );
    expect(strict.code).toBe(1);
    expect(
      (await runRulesCommand("lint", "--rules-only", SOUND_RULES, "--today", "now")).code,
    ).toBe(2);
  });

  test.each(["lint", "fmt", "test", "explain", "new", "list", "docs", "lock", "pack"])(
    "%s has a help page with examples and exit codes",
    async (command) => {
      const { code, out } = await runRulesCommand(command, "--help");
      expect(code).toBe(0);
      for (const title of ["Usage", "Examples", "Exit codes"]) expect(out).toContain(`${title}\n`);
    },
  );
});
