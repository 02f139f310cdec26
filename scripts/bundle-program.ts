import { readFileSync } from "node:fs";
import { type BuildResult, build } from "esbuild";
import { fingerprintOfSources } from "../src/dsl/compiler-fingerprint.ts";

/**
 * Bundles modules for Node, each to its place below `outdir` as it has below `base`. Few files
 * start faster than many; what only some commands need is in chunks of its own. What the manifest
 * calls dependencies stays outside, what it calls devDependencies goes in.
 */
export function bundleProgram(
  modules: readonly string[],
  base: string,
  outdir: string,
): Promise<BuildResult<{ metafile: true }>> {
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
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
    external: Object.keys(dependencies),
    // Its other build wants to require a module of Node's, which a bundle of ES modules cannot.
    alias: { "jsonpath-plus": "./node_modules/jsonpath-plus/dist/index-browser-esm.js" },
    define: { BUILT_FINGERPRINT: JSON.stringify(fingerprintOfSources()) },
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    logLevel: "warning",
  });
}
