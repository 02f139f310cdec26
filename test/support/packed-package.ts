import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** The package as npm packs it, unpacked below `root`; returns its folder. */
export function packedInto(root: string): string {
  // Scripts print to the same place; there is nothing to build here.
  const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", root];
  const packed = execFileSync("npm", args, {
    stdio: ["ignore", "pipe", "ignore"],
    encoding: "utf8",
  });
  const [{ filename }] = JSON.parse(packed);
  execFileSync("tar", ["-xzf", join(root, filename), "-C", root]);
  return join(root, "package");
}
