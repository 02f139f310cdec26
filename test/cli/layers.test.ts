import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Report } from "../../src/model/contracts/report.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { runRulesCommand } from "./run-rules-command.ts";
import { triageHere } from "./triage/run-in-process.ts";

const HOME = process.cwd();
const EXAMPLE = join(HOME, "examples/sglang-tp2-decode");
const RULES = join(HOME, "rules");
/** A rule of the bundled ones that has a row in the example. */
const BUNDLED = "sgl-moe-align";
const BUNDLED_TEXT = readFileSync(join(RULES, `fuse/sglang/${BUNDLED}.fuse`), "utf8");

afterEach(() => process.chdir(HOME));

/** A team's own rule, on classes of its own and of the bundled library. */
const PRIVATE = `fuse 1

import "lib/acme.fuse" as acme
import "lib/norm.fuse" as norm

rule acme-norm : fusion {
  title "Attention and norm in one kernel, as a team's own rule sees it"
  status experimental
  source acme "kernels/norm.py#acme_norm"

  active acme.fused
  split acme.apart -> norm.plain_rmsnorm repeat >= 2

  report share >= 0.1%

  verdict active "{count} times"

  test "one kernel" {
    on main "acme::FlashAttnFwd<8u, __nv_bfloat16>" 3us
    expect match active
  }
}
`;
const LIBRARY = `fuse 1

let fused = name "*FlashAttnFwd*"

let apart = name "acme_add_kernel*"

category acme "Kernels of Acme" = fused
`;
const LOCK = `repos:
  acme:
    url: https://git.acme.example/team/kernels
    commit: "1111111111111111111111111111111111111111"
files:
  acme:
    kernels/norm.py: { symbols: [acme_norm], verified: true }
`;
const TEAM = {
  "team/lib/acme.fuse": LIBRARY,
  "team/fuse/acme/acme-norm.fuse": PRIVATE,
  "team/sources.lock.yaml": LOCK,
};

async function reportOf(...args: string[]): Promise<Report & { err: string }> {
  const { code, out, err } = await triageHere("triage", EXAMPLE, "-f", "json", ...args);
  expect({ code, err: err.replace(/^(?:warning|note): .*\n/m, "") }).toEqual({ code: 0, err: "" });
  return { ...(JSON.parse(out) as Report), err };
}
const rowsOf = ({ stages }: Report) => stages.flatMap(({ fuse }) => fuse);
const idsOf = (report: Report): string[] => rowsOf(report).map(({ rule }) => rule);
const categoriesOf = ({ stages }: Report) =>
  new Set(stages.flatMap(({ kernels }) => kernels.map(({ category }) => category)));

describe("a folder of private rules", () => {
  test("is added to the bundled ones, with classes, categories and sources of its own", async () => {
    const team = join(temporaryFolder(TEAM), "team");
    const plain = await reportOf();
    const report = await reportOf("--rules", team);
    expect(idsOf(report)).toEqual(expect.arrayContaining(["acme-norm", ...idsOf(plain)]));
    expect(report.rules).toMatchObject({ over: [team], count: plain.rules.count + 1 });
    expect(report.rules.digest).not.toBe(plain.rules.digest);
    const row = rowsOf(report).find(({ rule }) => rule === "acme-norm")!;
    expect(row.sources[0]).toMatchObject({
      url: `https://git.acme.example/team/kernels/blob/${"1".repeat(40)}/kernels/norm.py`,
    });
    // A category of the upper folder goes before the bundled ones, and takes nothing else away.
    const others = [...categoriesOf(plain)].filter((category) => category !== "attention");
    expect([...categoriesOf(report)].sort()).toEqual([...others, "acme"].sort());
  });

  test("overrides a bundled rule by its id, and the strongest folder is the last", async () => {
    const titled = (title: string): string =>
      BUNDLED_TEXT.replace(/title "[^"]*"/, `title "${title}"`);
    const folder = temporaryFolder({
      [`a/fuse/x/${BUNDLED}.fuse`]: titled("of a"),
      [`b/fuse/x/${BUNDLED}.fuse`]: titled("of b"),
    });
    const [a, b] = [join(folder, "a"), join(folder, "b")] as const;
    for (const [args, title] of [
      [["--rules", a], "of a"],
      [["--rules", a, "--rules", b], "of b"],
      [["--rules", b, "--rules", a], "of a"],
    ] as const) {
      const report = await reportOf(...args);
      const found = rowsOf(report).filter(({ rule }) => rule === BUNDLED);
      expect(found.map((row) => row.title)).toEqual([title]);
    }
  });

  test("never changes what bundled rules see: a library file of the same name is its own", async () => {
    const folder = temporaryFolder({
      ...TEAM,
      "team/lib/acme.fuse": LIBRARY.replace(/^category.*$/m, ""),
      "team/lib/norm.fuse": 'fuse 1\n\nlet plain_rmsnorm = name "nothing_of_this_name"\n',
    });
    const plain = await reportOf();
    const report = await reportOf("--rules", join(folder, "team"));
    expect(idsOf(report)).toEqual(expect.arrayContaining(idsOf(plain)));
    expect(report.diagnostics).toEqual(plain.diagnostics);
  });

  test("may leave out bundled rules; one that nobody has is told with the nearest", async () => {
    expect(idsOf(await reportOf("--disable", BUNDLED))).not.toContain(BUNDLED);
    const { code, err } = await triageHere("triage", EXAMPLE, "--disable", "sgl-moe-aling");
    expect(code).toBe(2);
    expect(err).toContain("Did you mean sgl-moe-align?");
  });

  test("that is a whole rule base takes the place of the bundled ones: as before", async () => {
    const plain = await reportOf();
    const named = await reportOf("--rules", RULES);
    expect({ ...named, rules: plain.rules }).toEqual(plain);
    expect(named.rules).not.toHaveProperty("over");
    const fixture = join(HOME, "test/dsl/fixtures/rules");
    const replaced = await reportOf("--rules", fixture);
    expect(replaced.rules).toMatchObject({ path: fixture });
    // A word is lost about it only where it is not the bundled ones anyway.
    expect(replaced.err).toContain("take the place of the bundled ones");
    expect(named.err).toBe("");
    const { code, err } = await triageHere("triage", EXAMPLE, "--rules", RULES, "--rules", fixture);
    expect(code).toBe(2);
    expect(err).toContain("usage/two-rule-bases");
  });

  test("that classifies nothing is told at once, before and in the report", async () => {
    const team = join(temporaryFolder(TEAM), "team");
    const only = join(temporaryFolder({ "r/lib/a.fuse": 'fuse 1\nlet a = name "a"\n' }), "r");
    const report = await reportOf("--rules-only", only);
    expect(report.err).toContain(`warning: the rules in ${only} classify nothing`);
    expect(report.diagnostics).toContainEqual(
      expect.objectContaining({ code: "rules/classify-nothing" }),
    );
    expect((await reportOf("--rules", team)).err).toBe("");
    const idle = await triageHere("triage", EXAMPLE, "--rules", only);
    expect(idle.code).toBe(4);
    expect(idle.err).toContain("add nothing");
    const none = await triageHere("triage", EXAMPLE, "--rules", join(team, "lib", "nowhere"));
    expect(none.code).toBe(4);
  });
});

describe("rules lint, test and list", () => {
  test("look at the union, and speak of the private rules", async () => {
    const folder = temporaryFolder(TEAM);
    const team = join(folder, "team");
    const lint = await runRulesCommand("lint", "--rules", team, "--format", "json");
    const found = JSON.parse(lint.out).diagnostics ?? JSON.parse(lint.out);
    const codes = found.map(({ code, file }: { code: string; file: string }) => [code, file]);
    expect(lint.err).toBe("");
    // The bundled library is found, and nothing is said of bundled files.
    expect(codes.filter(([, file]: [string, string]) => !file.startsWith(team))).toEqual([]);
    expect(codes.map(([code]: [string]) => code)).not.toContain("broken-reference");
    expect(codes.map(([code]: [string]) => code)).toContain("untested-state");
    const tested = await runRulesCommand("test", "--rules", team);
    expect(tested).toMatchObject({ code: 0, out: "1 of 1 tests of 1 rule pass\n" });
    const list = await runRulesCommand("list", "--rules", team, "acme-norm", BUNDLED);
    expect(list.out).toContain("acme-norm");
    expect(list.out).toContain("2 rules");
  });

  test("tell a class that the bundled library does not have", async () => {
    const broken = PRIVATE.replace("norm.plain_rmsnorm", "norm.plane_rmsnorm");
    const folder = temporaryFolder({ ...TEAM, "team/fuse/acme/acme-norm.fuse": broken });
    const { code, out } = await runRulesCommand("lint", "--rules", join(folder, "team"));
    expect(code).toBe(1);
    expect(out).toContain("norm.plain_rmsnorm");
  });
});

describe("fuse-triage.yaml", () => {
  function at(files: Record<string, string>, folder: string): string {
    const root = temporaryFolder(files);
    const place = join(root, folder);
    mkdirSync(place, { recursive: true });
    process.chdir(place);
    return root;
  }

  test("is the nearest upwards: a monorepo with two", async () => {
    const files = {
      ...TEAM,
      ".git/HEAD": "",
      "fuse-triage.yaml": `rules: { off: [${BUNDLED}] }\ncuts: { minShare: 5 }\n`,
      "services/chat/fuse-triage.yaml": "rules: [../../team]\n",
    };
    at(files, "services/chat/deep/er");
    const chat = await reportOf();
    expect(chat.settings).toMatch(/services\/chat\/fuse-triage\.yaml$/);
    expect(idsOf(chat)).toEqual(expect.arrayContaining(["acme-norm", BUNDLED]));
    process.chdir("../../../..");
    mkdirSync("services/other");
    process.chdir("services/other");
    const other = await reportOf();
    expect(other.settings).toMatch(/[^t]\/fuse-triage\.yaml$/);
    expect(idsOf(other)).not.toContain(BUNDLED);
    expect(other.minSharePct).toBe(5);
    // What is said goes before what is written.
    expect((await reportOf("--min-share", "2")).minSharePct).toBe(2);
    expect(idsOf(await reportOf("--no-config"))).toContain(BUNDLED);
    expect(await reportOf("--no-config")).not.toHaveProperty("settings");
    const { out } = await triageHere("triage", EXAMPLE);
    expect(out).toContain("settings of ");
  });

  test("is not looked for above the repository", async () => {
    at({ "fuse-triage.yaml": "cuts: { minShare: 9 }\n", "repo/.git/HEAD": "" }, "repo/a");
    expect((await reportOf()).minSharePct).toBe(1);
  });

  test("may bring a policy and GPUs", async () => {
    const policy = readFileSync(join(RULES, "policy/fuse.yaml"), "utf8");
    const gpus = readFileSync(join(HOME, "references/gpus.yaml"), "utf8");
    at(
      {
        "fuse-triage.yaml": "policy: own\nmachines: own/gpus.yaml\n",
        "own/policy/fuse.yaml": policy.replace(
          /^gates:/m,
          "gates:\n  - name: acme-gate\n    when: { all: [] }",
        ),
        "own/gpus.yaml": gpus.replace("id: h100-sxm", "id: acme-gpu"),
      },
      ".",
    );
    const { err } = await triageHere("triage", EXAMPLE, "--gpu", "no-such");
    expect(err).toContain("acme-gpu");
    const gate = await triageHere("triage", EXAMPLE, "--fail-on", "no-such-gate");
    expect(gate.code).toBe(2);
  });

  test.each([
    ["rulez: [a]\n", "1:1", "'rulez' is no setting; did you mean 'rules'?"],
    ["cuts:\n  minshare: 3\n", "2:3", "'minshare' is no setting of cuts; did you mean 'minShare'?"],
    ["rules:\n  over: [a]\n  extra: 1\n", "3:3", "'extra' is no setting of rules"],
    ["cuts: { minShare: 300 }\n", "1:", "cuts.minShare must be <= 100"],
    ["rules: team\n", "1:8", "rules must be"],
    ["rules: [", "1:", ""],
  ])("%j is told with its place", async (text, place, words) => {
    at({ "fuse-triage.yaml": text }, ".");
    const { code, err } = await triageHere("triage", EXAMPLE);
    expect(code).toBe(2);
    expect(err).toContain("settings/invalid");
    expect(err).toContain(`fuse-triage.yaml:${place}`);
    expect(err).toContain(words);
  });

  test("that is a folder, or names rules that are not there, is told", async () => {
    at({ "fuse-triage.yaml/x": "" }, ".");
    expect((await triageHere("triage", EXAMPLE)).err).toContain("settings/unreadable");
    at({ "fuse-triage.yaml": "rules: [nowhere]\n" }, ".");
    const { code, err } = await triageHere("triage", EXAMPLE);
    expect(code).toBe(4);
    expect(err).toContain("nowhere");
  });

  test("holds for the rules too", async () => {
    const root = at({ ...TEAM, "fuse-triage.yaml": "rules: [team]\n" }, ".");
    mkdirSync(dirname(join(root, "x/y")), { recursive: true });
    writeFileSync(join(root, "x/z"), "");
    expect((await runRulesCommand("test")).out).toBe("1 of 1 tests of 1 rule pass\n");
  });
});
