/** Bundles the client of the VS Code extension; the server is the `rules` program of the workspace. */
import { build } from "esbuild";

await build({
  entryPoints: ["editors/vscode/src/extension.ts"],
  outfile: "editors/vscode/dist/extension.cjs",
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node18",
  external: ["vscode"],
  legalComments: "none",
  logLevel: "warning",
});
