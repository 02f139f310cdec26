import { copyFileSync, cpSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { isOlder } from "../../src/cli/process/start.ts";
import { EXIT } from "../../src/model/errors.ts";
import { builtCommand, runCommand } from "../support/built-cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const TRIAGE = builtCommand("triage");

test.each([
  ["20.18.3", "20.19", true],
  ["20.19.0", "20.19", false],
  ["22.0.0", "20.19", false],
  ["9.99.9", "20.19", true],
  ["20.19", "20.19", false],
])("is %s older than %s: %s", (version, oldest, answer) => {
  expect(isOlder(version, oldest)).toBe(answer);
});

/** A module that makes this Node say that it is another one. */
function pretending(version: string): string {
  const text = `Object.defineProperty(process.versions, "node", { value: "${version}" });`;
  return join(temporaryFolder({ "pretend.cjs": text }), "pretend.cjs");
}

test.each(["triage", "rules", "fuse-triage"])("%s tells an old Node so", (name) => {
  const NODE_OPTIONS = `--require ${pretending("18.20.4")}`;
  const { code, out, err } = runCommand(resolve(TRIAGE, "..", `${name}.js`), ["x"], {
    NODE_OPTIONS,
  });
  expect({ code, out }).toEqual({ code: EXIT.noNode, out: "" });
  expect(err).toMatch(
    /^error: This is Node 18\.20\.4; fuse-triage needs 20\.19 or later\.\n {2}at /,
  );
  expect(err).toContain("\n  do: Install Node 20.19");
  expect(err).toContain("(node/too-old)");
});

test("a package with a file missing ends as our fault, not as a failed gate", () => {
  const root = temporaryFolder({});
  cpSync(resolve(TRIAGE, "../.."), join(root, "dist"), { recursive: true });
  copyFileSync("package.json", join(root, "package.json"));
  for (const name of readdirSync(join(root, "dist/chunks")))
    if (name.startsWith("main-")) rmSync(join(root, "dist/chunks", name));
  const { code, err } = runCommand(join(root, "dist/cli/triage.js"), ["--version"]);
  expect(code).toBe(EXIT.internal);
  expect(err).toContain("(package/broken)");
});

test("errors are told as JSON to a program that asks", () => {
  const { code, err } = runCommand(TRIAGE, ["no-such-trace"], { FUSE_TRIAGE_ERRORS: "json" });
  expect(JSON.parse(err)).toEqual({
    error: {
      code: "trace/no-such-path",
      exit: EXIT.unreadable,
      message: "no-such-trace does not exist.",
      place: "no-such-trace",
      hint: expect.any(String),
    },
  });
  expect(code).toBe(EXIT.unreadable);
});

test("failed gates are told as JSON to a program that asks", () => {
  const args = ["examples/sglang-tp2-decode", "--fail-on", "mainline-split>0%"];
  const { code, err } = runCommand(TRIAGE, args, { FUSE_TRIAGE_ERRORS: "json" });
  expect(code).toBe(EXIT.gateFailed);
  expect(JSON.parse(err)).toEqual({ failed: { kind: "gate", words: expect.any(String) } });
});
