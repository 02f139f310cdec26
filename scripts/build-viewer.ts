/** Bundles the page of `--format html` into dist/viewer: one script and one style sheet, to be embedded. */
import { copyFileSync, mkdirSync } from "node:fs";
import { build } from "esbuild";

const OUT = "dist/viewer";

mkdirSync(OUT, { recursive: true });
await build({
  entryPoints: ["src/viewer/main.tsx", "src/viewer/page.css"],
  outdir: OUT,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022", "chrome110", "firefox110", "safari16"],
  jsx: "automatic",
  jsxImportSource: "preact",
  // One byte a letter and no line separators: safe in any page whatever its encoding.
  charset: "ascii",
  legalComments: "none",
  logLevel: "warning",
});
copyFileSync("node_modules/preact/LICENSE", `${OUT}/LICENSE.preact`);
copyFileSync("node_modules/d3-array/LICENSE", `${OUT}/LICENSE.d3-array`);
