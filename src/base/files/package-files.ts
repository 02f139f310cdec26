import { existsSync, readFileSync } from "node:fs";

/** Whether what is built runs, not the TypeScript sources, which a thread cannot load by itself. */
export const IS_BUILT = import.meta.url.endsWith(".js");

const ROOT = packageAround(new URL("./", import.meta.url));

/** A file or folder that comes with this package, by its path in it: "references/report.schema.json". */
export function packageFile(path: string): URL {
  return new URL(path, ROOT);
}

/** What such a file holds: what we ship ourselves needs no guard. */
export function packageBytes(path: string): Buffer {
  return readFileSync(packageFile(path));
}

export function packageText(path: string): string {
  return packageBytes(path).toString("utf8");
}

/**
 * The nearest folder upwards with a package.json: what Node itself takes for the package of a
 * module, and the same for sources and bundles, however deep they lie.
 */
function packageAround(folder: URL): URL {
  const above = new URL("../", folder);
  const isFound = existsSync(new URL("package.json", folder)) || above.href === folder.href;
  return isFound ? folder : packageAround(above);
}
