import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { verifyReleases } from "../../../src/commands/rules/release.ts";
import { loadRules } from "../../../src/dsl/load-rules.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const rule = (id: string, sources: readonly string[]) => `fuse 1

rule ${id} : fusion {
  title "${id}"
  status mainline
  ${sources.map((source) => `source sglang ${source}`).join("\n  ")}
  active kernels
  let kernels = name "*kernel*"
}
`;

const FILES = {
  "fuse/sglang/stays.fuse": rule("stays", ['"python/sglang/norm.py#stays"']),
  "fuse/sglang/moves.fuse": rule("moves", ['"python/sglang/norm.py#moves"']),
  "fuse/sglang/retired.fuse": rule("retired", [
    '"python/sglang/norm.py#retired"',
    '"python/sglang/jit/csrc/gone.cuh#gone_kernel"',
  ]),
  "fuse/sglang/built.fuse": rule("built", ['"sgl-kernel/aot/csrc/built.cu#built_kernel"']),
  "fuse/sglang/said.fuse": rule("said", ['until "0.5.1" "python/sglang/norm.py#retired"']),
  "sources.lock.yaml": `repos:
  sglang: { url: "https://github.com/sgl-project/sglang", commit: "${"a".repeat(40)}" }
`,
};

/** What the wheel of a release unpacks to: no folder `python`, and sources of C++ that are built only left out. */
const WHEEL = {
  "sglang/norm.py": "def stays(): pass\n",
  "sglang/deep/er.py": "def moves(): pass\n",
  "sglang/jit/csrc/other.cuh": "__global__ void other_kernel(int* x) {}\n",
};

let root: string;
beforeEach(() => {
  root = temporaryFolder(FILES);
});

const verify = () =>
  verifyReleases(
    root,
    new Map([["sglang", "0.5.23"]]),
    new Map([["sglang", temporaryFolder(WHEEL)]]),
  );

test("a release is told place by place; what a wheel leaves out is not called gone", async () => {
  const { releases, isCurrent } = await verify();
  const said = [...releases[0]!.places].map(([key, { state, at }]) => [key, state, at]);
  expect(said.sort()).toEqual([
    ["python/sglang/jit/csrc/gone.cuh#gone_kernel", "gone", null],
    ["python/sglang/norm.py#moves", "moved", "python/sglang/deep/er.py"],
    ["python/sglang/norm.py#retired", "gone", null],
    ["python/sglang/norm.py#stays", "ok", null],
    ["sgl-kernel/aot/csrc/built.cu#built_kernel", "unseen", null],
  ]);
  expect(releases[0]!.lost).toEqual(["retired", "said"]);
  expect(isCurrent).toBe(false);
});

test("rules are compiled with what the lock of releases says; a rule's own word stands", async () => {
  const { updated, file } = await verify();
  expect(file).toBe(join(root, "releases.tsv"));
  root = temporaryFolder({ ...FILES, "releases.tsv": updated });
  const { ruleSet } = await loadRules(root);
  const versions = Object.fromEntries(
    ruleSet.rules.map(({ id, sources }) => [
      id,
      sources.map((one) => [one.versions?.until ?? null, one.versions?.found[0]?.url ?? null]),
    ]),
  );
  const url = "https://github.com/sgl-project/sglang/blob/v0.5.23/python/sglang";
  expect(versions).toEqual({
    stays: [[null, `${url}/norm.py`]],
    moves: [[null, `${url}/deep/er.py`]],
    retired: [
      ["0.5.23", null],
      ["0.5.23", null],
    ],
    built: [[null, null]],
    said: [["0.5.1", null]],
  });
  const again = await verify();
  expect(again.isCurrent).toBe(true);
  expect(again.updated).toBe(readFileSync(join(root, "releases.tsv"), "utf8"));
});

test("a later release that has it again takes the end back", async () => {
  const { updated } = await verify();
  const later = updated.replace(
    /(sglang)\t0\.5\.23\t(python\/sglang\/norm\.py#retired)\tgone\t/,
    "$&\n$1\t0.5.24\t$2\tok\t",
  );
  const { ruleSet } = await loadRules(temporaryFolder({ ...FILES, "releases.tsv": later }));
  const retired = ruleSet.rules.find(({ id }) => id === "retired")!;
  expect(retired.sources.map(({ versions }) => versions?.until ?? null)).toEqual([null, "0.5.23"]);
});
