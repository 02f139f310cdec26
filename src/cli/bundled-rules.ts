import { relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The rules that come with the package, relative to the working folder where that is shorter. */
export function bundledRules(): string {
  // src/cli and dist/cli lie equally deep.
  const path = fileURLToPath(new URL("../../rules", import.meta.url));
  const near = relative(process.cwd(), path);
  return near !== "" && near.length < path.length && !near.startsWith("..") ? near : path;
}
