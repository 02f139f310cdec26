import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadRules } from "../../src/dsl/load-rules.ts";
import { loadRulesFast, readPack, writePack } from "../../src/dsl/pack.ts";

const FIXTURE = "test/dsl/fixtures/rules";

let dir = "";
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "fuse-rules-"));
  cpSync(FIXTURE, join(dir, "rules"), { recursive: true });
});
afterAll(() => rmSync(dir, { recursive: true }));

test("five rules load with their classes, vocabulary, sources and 22 tests", async () => {
  const { ruleSet, diagnostics, files } = await loadRules(FIXTURE);
  expect(diagnostics).toEqual([]);
  expect(files).toHaveLength(10);
  expect(ruleSet.rules.map(({ id, origin, tests }) => [id, origin, tests.length])).toEqual([
    ["add-rmsnorm", "flashinfer", 4],
    ["add-rmsnorm-token-quant", "sglang", 3],
    ["qknorm-rope-kvstore", "sglang", 7],
    ["shared-expert-dual-stream", "sglang", 4],
    ["tp-allreduce-add-rmsnorm", "sglang", 4],
  ]);
  expect(ruleSet.categories.map(({ id }) => id)).toEqual(["communication", "moe-gemm", "gemm"]);
  expect(ruleSet.rules[0]!.sources[0]).toMatchObject({
    url: `https://github.com/flashinfer-ai/flashinfer/blob/${"1".repeat(40)}/include/flashinfer/norm.cuh`,
    verified: true,
  });
  expect(ruleSet.rules[1]!.sources[0]).toMatchObject({
    url: "https://github.com/sgl-project/sglang/pull/28101",
    pr: "sgl-project/sglang#28101",
    verified: true,
  });
});

test("the rule set is plain data and says the same wherever the rules lie", async () => {
  const here = await loadRules(FIXTURE);
  const there = await loadRules(`${join(dir, "rules")}/`);
  expect(JSON.parse(JSON.stringify(here.ruleSet))).toEqual(here.ruleSet);
  expect({ ...there.ruleSet, path: "" }).toEqual({ ...here.ruleSet, path: "" });
});

test("a broken file is reported under its full name, the others load", async () => {
  const root = join(dir, "broken");
  cpSync(FIXTURE, root, { recursive: true });
  writeFileSync(join(root, "lib/comm.fuse"), 'fuse 1\nlet all_reduce = nmae "x"\n');
  const { ruleSet, diagnostics } = await loadRules(root);
  expect(diagnostics.map(({ file, message }) => [file.slice(root.length), message])).toEqual([
    ["/fuse/sglang/tp-allreduce-add-rmsnorm.fuse", "no class is called `comm.all_reduce_norm`"],
    [
      "/fuse/sglang/tp-allreduce-add-rmsnorm.fuse",
      "class `comm.all_reduce` has an error of its own",
    ],
    ["/fuse/sglang/tp-allreduce-add-rmsnorm.fuse", "no class is called `comm.all_reduce_norm`"],
    ["/lib/comm.fuse", "kernels have no field `nmae`"],
  ]);
  expect(ruleSet.rules).toHaveLength(4);
});

test("no directory and no rules are the user's error, with a hint", async () => {
  await expect(loadRules(join(dir, "nowhere"))).rejects.toMatchObject({
    name: "TriageError",
    code: "rules/unreadable",
    exit: 4,
  });
  await expect(loadRules("src/model")).rejects.toThrow("holds no .fuse file");
});

test("a missing or wrong source lock is reported and the rules still load", async () => {
  const root = join(dir, "lockless");
  cpSync(FIXTURE, root, { recursive: true });
  writeFileSync(join(root, "sources.lock.yaml"), "repos: 1\n");
  const wrong = await loadRules(root);
  expect(wrong.diagnostics).toMatchObject([{ code: "source-lock", severity: "error" }]);
  expect(wrong.ruleSet.rules).toHaveLength(5);
  rmSync(join(root, "sources.lock.yaml"));
  const missing = await loadRules(root);
  expect(missing.diagnostics).toMatchObject([{ code: "source-lock", severity: "warning" }]);
  expect(missing.ruleSet.rules[0]!.sources[0]).toMatchObject({ url: "", verified: false });
});

test("a pack stands in for exactly the texts it was made from", async () => {
  const root = join(dir, "rules");
  const pack = join(dir, "rules.pack");
  const loaded = await loadRules(root);
  expect((await loadRulesFast(root, pack)).from).toBe("texts");
  await writePack(loaded, pack);
  const fast = await loadRulesFast(root, pack);
  expect(fast.from).toBe("pack");
  const untested = loaded.ruleSet.rules.map((rule) => ({ ...rule, tests: [] }));
  expect(fast.ruleSet).toEqual({ ...loaded.ruleSet, rules: untested });

  const [head, body] = readFileSync(pack, "utf8").split("\n") as [string, string];
  const { digest } = loaded.ruleSet;
  const readAltered = (text: string) => {
    const altered = join(dir, "altered.pack");
    writeFileSync(altered, text);
    return readPack(altered, digest);
  };
  expect(await readAltered(`${head}\n${body}\n`)).not.toBeNull();
  expect(await readAltered(`${head}\n${body.replace("add-rmsnorm", "add-rmsnarm")}\n`)).toBeNull();
  expect(await readAltered(`${head}\n${body}`)).toBeNull();
  expect(
    await readAltered(`${head.replace(/"compiler":"./, '"compiler":"x')}\n${body}\n`),
  ).toBeNull();
  expect(await readAltered("{}")).toBeNull();
  expect(readPack(pack, `${digest.slice(1)}0`)).toBeNull();

  const edited = join(root, "lib/norm.fuse");
  writeFileSync(edited, `${readFileSync(edited, "utf8")}\n// edited\n`);
  expect((await loadRulesFast(root, pack)).from).toBe("texts");
});

test("a pack with right digests and anything else in it is no pack", async () => {
  const { ruleSet } = await loadRules(join(dir, "rules"));
  const pack = join(dir, "forged.pack");
  await writePack({ ruleSet, diagnostics: [] }, pack);
  const header = JSON.parse(readFileSync(pack, "utf8").split("\n")[0]!);
  for (const body of [
    "{}",
    "[]",
    "7",
    '{"__proto__": {"rules": []}}',
    '{"rules": {}}',
    "not JSON",
  ]) {
    const sha256 = createHash("sha256").update(body).digest("hex");
    writeFileSync(pack, `${JSON.stringify({ ...header, sha256 })}\n${body}\n`);
    expect([body, readPack(pack, ruleSet.digest)]).toEqual([body, null]);
  }
  expect(readPack("/dev/zero", ruleSet.digest)).toBeNull();
});

test("a directory or a pipe named like a rule, and a rule of a megabyte, are told", async () => {
  for (const [name, spoil] of Object.entries({
    "device.fuse": (path: string) => symlinkSync("/dev/zero", path),
    "folder.fuse": (path: string) => mkdirSync(path),
    "pipe.fuse": (path: string) => execFileSync("mkfifo", [path]),
    "large.fuse": (path: string) => writeFileSync(path, "x".repeat(2 << 20)),
  })) {
    const root = join(dir, `odd-${name}`);
    mkdirSync(root);
    writeFileSync(join(root, "good.fuse"), "edition 1\n");
    spoil(join(root, name));
    await expect(loadRules(root)).rejects.toMatchObject({
      code: "rules/unreadable",
      exit: 4,
      message: expect.stringMatching(/\.fuse is (no file|larger than 1048576 bytes)$/),
    });
  }
});

test("rules with remarks are not packed", async () => {
  const { ruleSet, diagnostics } = await loadRules(join(dir, "broken"));
  await expect(writePack({ ruleSet, diagnostics }, join(dir, "x.pack"))).rejects.toMatchObject({
    code: "rules/not-clean",
  });
});
