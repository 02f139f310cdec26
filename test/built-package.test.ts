import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join, normalize, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { loadRulesFast } from "../src/dsl/pack.ts";
import { builtCommand, runCommand } from "./support/built-cli.ts";
import { packedInto } from "./support/packed-package.ts";
import { temporaryFolder, temporaryFolderForAll } from "./support/temporary-folder.ts";

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

describe("the package that npm packs", () => {
  const folder = temporaryFolderForAll();
  let root: string;
  beforeAll(() => {
    root = packedInto(folder());
  });
  const cli = (name: string): string => join(root, "dist/cli", `${name}.js`);

  test("needs no other package, wherever it lies", () => {
    for (const format of ["json", "html"]) {
      const args = [EXAMPLE, "--rules", "rules", "--format", format];
      const { code, out, err } = runCommand(cli("triage"), args);
      const { err: _, ...ours } = runCommand(TRIAGE, args);
      expect({ code, out }).toEqual(ours);
      // These rules are not the ones it brings, and it says which count.
      expect(err).toMatch(/^note: the rules in rules .*take the place of the bundled ones\n$/);
    }
  });

  const BUDGET = ["--budget", "decode.gpuTime<=+2%"];
  test.each([
    ["triage", ["diff", EXAMPLE, EXAMPLE, ...BUDGET]],
    ["triage", ["ranks", resolve("examples/sglang-tp2-decode")]],
    ["triage", ["triage", EXAMPLE, "--reader", "reference"]],
    ["rules", ["lint", "fi-allreduce-rmsnorm-fp8-quant", "--no-color"]],
    ["rules", ["test", "fi-allreduce-rmsnorm-fp8-quant"]],
    ["rules", ["list"]],
    ["fuse-triage", ["rules", "list"]],
    ["fuse-triage", [EXAMPLE]],
  ])("runs %s %j", (name, args) => {
    const { code, err } = runCommand(cli(name), args);
    expect({ code, err }).toEqual({ code: 0, err: "" });
  });

  test("compares stored reports, which needs the schema and its reader", () => {
    const report = join(folder(), "report.json");
    runCommand(cli("triage"), [EXAMPLE, "-f", "json", "--min-share", "0", "-o", report]);
    expect(runCommand(cli("triage"), ["diff", report, report])).toMatchObject({ code: 0, err: "" });
  });

  test("holds its licence, its changes, and the licence of all that is bundled", () => {
    expect(["LICENSE", "CHANGELOG.md"].filter((name) => !existsSync(join(root, name)))).toEqual([]);
    const licences = readdirSync(join(root, "dist/licences"));
    for (const name of ["ajv", "chevrotain", "lodash-es", "yaml", "preact", "assemblyscript"])
      expect(licences).toContain(`${name}.txt`);
  });

  test("has no source maps, which nothing reads there", () => {
    const files = readdirSync(join(root, "dist"), { recursive: true, encoding: "utf8" });
    expect(files.filter((name) => name.endsWith(".map"))).toEqual([]);
  });

  test("pages that the README leads to are there, with all that they link to", () => {
    const missing: string[] = [];
    const seen = new Set<string>();
    const follow = (page: string): void => {
      if (seen.has(page)) return;
      seen.add(page);
      const text = readFileSync(join(root, page), "utf8").replace(/```[\s\S]*?```/g, "");
      for (const [, target = ""] of text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        const to = normalize(join(dirname(page), target));
        if (!existsSync(join(root, to))) missing.push(`${page}: ${target}`);
        else if (to.endsWith(".md")) follow(to);
      }
    };
    follow("README.md");
    expect(missing).toEqual([]);
    expect(seen.size).toBeGreaterThan(10);
  });
});

test("the library can be imported", async () => {
  const library = await import(pathToFileURL(resolve("dist/index.js")).href);
  expect(Object.keys(library).sort()).toEqual([
    "TriageError",
    "diff",
    "explain",
    "ranks",
    "render",
    "renderPerfetto",
    "triage",
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
  const chunks = loaded.filter((url) => url.includes("/dist/chunks/"));
  expect(chunks.length).toBeLessThan(90);
  expect(loaded.filter((url) => url.includes("/node_modules/"))).toEqual([]);
  // The bundler writes above each module where it comes from.
  const heavy = chunks.filter((url) =>
    /^\/\/ node_modules\/(ajv|chevrotain|yaml|stream-json|cli-progress)\//m.test(
      readFileSync(fileURLToPath(url), "utf8"),
    ),
  );
  expect(heavy).toEqual([]);
});
