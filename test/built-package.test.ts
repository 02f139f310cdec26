import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { loadRulesFast } from "../src/dsl/pack.ts";
import { builtCommand, runCommand } from "./support/built-cli.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";

const TRIAGE = builtCommand("triage");
const EXAMPLE = resolve("examples/tokenspeed");

test("what the manifest names is built", () => {
  const { bin, exports } = JSON.parse(readFileSync("package.json", "utf8"));
  const named: string[] = [...Object.values(bin), ...Object.values(exports["."])] as string[];
  expect(named.filter((path) => !existsSync(path))).toEqual([]);
});

test("a command called through a link, as npm makes them, finds the package's own files", () => {
  const link = join(temporaryFolder({}), "triage");
  symlinkSync(resolve(TRIAGE), link);
  const { code, out, err } = runCommand(link, [EXAMPLE, "--format", "html", "--output", "-"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toContain("<!doctype html>");
});

test("what the manifest packs is enough, wherever it lies", () => {
  const { files } = JSON.parse(readFileSync("package.json", "utf8")) as { files: string[] };
  const root = join(temporaryFolder({}), "deep", "down");
  for (const name of ["package.json", ...files.filter((name) => name !== "examples")])
    cpSync(name, join(root, name), { recursive: true });
  symlinkSync(resolve("node_modules"), join(root, "node_modules"));
  for (const format of ["json", "html"]) {
    const args = [EXAMPLE, "--rules", "rules", "--format", format];
    expect(runCommand(join(root, "dist/cli/triage.js"), args)).toEqual(runCommand(TRIAGE, args));
  }
});

test("the library can be imported", async () => {
  const library = await import(pathToFileURL(resolve("dist/index.js")).href);
  expect(Object.keys(library).sort()).toEqual([
    "DEFAULT_ANALYZE_OPTIONS",
    "FORMATS",
    "TriageError",
    "analyze",
  ]);
});

test("sources and bundle take each other for the same compiler of rules", async () => {
  expect((await loadRulesFast("rules", "rules/.rules-pack.json")).from).toBe("pack");
});

test("a report loads few files, and no library that it does not need", () => {
  const coverage = temporaryFolder({});
  runCommand(TRIAGE, [EXAMPLE], { NODE_V8_COVERAGE: coverage });
  const [file = ""] = readdirSync(coverage);
  const { result } = JSON.parse(readFileSync(join(coverage, file), "utf8"));
  const loaded = (result as { url: string }[]).map(({ url }) => url);
  expect(loaded.filter((url) => url.includes("/dist/chunks/")).length).toBeLessThan(60);
  expect(loaded.filter((url) => /node_modules\/(ajv|chevrotain|yaml|stream)/.test(url))).toEqual(
    [],
  );
});
