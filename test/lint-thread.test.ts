import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Diagnostic } from "../src/model/diagnostic.ts";
import { runRulesCommand } from "./cli/run-rules-command.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";

const BUILT = "dist/cli/rules.js";
const BASE = "test/dsl/checks/base";

/** Sound rules, and one with a test that fails. */
function rulesWithFailure(): string {
  const read = (path: string) => readFileSync(`${BASE}/${path}`, "utf8");
  return temporaryFolder({
    "lib/norm.fuse": read("lib/norm.fuse"),
    "fuse/vllm/add-norm.fuse": read("fuse/vllm/add-norm.fuse").replace("2 times\n", "3 times\n"),
    "sources.lock.yaml": read("sources.lock.yaml"),
  });
}

test.skipIf(!existsSync(BUILT))(
  "the built program, which runs tests in a thread, finds what the sources find (needs npm run build)",
  async () => {
    const args = ["lint", "--format", "json", "--rules", rulesWithFailure()];
    const built = spawnSync(process.execPath, [BUILT, ...args], { encoding: "utf8" });
    const { code, out } = await runRulesCommand(...args);
    const { diagnostics } = JSON.parse(out) as { diagnostics: Diagnostic[] };
    expect(diagnostics.map((it) => it.code)).toEqual(["F044"]);
    expect({ code: built.status, out: built.stdout }).toEqual({ code, out });
  },
);
