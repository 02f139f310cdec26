/** Bundles the two commands and the library into dist, and the page of `--format html` into dist/viewer. */
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type BuildResult, build } from "esbuild";
import { parseMachines } from "../src/engine/machines/parse-machines.ts";
import { bundleProgram } from "./bundle-program.ts";
import { copyLicence, copyLicences } from "./copy-licences.ts";

/** The library, the commands, and what they start in threads. */
const MODULES = [
  "src/index.ts",
  "src/cli/triage.ts",
  "src/cli/rules.ts",
  "src/cli/fuse-triage.ts",
  "src/threads/run-worker.ts",
  "src/threads/lint-worker.ts",
];

// Chunks are named by their contents: those of an earlier build would stay.
rmSync("dist", { recursive: true, force: true });
const bundles = await Promise.all([bundleProgram(MODULES, "src", "dist"), bundleViewer()]);
cpSync("src/ingest/scan.wasm", "dist/scan.wasm");
for (const { metafile } of bundles) copyLicences(metafile, "dist/licences");
// Its compiler puts parts of its own library into the scanner.
copyLicence("assemblyscript", "dist/licences");
// Read as data by what is built: a report needs neither YAML reader nor schema.
writeFileSync(
  "dist/gpus.json",
  JSON.stringify(
    parseMachines(readFileSync("references/gpus.yaml", "utf8"), "references/gpus.yaml"),
  ),
);

/** One script and one style sheet, to be embedded. */
function bundleViewer(): Promise<BuildResult<{ metafile: true }>> {
  return build({
    entryPoints: ["src/viewer/main.tsx", "src/viewer/page.css"],
    outdir: "dist/viewer",
    bundle: true,
    minify: true,
    format: "iife",
    target: ["es2022", "chrome110", "firefox110", "safari16"],
    jsx: "automatic",
    jsxImportSource: "preact",
    // One byte a letter and no line separators: safe in any page whatever its encoding.
    charset: "ascii",
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
  });
}
