import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Diagnostic } from "../../src/model/diagnostic.ts";
import { runRulesCommand } from "../cli/run-rules-command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const BUILT = "dist/cli/rules.js";
const BASE = "test/dsl/checks/base";

const read = (path: string) => readFileSync(`${BASE}/${path}`, "utf8");

/** Sound rules, one with a test that fails, beside such a source lock. */
const rulesWithFailure = (lock: Readonly<Record<string, string>>): string =>
  temporaryFolder({
    "lib/norm.fuse": read("lib/norm.fuse"),
    "fuse/vllm/add-norm.fuse": read("fuse/vllm/add-norm.fuse").replace("2 times\n", "3 times\n"),
    ...lock,
  });

const LOCK = "sources.lock.yaml";

test.skipIf(!existsSync(BUILT)).each([
  ["a sound lock", { [LOCK]: read(LOCK) }, ["failing-test"]],
  [
    "a lock that cannot be used",
    { [LOCK]: "repos: {vllm: {url: x}}\n" },
    ["failing-test", "source-lock", "source-lock"],
  ],
  ["no lock", {}, ["failing-test", "source-lock"]],
])(
  "the built program, which has a second thread, finds beside %s what the sources find (needs npm run build)",
  async (_, lock, codes) => {
    const args = ["lint", "--format", "json", "--rules-only", rulesWithFailure(lock)];
    const built = spawnSync(process.execPath, [BUILT, ...args], { encoding: "utf8" });
    const { code, out } = await runRulesCommand(...args);
    const { diagnostics } = JSON.parse(out) as { diagnostics: Diagnostic[] };
    expect(diagnostics.map((it) => it.code).sort()).toEqual(codes);
    expect({ code: built.status, out: built.stdout }).toEqual({ code, out });
  },
);
