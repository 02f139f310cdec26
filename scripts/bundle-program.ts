import { build } from "esbuild";
import { fingerprintOfSources } from "../src/dsl/compiler-fingerprint.ts";

/**
 * Bundles modules for Node, each to its place below `outdir` as it has below `base`. Few files
 * start faster than many; what only some commands need is in chunks of its own.
 */
export async function bundleProgram(
  modules: readonly string[],
  base: string,
  outdir: string,
): Promise<void> {
  await build({
    entryPoints: [...modules],
    outbase: base,
    outdir,
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    packages: "external",
    define: { BUILT_FINGERPRINT: JSON.stringify(fingerprintOfSources()) },
    sourcemap: true,
    sourcesContent: false,
    logLevel: "warning",
  });
}
