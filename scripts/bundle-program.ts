import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type BuildResult, build, type Plugin } from "esbuild";
import { fingerprintOfSources } from "../src/dsl/compiler-fingerprint.ts";

/**
 * Bundles modules for Node, each to its place below `outdir` as it has below `base`. Few files
 * start faster than many; what only some commands need is in chunks of its own. All libraries go
 * in: the folder runs wherever a Node is, also where no npm ever was.
 */
export function bundleProgram(
  modules: readonly string[],
  base: string,
  outdir: string,
): Promise<BuildResult<{ metafile: true }>> {
  const { engines } = JSON.parse(readFileSync("package.json", "utf8"));
  return build({
    entryPoints: [...modules],
    outbase: base,
    outdir,
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    plugins: [CHEVROTAIN],
    // Some libraries are CommonJS and require modules of Node's.
    banner: { js: REQUIRE },
    // Its other build wants to require a module of Node's, which a bundle of ES modules cannot.
    alias: { "jsonpath-plus": "./node_modules/jsonpath-plus/dist/index-browser-esm.js" },
    define: {
      BUILT_FINGERPRINT: JSON.stringify(fingerprintOfSources()),
      OLDEST_NODE: JSON.stringify(engines.node.replace(">=", "")),
    },
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    logLevel: "warning",
  });
}

const REQUIRE =
  'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);';

/** The module that looks for chevrotain's one file at run time is that file in a bundle. */
const CHEVROTAIN: Plugin = {
  name: "chevrotain-from-its-one-file",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/chevrotain\.ts$/ }, () => ({
      path: resolve("node_modules/chevrotain/lib/chevrotain.mjs"),
      sideEffects: false,
    }));
  },
};
