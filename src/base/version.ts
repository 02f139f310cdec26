import { packageText } from "./files/package-files.ts";

/** Name and version of this package, as the reports carry them. */
export function toolVersion(): { readonly name: string; readonly version: string } {
  const { name, version } = JSON.parse(packageText("package.json")) as {
    name: string;
    version: string;
  };
  return { name, version };
}
