import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { packageFile } from "./package-files.ts";

/** The rules that come with the package, relative to the working folder where that is shorter. */
export function bundledRules(): string {
  const path = fileURLToPath(packageFile("rules"));
  const near = relative(process.cwd(), path);
  return near !== "" && near.length < path.length && !near.startsWith("..") ? near : path;
}
